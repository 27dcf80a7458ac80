//! The counts of a pool's owned tasks and of their handles.
//!
//! Who spawns writes one word, who ends a task another one, so the two do not hold each other up; and there are several of the first, in
//! *shards*, so that those who spawn do not, either. Both only count up; no task is pending when `ended` is the sum of `accepted`:
//!
//! | word | bits | counts |
//! |---|---|---|
//! | `accepted` | 32..63 | tasks accepted, modulo 2^32 |
//! | `accepted` | 0..31 | handles of the shard that exist: what keeps the pool alive is counted once for all of them (`runtime/keep.rs`) |
//! | `ended` | 0..31 | tasks ended, modulo 2^32 |
//!
//! Whoever asks reads `ended` first. If the sum of what is read of `accepted` afterwards is the same, it was the same before, for each part
//! of it only grows and the sum is never behind: at the moment of the first look no task was pending. (The counts go round: this fails if
//! some tasks are pending, the reader stalls between its two looks, and meanwhile others accept 2^32 less that number. At full speed that is a
//! stall of minutes that ends at one particular task.)
//!
//! Only if somebody *watches* does the end of a task look whether it was the last. Each side makes its own fact visible, then looks at the
//! other's; `SeqCst` settles who was first:
//!
//! | a task ends | somebody begins to wait |
//! |---|---|
//! | 1. `ended` + 1 | 1. `watchers` + 1 |
//! | 2. watched? then: is it idle? tell | 2. is it idle? else sleep |

use crate::sync::{
    AtomicU32, AtomicU64, Ordering,
    Ordering::{AcqRel, Acquire, Relaxed, SeqCst},
    fence_in_loom,
};
use crossbeam_utils::CachePadded;

/// In `accepted`: one task.
const TASK: u64 = 1 << 32;
/// In `accepted`: one handle.
const HANDLE: u64 = 1;
/// More of either at once end the process: the counts would go round. The blocks of so many tasks take 128 GiB.
const COUNT_MAX: u32 = 1 << 30;
/// How often somebody looks whether there are too many; a power of two.
const CHECK: u32 = 1 << 16;

/// loom pays for each atomic.
const SHARDS: usize = if cfg!(zeropool_loom) { 2 } else { 8 };

/// One of the words `accepted`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Shard(u8);

impl Shard {
    /// For a thread with this number.
    #[inline(always)]
    pub(crate) fn of(number: usize) -> Self {
        Self((number % SHARDS) as u8)
    }
}

/// The words; see the module.
#[derive(Debug)]
pub(crate) struct OwnedCounts {
    accepted: [CachePadded<AtomicU64>; SHARDS],
    ended: CachePadded<AtomicU32>,
    /// Who wants to be told when no task is pending.
    watchers: AtomicU32,
}

impl OwnedCounts {
    pub(crate) fn new() -> Self {
        Self {
            accepted: std::array::from_fn(|_| CachePadded::new(AtomicU64::new(0))),
            ended: CachePadded::new(AtomicU32::new(0)),
            watchers: AtomicU32::new(0),
        }
    }

    /// Counts a task as accepted, and a handle for it. True if there was no handle in this shard before.
    ///
    /// A `SeqCst` exchange.
    #[inline]
    #[must_use]
    pub(crate) fn accept_with_handle(&self, shard: Shard) -> bool {
        self.add(shard, TASK | HANDLE)
    }

    /// Counts a task as accepted. A `SeqCst` exchange.
    pub(crate) fn accept(&self, shard: Shard) {
        self.add(shard, TASK);
    }

    /// Counts a handle without a task. True if there was none in this shard before.
    #[must_use]
    pub(crate) fn add_handle(&self, shard: Shard) -> bool {
        self.add(shard, HANDLE)
    }

    #[inline]
    fn add(&self, shard: Shard, change: u64) -> bool {
        // Ordering: SeqCst; pairs with the fence in `Registry::close`, see `Registry::closed_after_count`.
        let before = self.handles(shard).fetch_add(change, SeqCst);
        let (accepted, handles) = ((before >> 32) as u32, before as u32);
        if accepted.is_multiple_of(CHECK) || handles >= COUNT_MAX {
            self.abort_if_too_many(handles);
        }
        handles == 0
    }

    #[cold]
    fn abort_if_too_many(&self, handles: u32) {
        // `ended` last: what others accept and end between the two looks must not count as pending; unless so many that a number below
        // zero looks like a large one.
        let before = self.ended.load(Acquire);
        let accepted = self.accepted(Acquire);
        let ended = self.ended.load(Acquire);
        let is_sound = ended.wrapping_sub(before) < COUNT_MAX;
        let pending = accepted.wrapping_sub(ended);
        // Above half the range it is below zero.
        if handles >= COUNT_MAX || is_sound && (COUNT_MAX..1 << 31).contains(&pending) {
            eprintln!(
                "zeropool: more than {COUNT_MAX} owned tasks or handles in one pool; aborting"
            );
            std::process::abort();
        }
    }

    /// Modulo 2^32; each part as it is at some time during the call.
    #[inline]
    fn accepted(&self, order: Ordering) -> u32 {
        let parts = self
            .accepted
            .iter()
            .map(|word| (word.load(order) >> 32) as u32);
        parts.fold(0, u32::wrapping_add)
    }

    /// A handle goes. True for the last one of its shard.
    ///
    /// Takes the word only, because what it is part of may be gone once the count is lowered, unless this returns true.
    #[must_use]
    pub(crate) fn drop_handle(accepted: &AtomicU64) -> bool {
        // Ordering: Release on every decrement, Acquire on the last: all uses of the pool by handles come before it may end.
        let before = accepted.fetch_sub(HANDLE, AcqRel);
        debug_assert!(before as u32 > 0, "more handles dropped than made");
        before as u32 == 1
    }

    /// The word that counts the handles of a shard.
    #[inline]
    pub(crate) fn handles(&self, shard: Shard) -> &AtomicU64 {
        &self.accepted[usize::from(shard.0)]
    }

    /// A task has ended, and everything of it is dropped. True if somebody watches.
    #[inline]
    #[must_use]
    pub(crate) fn end(&self) -> bool {
        // Ordering: SeqCst, here and below, settles the race with `watch`; the release half publishes what the task did to `is_idle`.
        self.ended.fetch_add(1, SeqCst);
        if !cfg!(zeropool_broken = "owned_end_unfenced") {
            fence_in_loom();
        }
        self.watchers.load(SeqCst) > 0
    }

    /// From now on whoever ends a task looks whether it was the last. The caller looks once itself, afterwards.
    pub(crate) fn watch(&self) {
        // Ordering: SeqCst settles the race with `end`.
        self.watchers.fetch_add(1, SeqCst);
        fence_in_loom();
    }

    pub(crate) fn stop_watching(&self) {
        // Ordering: Relaxed; who still sees the watcher tells in vain.
        self.watchers.fetch_sub(1, Relaxed);
    }

    /// Was there a moment during this call when no task was pending? All that they did is then visible.
    pub(crate) fn is_idle(&self) -> bool {
        if cfg!(zeropool_broken = "owned_accepted_first") {
            return self.accepted(SeqCst) == self.ended.load(SeqCst);
        }
        // Ordering: SeqCst, as in `end`; as an Acquire it pairs with the release half of the exchange there. That also makes visible
        // that those tasks were accepted, and what they had spawned.
        let ended = self.ended.load(SeqCst);
        // Ordering: SeqCst; see `Registry::closed_after_count`.
        self.accepted(SeqCst) == ended
    }
}

#[cfg(test)]
mod tests;
