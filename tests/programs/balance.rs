//! What must hold when a program has ended: nothing lost, nothing twice, everything home, and the pools as good as new.

use crate::Report;
use crate::buffers::find_other;
use crate::expected::Runs;
use crate::parallel::Run;
use crate::pools::{Config, End, HookCalls, LINE_BYTES};
use std::sync::Arc;
use std::sync::PoisonError;
use std::sync::atomic::Ordering::{Relaxed, SeqCst};
use std::thread;
use std::time::{Duration, Instant};
use zp::{BufferPool, Pool};

/// How long counters may take to agree after everything has ended.
const PATIENCE: Duration = Duration::from_secs(20);

/// # Panics
/// If the balance does not come out even.
pub fn draw(run: Arc<Run>, calls: &[Arc<HookCalls>], config: &Config) -> Report {
    let mut run = owned_again(run);
    check_complaints(&run);
    check_runs(&run);
    for (name, pool) in buffer_pools(&run) {
        // Immediately: a buffer is home before anybody hears that its task has ended.
        assert_eq!(
            pool.stats().bytes_in_flight(),
            0,
            "{name}: {}",
            pool.stats()
        );
        check_wiped(name, &pool);
    }
    run.pools.iter().for_each(check_usable);
    let tasks = run.pools.iter().map(check_stats).sum();
    for (at, pool) in std::mem::take(&mut run.pools).into_iter().enumerate() {
        end(pool, config.end, &run);
        let calls = &calls[at];
        let counts = (calls.started.load(SeqCst), calls.exited.load(SeqCst));
        let workers = config.pools[at].workers;
        assert_eq!(counts, (workers, workers), "threads started and ended");
    }
    let buffers = buffer_pools(&run)
        .iter()
        .map(|(_, pool)| pool.stats().returns())
        .sum();
    let caps = [None, config.capped.max_bytes, Some(LINE_BYTES)];
    for ((name, pool), cap) in buffer_pools(&run).into_iter().zip(caps) {
        check_given_back(name, &pool, cap);
    }
    check_complaints(&run);
    run.ledger.assert_balanced();
    assert_eq!(Arc::strong_count(&run.ledger), 1, "somebody holds a value");
    Report {
        nodes: run.program.nodes.len(),
        tasks,
        tokens: run.ledger.made(),
        panics: run.panics.load(Relaxed),
        buffers,
    }
}

fn buffer_pools(run: &Run) -> [(&'static str, BufferPool); 3] {
    [
        ("open", run.open.clone()),
        ("capped", run.capped.clone()),
        ("line", run.line.clone()),
    ]
}

/// When all owned tasks have ended, what they captured is gone.
fn owned_again(mut run: Arc<Run>) -> Run {
    // Tasks of one pool may be waiting to spawn some in the other.
    let rounds = if run.pools.len() == 1 { 1 } else { 1000 };
    for round in 1..=rounds {
        run.pools.iter().for_each(Pool::wait_idle);
        match Arc::try_unwrap(run) {
            Ok(run) => return run,
            Err(shared) => {
                assert!(round < rounds, "a pool was idle before its tasks had ended");
                run = shared;
                thread::sleep(Duration::from_millis(1));
            }
        }
    }
    unreachable!("the last round returns or panics")
}

fn check_complaints(run: &Run) {
    let complaints = run.reports.complaints.lock();
    let complaints = complaints.unwrap_or_else(PoisonError::into_inner);
    assert!(complaints.is_empty(), "{complaints:#?}");
}

/// Every task ended once, every uncollected panic was reported once.
fn check_runs(run: &Run) {
    for (id, (begun, &runs)) in run.begun.iter().zip(&run.expected.runs).enumerate() {
        let begun = begun.load(Relaxed);
        let is_right = match runs {
            Runs::Once => begun == 1,
            Runs::AtMostOnce => begun <= 1,
            Runs::Never => begun == 0,
        };
        assert!(is_right, "node {id} ran {begun} times, expected {runs:?}");
    }
    let handled = run.reports.handled.lock();
    let mut handled = handled.unwrap_or_else(PoisonError::into_inner).clone();
    for ids in &run.expected.handled {
        let found = handled.iter().position(|id| ids.contains(id));
        let found = found.unwrap_or_else(|| panic!("no handler has heard of a panic of {ids:?}"));
        handled.swap_remove(found);
    }
}

/// Nothing of a former holder is to be seen, up to the end of what can be seen.
fn check_wiped(name: &str, pool: &BufferPool) {
    for len in [1, 60, 300, 2000, 4096, 12_000, 50_000, 150_000, 300_000] {
        let mut held = Vec::new();
        while held.len() < 3
            && let Ok(mut buf) = pool.try_get(len)
        {
            buf.resize(buf.capacity());
            let dirty = find_other(&buf, 0);
            assert_eq!(dirty, None, "{name}: a byte of {len} was left");
            held.push(buf);
        }
    }
}

fn check_usable(pool: &Pool) {
    let (a, b) = pool.install(|| zp::join!(1, zp::scope(|s| s.spawn(|| 2).join())));
    assert_eq!(a + b, 3);
    assert_eq!(
        pool.spawn(|| 4).wait().ok(),
        Some(4),
        "an idle pool runs a task"
    );
    assert_eq!(
        pool.broadcast(|_| 1).into_iter().sum::<usize>(),
        pool.workers()
    );
}

/// Returns how many tasks there were.
fn check_stats(pool: &Pool) -> u64 {
    let deadline = Instant::now() + PATIENCE;
    loop {
        let stats = pool.stats();
        let total = stats.total();
        let agrees = total.spawned == total.executed + total.cancelled
            && total.tasks_stolen == total.tasks_taken
            && total.stolen == total.taken
            && total.taken <= total.offered
            && total.inline <= total.executed
            && total.panicked <= total.executed;
        if agrees {
            return total.executed + total.cancelled;
        }
        assert!(Instant::now() < deadline, "the counters disagree:\n{stats}");
        thread::sleep(Duration::from_micros(100));
    }
}

/// The pool ends with tasks pending; each of them has ended then.
fn end(pool: Pool, how: End, run: &Run) {
    let handles: Vec<_> = (0..20)
        .map(|n| {
            let arg = run.ledger.token();
            pool.spawn(move || {
                let _arg = arg;
                n
            })
        })
        .collect();
    match how {
        End::Drop => {}
        End::Shutdown => pool.shutdown(),
        End::ShutdownNow => pool.shutdown_now(),
    }
    drop(pool);
    for (n, handle) in handles.into_iter().enumerate() {
        assert!(handle.is_complete(), "the pool has ended, its task has not");
        match handle.wait() {
            Ok(value) => assert_eq!(value, n),
            Err(error) if error.is_cancelled() => assert_eq!(how, End::ShutdownNow),
            // The queue was full.
            Err(error) => assert!(error.is_rejected(), "{error}"),
        }
    }
}

fn check_given_back(name: &str, pool: &BufferPool, cap: Option<usize>) {
    pool.trim();
    let stats = pool.stats();
    let peak = stats.peak_bytes();
    assert!(cap.is_none_or(|cap| peak <= cap), "{name}: {stats}");
    assert_eq!(stats.bytes_mapped(), 0, "{name}: {stats}");
    assert!(stats.timeouts() <= stats.waits(), "{name}: {stats}");
}
