#![allow(unsafe_code)] // Fences: parkers named by the items of a queue.
//! Room in a queue with a bound: who waits for it, and who is told when there is some.
//!
//! Waiters stand in a queue of their own, where being chosen and leaving are claims of the same item: exactly one of the two
//! happens. A waiter that was chosen has a wake-up to use; if it leaves without need for it, it
//! passes it on.
//!
//! | a submitter that found the queue full | a consumer |
//! |---|---|
//! | 1. puts itself into the queue of waiters | 1. takes an entry out of the full queue |
//! | 2. `fence(SeqCst)` | 2. `fence(SeqCst)` |
//! | 3. tries again; sleeps if there is still no room | 3. chooses the waiter that came first, if there is one, and wakes it |
//!
//! Whoever's fence comes second sees the other's first step: the submitter finds room, or the consumer finds the submitter. A
//! submitter that is not waiting may take the place before the one that was woken; that one then waits again.

use super::injector::Injector;
use crate::sync::{Ordering::SeqCst, Parker, fence};
use std::ptr;

#[cfg(test)]
mod model;

/// Those who wait for room in one queue.
#[derive(Debug)]
pub(crate) struct Room {
    /// Invariant: every item is from a `&'static Parker`.
    waiting: Injector,
}

impl Room {
    pub(crate) fn new() -> Self {
        Self {
            waiting: Injector::new(),
        }
    }

    /// An entry was taken out of the queue: wakes the one who has waited longest. Never blocks.
    pub(crate) fn freed(&self) {
        if !cfg!(zeropool_broken = "room_freed_fence") {
            // Ordering: SeqCst; the consumer's half of the race above.
            fence(SeqCst);
        }
        self.wake_first();
    }

    /// Wakes everybody: what they wait for has changed. The caller has a `SeqCst` fence before.
    pub(crate) fn wake_all(&self) {
        while self.wake_first() {}
    }

    /// Wakes the one who has waited longest; false if nobody waits. The caller has a `SeqCst` fence before.
    pub(crate) fn wake_first(&self) -> bool {
        let Some(item) = self.waiting.pop() else {
            return false;
        };
        // SAFETY: by the invariant of `waiting` it is from a reference that lives for ever.
        unsafe { &*item.cast::<Parker>() }.unpark();
        true
    }

    /// Sleeps, by calling `park`, until `attempt` returns something. It is called for the first time once the caller stands
    /// in the queue of waiters.
    pub(crate) fn wait<R>(
        &self,
        parker: &'static Parker,
        park: impl Fn(),
        mut attempt: impl FnMut() -> Option<R>,
    ) -> R {
        let item = ptr::from_ref(parker).cast_mut().cast();
        loop {
            let place = self.waiting.push(item);
            if !cfg!(zeropool_broken = "room_wait_fence") {
                // Ordering: SeqCst; the submitter's half of the race above.
                fence(SeqCst);
            }
            if let Some(result) = attempt() {
                if !self.waiting.claim(place) && !cfg!(zeropool_broken = "room_keeps_wake") {
                    // Chosen meanwhile, by somebody who may have made room for another one.
                    self.freed();
                }
                return result;
            }
            while self.waiting.is_left(place) {
                park();
            }
        }
    }
}
