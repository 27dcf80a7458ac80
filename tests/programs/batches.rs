//! Batches of every kind, and sorts.

use crate::expected::{item, mix};
use crate::ledger::Token;
use crate::parallel::{Run, Value, attempt, eval, eval_caught};
use crate::program::{BatchKind, Id};
use std::panic::resume_unwind;
use std::sync::Arc;

/// What all items of a batch share.
#[derive(Clone, Copy)]
struct Shared<'a> {
    run: &'a Arc<Run>,
    id: Id,
    items: &'a [(usize, Id)],
}

impl Shared<'_> {
    fn child(&self, at: usize) -> Option<Id> {
        let found = self.items.binary_search_by_key(&at, |item| item.0);
        found.ok().map(|found| self.items[found].1)
    }

    fn plain(&self, at: usize) -> Value {
        self.run.value(item(self.id, at))
    }

    fn value(&self, at: usize) -> Value {
        match self.child(at) {
            Some(child) => eval(self.run, child),
            None => self.plain(at),
        }
    }

    fn caught(&self, at: usize) -> Value {
        match self.child(at) {
            Some(child) => eval_caught(self.run, child),
            None => self.plain(at),
        }
    }
}

#[zp::batch]
fn with_buffer(
    #[each] at: &usize,
    #[index] index: usize,
    shared: &Shared<'_>,
    #[buf(1 + at % 100)] scratch: &mut [u8],
) -> Value {
    if scratch.iter().any(|&byte| byte != 0) || index != *at {
        shared.run.complain("a lent buffer was not zero".to_owned());
    }
    scratch.fill(0xA5);
    shared.value(*at)
}

fn in_order(values: &[Value]) -> u64 {
    values.iter().fold(0, |sum, value| mix(sum, value.bits))
}

/// The items, and what the kind of batch makes of them.
pub(crate) fn batch(
    run: &Arc<Run>,
    id: Id,
    kind: BatchKind,
    len: usize,
    grain: Option<usize>,
    items: &[(usize, Id)],
) -> u64 {
    let shared = Shared { run, id, items };
    let positions: Vec<usize> = (0..len).collect();
    macro_rules! grained {
        ($batch:expr) => {{
            let batch = $batch;
            match grain {
                Some(grain) => batch.grain(grain),
                None => batch,
            }
        }};
    }
    let empty = || (0..len).map(|_| run.value(0)).collect::<Vec<_>>();
    let sum = match kind {
        BatchKind::Collect => {
            in_order(&grained!(zp::map(&positions, |&at| shared.value(at))).collect())
        }
        BatchKind::Each => {
            let mut values: Vec<(usize, Option<Value>)> = (0..len).map(|at| (at, None)).collect();
            grained!(zp::each(&mut values, |(at, value)| *value = Some(shared.value(*at)))).run();
            let values: Vec<Value> = values.into_iter().filter_map(|(_, value)| value).collect();
            in_order(&values)
        }
        BatchKind::WriteTo => {
            let mut values = empty();
            grained!(zp::times(len, |at| shared.value(at))).write_to(&mut values);
            in_order(&values)
        }
        BatchKind::Reduce => {
            let add = |a: Value, b: Value| run.value(a.bits.wrapping_add(b.bits));
            let map = grained!(zp::map(&positions, |&at| shared.value(at)));
            map.reduce(run.value(0), add).bits
        }
        BatchKind::Chunks => {
            let size = grain.unwrap_or(3).max(1);
            let values = |chunk: &[usize]| chunk.iter().map(|&at| shared.value(at)).collect();
            let chunks: Vec<Vec<Value>> = zp::chunks(&positions, size, values).collect();
            in_order(&chunks.into_iter().flatten().collect::<Vec<_>>())
        }
        BatchKind::Tasks => {
            let task = |at| {
                let arg = run.ledger.token();
                move || {
                    let _arg = arg;
                    shared.value(at)
                }
            };
            in_order(&grained!(zp::batch_of((0..len).map(task).collect())).collect())
        }
        BatchKind::TryCollect => {
            let map = grained!(zp::map(&positions, |&at| match shared.child(at) {
                Some(child) => attempt(run, child),
                None => Ok(shared.plain(at)),
            }));
            match map.try_collect() {
                Ok(values) => in_order(&values),
                Err(failed) => resume_unwind(Box::new(failed)),
            }
        }
        BatchKind::Macro => in_order(&grained!(with_buffer::over(&positions, &shared)).collect()),
        BatchKind::Spawned => {
            let mut values = empty();
            zp::scope(|s| {
                let batch = grained!(zp::times(len, |at| shared.value(at)));
                let handle = s.spawn_batch(batch.into_slots(&mut values));
                if handle.progress().done > len {
                    run.complain("a batch has done more than all".to_owned());
                }
                handle.join();
            });
            in_order(&values)
        }
        BatchKind::SpawnedDropped => {
            let mut values = empty();
            zp::scope(|s| {
                let batch = grained!(zp::times(len, |at| shared.value(at)));
                drop(s.spawn_batch(batch.into_slots(&mut values)));
            });
            in_order(&values)
        }
        BatchKind::Cancelled => {
            let mut values = empty();
            zp::scope(|s| {
                let batch = grained!(zp::times(len, |at| shared.caught(at)));
                let handle = s.spawn_batch(batch.into_slots(&mut values));
                handle.cancel();
                if let Err(error) = handle.wait()
                    && !error.is_cancelled()
                {
                    run.complain(format!("a cancelled batch: {error}"));
                }
            });
            len as u64
        }
    };
    mix(id as u64, sum)
}

/// Sorts what has to be dropped once; a comparison may panic, and then all of it is still there.
pub(crate) fn sort(run: &Arc<Run>, id: Id, len: usize, fails: bool) -> u64 {
    let mut values: Vec<(u64, usize, Token)> = (0..len)
        .map(|at| (item(id, at) % 64, at, run.ledger.token()))
        .collect();
    // Not at the first comparison, if there are many: some have been moved then.
    let at_last = item(id, len / 2) % 64;
    zp::sort_by(&mut values, |a, b| {
        if fails && (len < 8 || a.0 == at_last || b.0 == at_last) {
            run.fail(id);
        }
        a.0.cmp(&b.0)
    });
    if !values.is_sorted_by_key(|value| (value.0, value.1)) {
        run.complain(format!("{len} values are not sorted, or not in order"));
    }
    mix(id as u64, len as u64)
}
