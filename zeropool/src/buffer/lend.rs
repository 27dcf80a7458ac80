//! How a request is served when the calling thread has no such block at hand.

use super::class::Class;
use super::error::BufError;
use super::frame::Frame;
use super::grow::{Shortage, Want};
use super::home::{Handle, Home, Loan};
use super::lease;
use super::waiters::Attempt;
use crate::sync::{Parker, thread};
use std::sync::Arc;
use std::time::{Duration, Instant};

/// How long a request waits at the cap.
#[derive(Debug, Clone, Copy)]
pub(super) enum Patience {
    None,
    For(Duration),
    Forever,
}

/// How often a request that does not wait looks again for what a thread is just moving.
const LOOKS: usize = 100;

impl Handle {
    /// Lends a block for `len` bytes, not 0.
    #[cold]
    #[inline(never)]
    pub(super) fn obtain(&self, len: usize, patience: Patience) -> Result<Loan, BufError> {
        let home = self.home();
        let want = home.want(len)?;
        lease::lease(home);
        if let Some(class) = want.class
            && !home.waiters.any(&home.settings)
            && let Some(frame) = home.restock(class)
        {
            return Ok(Loan::new(home, frame));
        }
        let frame = match home.find_now(want, patience)? {
            Some(frame) => frame,
            None => home.wait(want, patience)?,
        };
        Ok(Loan::new(home, frame))
    }

    /// Makes `count` blocks for `len` bytes and stores them, as far as it gets.
    pub(super) fn preallocate(&self, count: usize, len: usize) -> Result<(), BufError> {
        let home = self.home();
        let want = home.want(len)?;
        let Some(class) = want.class else {
            return Err(home.too_large(len));
        };
        let spans = count.div_ceil(want.cut.blocks);
        // Without a cap too there is no more than can be addressed.
        let most = home.ledger.cap().min(isize::MAX as usize);
        if spans.saturating_mul(want.cut.bytes) > most {
            return Err(home.too_large(count.saturating_mul(len)));
        }
        let done = (0..spans).try_for_each(|_| home.add(&mut home.lock().inner, class, want));
        // Those in line can have what was made, also if it is not all of it.
        home.freed();
        done
    }
}

impl Home {
    fn want(&self, len: usize) -> Result<Want, BufError> {
        let class = Class::of(len.max(self.len_min));
        let cap = self.ledger.cap();
        if let Some(class) = class {
            let cut = self.layout.cut(class);
            if cut.bytes <= cap {
                return Ok(Want {
                    class: Some(class),
                    cut,
                    requested: len,
                });
            }
        }
        // Too large for a class, or for the blocks of its class under this cap: served exactly.
        match self.layout.cut_one(len) {
            Some(cut) if cut.bytes <= cap => Ok(Want {
                class: None,
                cut,
                requested: len,
            }),
            _ => Err(self.too_large(len)),
        }
    }

    fn too_large(&self, requested: usize) -> BufError {
        BufError::TooLarge {
            requested,
            max_bytes: self.ledger.cap().min(isize::MAX as usize),
        }
    }

    pub(super) fn exhausted(&self, want: Want) -> BufError {
        BufError::Exhausted {
            requested: want.requested,
            max_bytes: self.ledger.cap(),
            in_flight: self.bytes_in_flight(),
        }
    }

    /// Finds memory if it is there and nobody else waits for it. None if it is worth waiting.
    fn find_now(
        self: &Arc<Self>,
        want: Want,
        patience: Patience,
    ) -> Result<Option<&Frame>, BufError> {
        for _ in 0..LOOKS {
            let mut state = self.lock();
            if !state.is_line_empty() {
                break;
            }
            match self.find(&mut state.inner, want) {
                Ok(frame) => return Ok(Some(frame)),
                Err(Shortage::Error(error)) => return Err(error),
                Err(Shortage::Full { missed: false }) => break,
                Err(Shortage::Full { missed: true }) => {}
            }
            drop(state);
            if !matches!(patience, Patience::None) {
                break;
            }
            thread::yield_now();
        }
        match patience {
            Patience::None => Err(self.exhausted(want)),
            _ => Ok(None),
        }
    }

    /// Waits in line until there is memory.
    fn wait(self: &Arc<Self>, want: Want, patience: Patience) -> Result<&Frame, BufError> {
        let began = Instant::now();
        let deadline = match patience {
            Patience::For(limit) => began.checked_add(limit),
            Patience::None | Patience::Forever => None,
        };
        // Meanwhile nobody keeps what comes back to himself. Whether slots can be swept, each sweep finds out.
        let _raised = self.attention.raise();
        let outcome = self.waiters.wait(
            &self.settings,
            Parker::of_this_thread(),
            deadline,
            // In line: whoever comes once this is seen stands behind.
            || self.counters.add_waits(1),
            |upkeep| match self.find(upkeep, want) {
                Ok(frame) => Attempt::Done(Ok(frame)),
                Err(Shortage::Error(error)) => Attempt::Done(Err(error)),
                Err(Shortage::Full { missed: true }) => Attempt::Again,
                Err(Shortage::Full { missed: false }) => Attempt::Nothing,
            },
        );
        match outcome {
            Some(found) => found,
            None => {
                self.counters.add_timeouts(1);
                Err(BufError::TimedOut {
                    requested: want.requested,
                    max_bytes: self.ledger.cap(),
                    waited: began.elapsed(),
                })
            }
        }
    }
}
