//! How many entries there are in queues that are empty most of the time, so that a look for work passes all of them by at the cost
//! of one load.
//!
//! An entry is counted before it is pushed, and until after it was popped. So the count is never zero while an entry is in its
//! queue; it may be above zero with nothing to find.

use crate::sync::{AtomicUsize, Ordering::Relaxed};
use crossbeam_utils::CachePadded;

/// The count; see the module.
#[derive(Debug)]
pub(super) struct Entries(CachePadded<AtomicUsize>);

impl Entries {
    pub(super) fn new() -> Self {
        Self(CachePadded::new(AtomicUsize::new(0)))
    }

    /// Counts the entry that `push` makes.
    pub(super) fn push(&self, push: impl FnOnce()) {
        // Ordering: Relaxed. The queue publishes the entry with Release, and whoever pops it acquires that, so it is never
        // uncounted before it was counted. A look before sleeping comes after a SeqCst fence, as does one for sleepers.
        self.0.fetch_add(1, Relaxed);
        push();
    }

    /// As [`Entries::push`], for a push that may be refused.
    pub(super) fn try_push<E>(&self, push: impl FnOnce() -> Result<(), E>) -> Result<(), E> {
        // Ordering: Relaxed, as in `push`.
        self.0.fetch_add(1, Relaxed);
        push().inspect_err(|_| self.swept(1))
    }

    /// Uncounts entries that were taken out.
    pub(super) fn swept(&self, entries: usize) {
        // Ordering: Relaxed, as in `push`.
        self.0.fetch_sub(entries, Relaxed);
    }

    /// Uncounts the entry that `pop` returns, if any.
    pub(super) fn pop<T>(&self, pop: impl FnOnce() -> Option<T>) -> Option<T> {
        #[cfg(zeropool_broken = "entries_uncount_early")]
        return self.pop_early(pop);
        let entry = pop()?;
        // Ordering: Relaxed, as in `push`.
        let before = self.0.fetch_sub(1, Relaxed);
        debug_assert!(before > 0, "an entry was popped before it was counted");
        Some(entry)
    }

    /// The mistake: for a moment the count denies an entry of another queue.
    #[cfg(zeropool_broken = "entries_uncount_early")]
    fn pop_early<T>(&self, pop: impl FnOnce() -> Option<T>) -> Option<T> {
        self.0.fetch_sub(1, Relaxed);
        let entry = pop();
        if entry.is_none() {
            self.0.fetch_add(1, Relaxed);
        }
        entry
    }

    /// False only if all queues are empty, as far as this thread can know.
    #[inline]
    pub(super) fn any(&self) -> bool {
        self.len() > 0
    }

    #[inline]
    pub(super) fn len(&self) -> usize {
        // Ordering: Relaxed; see `push`.
        self.0.load(Relaxed)
    }
}

#[cfg(test)]
mod tests;
