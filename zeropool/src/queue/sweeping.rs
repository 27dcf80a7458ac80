//! Who sweeps a queue: one thread at a time, and what another one wants swept meanwhile is not forgotten.

use crate::sync::{
    AtomicU8,
    Ordering::{AcqRel, Acquire, Relaxed, Release},
    thread,
};

#[cfg(test)]
mod tests;

/// Nobody sweeps.
const IDLE: u8 = 0;
/// A thread sweeps, and has begun its round after all requests so far.
const BUSY: u8 = 1;
/// Somebody asks for a round that begins from now on. A thread is there that has to do it.
const AGAIN: u8 = 2;

/// After so many rounds a thread lets whoever asks next go on, so that others who ask all the time do not keep it for ever. A model has
/// few threads, which ask once or twice.
const ROUNDS_MAX: usize = if cfg!(zeropool_loom) { 2 } else { 16 };

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
    /// of that thread, or of the one that relieves it, and then this call returns 0 at once. Rounds do not overlap. Returns the sum
    /// of what the rounds returned.
    pub(crate) fn sweep(&self, mut round: impl FnMut() -> usize) -> usize {
        let mut swept = 0;
        // Ordering: Acquire pairs with the Release that leaves IDLE: former rounds are over. Release pairs with the Acquire of the
        // swap below, in whichever thread: its round sees what the caller did.
        while self.state.swap(AGAIN, AcqRel) == IDLE {
            for _ in 0..ROUNDS_MAX {
                // Ordering: Acquire pairs with the Release of every swap to AGAIN since the last round: all changes are exchanges,
                // so reading the newest one acquires those before it.
                self.state.swap(BUSY, Acquire);
                swept += round();
                if cfg!(zeropool_broken = "sweep_not_again") {
                    self.state.swap(IDLE, Release);
                    return swept;
                }
                // Ordering: Release pairs with the Acquire of the first swap of the next sweeper. Relaxed on failure; the swap
                // above acquires.
                let ended = self.state.compare_exchange(BUSY, IDLE, Release, Relaxed);
                if ended.is_ok() {
                    return swept;
                }
            }
            // Asked again each time. Whoever asks now goes on; if nobody does, this thread asks itself.
            // Ordering: Release, as above. An exchange, not a store: the next sweeper acquires the last request with it, too.
            self.state.swap(IDLE, Release);
            if cfg!(zeropool_broken = "sweep_gives_up") {
                return swept;
            }
            thread::yield_now();
        }
        swept
    }
}
