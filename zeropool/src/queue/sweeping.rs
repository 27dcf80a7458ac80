//! Who sweeps a queue: one thread at a time, and what another one wants swept meanwhile is not forgotten.

use crate::sync::{
    AtomicU8,
    Ordering::{AcqRel, Acquire, Relaxed, Release},
};

#[cfg(test)]
mod tests;

/// Nobody sweeps.
const IDLE: u8 = 0;
/// A thread sweeps, and has begun its round after all requests so far.
const BUSY: u8 = 1;
/// Somebody asks for a round that begins from now on. A thread is there that has to do it.
const AGAIN: u8 = 2;

/// So many rounds a thread does at most, so that others who ask all the time cannot keep it for ever.
const ROUNDS_MAX: usize = 16;

/// Divides the work; see the module.
#[derive(Debug)]
pub(crate) struct Sweeping {
    state: AtomicU8,
}

impl Sweeping {
    pub(crate) fn new() -> Self {
        Self {
            state: AtomicU8::new(IDLE),
        }
    }

    /// A round that begins after this call sees what the caller did before: one of its own, or, if another thread is sweeping, the next one
    /// of that thread, and then this call returns 0 at once. (Unless that thread has been asked again in [`ROUNDS_MAX`] rounds:
    /// then the last request may come to nothing.) Rounds do not overlap. Returns the sum of what the rounds returned.
    pub(crate) fn sweep(&self, mut round: impl FnMut() -> usize) -> usize {
        // Ordering: Acquire pairs with the Release that leaves IDLE: former rounds are over. Release pairs with the Acquire of the
        // swap below, in whichever thread: its round sees what the caller did.
        if self.state.swap(AGAIN, AcqRel) != IDLE {
            return 0;
        }
        let mut swept = 0;
        for _ in 0..ROUNDS_MAX {
            // Ordering: Acquire pairs with the Release of every swap to AGAIN since the last round: they are all exchanges, so
            // reading the newest one acquires those before it.
            self.state.swap(BUSY, Acquire);
            swept += round();
            if cfg!(zeropool_broken = "sweep_not_again") {
                break;
            }
            // Ordering: Release pairs with the Acquire of the first swap of the next sweeper. Relaxed on failure; the swap above
            // acquires.
            let ended = self.state.compare_exchange(BUSY, IDLE, Release, Relaxed);
            if ended.is_ok() {
                return swept;
            }
        }
        // Ordering: Release, as above.
        self.state.store(IDLE, Release);
        swept
    }
}
