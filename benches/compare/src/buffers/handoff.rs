//! One thread gets buffers, another one drops them.

use super::crew::{Crew, wait_until};
use super::lent::{Lent, ends, fill};
use super::source::{Job, Plan, Source, check};
use super::sources::{that_do_not_zero, that_zero};
use crate::contest::{Batch, Contest, Done, Entries, Place, Work};
use crate::group::{Kind, Needs, Row};
use crate::peers::{Pools, Role};
use std::cell::OnceCell;
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, Ordering::Acquire, Ordering::Release};

/// So many may be on their way.
const SLOTS: usize = 16;

/// Pools get seats for those on their way, the two in hand, and some more.
const SEATS: usize = 2 * SLOTS;

/// Little to write.
pub(super) const ZEROED_4K: Row = Row {
    name: "handoff-4k",
    shows: "one thread gets 4 KiB of zeroes and fills them, another one looks at them and drops them; at most 16 on their way",
    size: 4 << 10,
    tiny: 100,
    needs: Needs::Nothing,
    kind: Kind::Baseline,
    make: |pools, len| handoff::<true>(pools, len),
};

/// More to write.
pub(super) const ZEROED_64K: Row = Row {
    name: "handoff-64k",
    shows: "one thread gets 64 KiB of zeroes and fills them, another one looks at them and drops them; at most 16 on their way",
    size: 64 << 10,
    ..ZEROED_4K
};

/// Little to write, and no memsets.
pub(super) const DIRTY_4K: Row = Row {
    name: "handoff-4k-dirty",
    shows: "one thread gets 4 KiB that nobody has to zero and fills them, another one looks at them and drops them",
    make: |pools, len| handoff::<false>(pools, len),
    ..ZEROED_4K
};

/// More to write, and no memsets.
pub(super) const DIRTY_64K: Row = Row {
    name: "handoff-64k-dirty",
    shows: "one thread gets 64 KiB that nobody has to zero and fills them, another one looks at them and drops them",
    size: 64 << 10,
    ..DIRTY_4K
};

/// From one thread to another, in order. Both wait awake, so that nobody's wake-up is measured.
struct Ring<T>([Slot<T>; SLOTS]);

/// On cache lines of its own.
#[repr(align(128))]
struct Slot<T> {
    full: AtomicBool,
    /// Locked by one of the two at a time, as `full` says.
    item: Mutex<Option<T>>,
}

impl<T> Ring<T> {
    fn new() -> Self {
        Self([(); SLOTS].map(|()| Slot {
            full: AtomicBool::new(false),
            item: Mutex::new(None),
        }))
    }

    fn slot(&self, place: u64) -> &Slot<T> {
        &self.0[(place % SLOTS as u64) as usize]
    }

    fn put(&self, place: u64, item: T) {
        let slot = self.slot(place);
        // Ordering: Acquire pairs with the Release in `take`: the slot is empty.
        wait_until(|| !slot.full.load(Acquire));
        if let Ok(mut place) = slot.item.lock() {
            *place = Some(item);
        }
        // Ordering: Release pairs with the Acquire in `take`: the item is there.
        slot.full.store(true, Release);
    }

    fn take(&self, place: u64) -> Option<T> {
        let slot = self.slot(place);
        // Ordering: Acquire pairs with the Release in `put`: the item is there.
        wait_until(|| slot.full.load(Acquire));
        let item = slot.item.lock().ok().and_then(|mut item| item.take());
        // Ordering: Release pairs with the Acquire in `put`: the slot is empty.
        slot.full.store(false, Release);
        item
    }
}

/// What the buffer at `place` is filled with.
fn value(place: u64) -> u8 {
    place as u8 | 1
}

/// True unless the bytes at the ends can be read and are not what they were filled with.
fn is_right(lent: &mut impl Lent, place: u64, len: usize) -> bool {
    let expected = value(place);
    let ends = ends(lent);
    lent.len() == len && ends.iter().all(|end| end.unwrap_or(expected) == expected)
}

struct Handoff(Plan);

impl Work for Handoff {
    /// How many buffers arrive wrong.
    fn expected(&self) -> u64 {
        0
    }
}

impl Handoff {
    fn run_crew(crew: &Crew, batch: Batch) -> Done {
        let (time, got) = crew.run(batch);
        Done { time, got }
    }
}

impl<S: Source + Sync> Job<S> for Handoff
where
    S::Lent<'static>: Send,
{
    type State = (&'static S, Crew);

    fn state(&self) -> Self::State {
        // Never freed: what is on its way from thread to thread may borrow from its pool.
        let source: &'static S = Box::leak(Box::new(S::new(self.0)));
        let ring = Box::leak(Box::new(Ring::<S::Lent<'static>>::new()));
        let len = self.0.len;
        let crew = Crew::new(2, move |index, operations| {
            let mut wrong = 0;
            for place in 0..operations {
                if index == 0 {
                    let mut lent = source.get();
                    fill(&mut lent, value(place));
                    ring.put(place, lent);
                } else {
                    let right = ring
                        .take(place)
                        .is_some_and(|mut lent| is_right(&mut lent, place, len));
                    wrong += u64::from(!right);
                }
            }
            wrong
        });
        (source, crew)
    }

    fn check(&self, (source, _): &Self::State) {
        check(*source, self.0);
    }

    fn run(&self, (_, crew): &Self::State, batch: Batch) -> Done {
        Self::run_crew(crew, batch)
    }
}

/// The consumer sends the vectors back.
fn round_trips<const ZEROED: bool>(len: usize) -> Crew {
    let (there, back) = (Ring::new(), Ring::new());
    for place in 0..SLOTS as u64 {
        back.put(place, vec![0; len]);
    }
    // At the end of each turn all of them are in `back`, wherever the turn began.
    Crew::new(2, move |index, operations| {
        let mut wrong = 0;
        for place in 0..operations {
            if index == 0 {
                let mut buffer = back.take(place).unwrap_or_default();
                fill(&mut buffer, value(place));
                there.put(place, buffer);
            } else {
                let mut buffer = there.take(place).unwrap_or_default();
                wrong += u64::from(!is_right(&mut buffer, place, len));
                if ZEROED {
                    fill(&mut buffer, 0);
                }
                back.put(place, buffer);
            }
        }
        wrong
    })
}

fn handoff<const ZEROED: bool>(pools: &Pools, len: usize) -> Contest<'_> {
    let baseline = if ZEROED {
        "baseline: sent back, wiped"
    } else {
        "baseline: sent back"
    };
    let work = Handoff(Plan {
        len,
        buffers: SEATS,
    });
    let crew = OnceCell::new();
    let entries = Entries::new(pools, Place::Outside, work).measured(
        baseline,
        Role::Sequential,
        move |_, handoff, batch| {
            Handoff::run_crew(
                crew.get_or_init(|| round_trips::<ZEROED>(handoff.0.len)),
                batch,
            )
        },
    );
    if ZEROED {
        that_zero!(entries; ShardedSlabOwned<true>).close()
    } else {
        that_do_not_zero!(entries; Ours, ShardedSlabOwned<false>).close()
    }
}
