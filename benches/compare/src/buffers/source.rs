//! Where buffers come from: every pool, and every way of doing without, behind one trait with static dispatch.

use super::lent::{Lent, fill, is_clean};
use crate::contest::{Batch, Done, Entries, Work, measured_batch};
use crate::peers::Role;
use std::cell::OnceCell;

/// What a source is asked for.
#[derive(Debug, Clone, Copy)]
pub(super) struct Plan {
    /// Every buffer has so many bytes.
    pub(super) len: usize,
    /// So many are in use at a time, and are to be at rest otherwise. Sources with a limit have it set to no less.
    pub(super) buffers: usize,
}

/// What rows plan for that use one buffer at a time: as many as the benchmarks of zeropool 0.7 do.
pub(super) const BUFFERS: usize = 16;

/// Lends buffers of one length.
pub(super) trait Source: Sized + 'static {
    type Lent<'s>: Lent;

    /// Who it is, and when it zeroes.
    const NAME: &'static str;

    const ROLE: Role = Role::Peer;

    /// True if a buffer is all zero when it is lent.
    const ZEROES: bool;

    fn new(plan: Plan) -> Self;

    fn get(&self) -> Self::Lent<'_>;

    /// One for each length. A pool that has buffers of any length is one pool for all.
    fn family(plans: &[Plan]) -> Vec<Self> {
        plans.iter().copied().map(Self::new).collect()
    }
}

/// Looks at what is lent: right away, and once more after it was full of other bytes.
///
/// # Panics
///
/// If it is too short, too long, or has a byte that should be zero and is not.
pub(super) fn check<S: Source>(source: &S, plan: Plan) {
    for _ in 0..2 {
        let mut lent = source.get();
        let (name, expected, got) = (S::NAME, plan.len, lent.len());
        assert!(got == expected, "{name}: {expected} bytes, got {got}");
        if S::ZEROES {
            assert!(is_clean(&mut lent), "{name}: lent a stale byte");
            fill(&mut lent, 0xFF);
        }
    }
}

/// The work of a row, with buffers from `S`.
pub(super) trait Job<S: Source>: Work {
    /// The sources, and what else is made once.
    type State;

    fn state(&self) -> Self::State;

    /// [`check`]s the sources. Called before every batch, untimed.
    fn check(&self, state: &Self::State);

    fn run(&self, state: &Self::State, batch: Batch) -> Done;
}

/// `S` enters. What it needs is made when it first runs, and freed with the row.
pub(super) fn enter<'p, J, S>(entries: Entries<'p, J>) -> Entries<'p, J>
where
    S: Source,
    J: Job<S> + 'p,
    J::State: 'p,
{
    let state = OnceCell::new();
    entries.measured(S::NAME, S::ROLE, move |_, job, batch| {
        let state = state.get_or_init(|| job.state());
        job.check(state);
        job.run(state, batch)
    })
}

/// Runs `op` so many times, each of which returns `expected`.
#[inline]
pub(super) fn timed(expected: u64, batch: Batch, mut op: impl FnMut() -> u64) -> Done {
    measured_batch(&mut Expected(expected), batch, |_| op())
}

struct Expected(u64);

impl Work for Expected {
    fn expected(&self) -> u64 {
        self.0
    }
}

/// These sources enter.
macro_rules! enter_each {
    ($entries:expr; $($source:ty),+ $(,)?) => {{
        let entries = $entries;
        $(let entries = $crate::buffers::source::enter::<_, $source>(entries);)+
        entries
    }};
}
pub(super) use enter_each;

#[cfg(test)]
mod tests {
    use super::*;
    use std::cell::{RefCell, RefMut};

    /// Promises what it does not keep: zeroes.
    struct Careless(RefCell<Vec<u8>>);

    impl Source for Careless {
        type Lent<'s> = RefMut<'s, Vec<u8>>;

        const NAME: &'static str = "careless";
        const ZEROES: bool = true;

        fn new(plan: Plan) -> Self {
            Self(RefCell::new(vec![0; plan.len]))
        }

        fn get(&self) -> RefMut<'_, Vec<u8>> {
            self.0.borrow_mut()
        }
    }

    const PLAN: Plan = Plan { len: 3, buffers: 1 };

    #[test]
    #[should_panic(expected = "careless: lent a stale byte")]
    fn a_stale_byte_is_seen() {
        check(&Careless::new(PLAN), PLAN);
    }

    #[test]
    #[should_panic(expected = "careless: 4 bytes, got 3")]
    fn a_wrong_length_is_seen() {
        check(&Careless::new(PLAN), Plan { len: 4, ..PLAN });
    }
}
