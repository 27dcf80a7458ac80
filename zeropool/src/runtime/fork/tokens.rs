//! Token accounting: what offering may cost.
//!
//! An offer costs an exchange and a fence, some tens of nanoseconds, whether or not somebody takes it. Coarse work
//! makes few offers; a loop over small trees, or a long chain of tiny arms, makes one every few nanoseconds. So a thread
//! gets a handful of tokens, each good for one offer that nobody takes, and looks at the clock when they are used up: if
//! they lasted for too short a time, offering costs more than work / threshold, and the thread pauses until somebody asks.

use std::cell::Cell;
use std::time::{Duration, Instant};

/// Tokens handed out at once. The clock is read once for so many offers.
const TOKENS: u32 = 64;

/// Of so many offers one is timed. Odd, so that places that alternate are all timed.
const SAMPLE: u32 = 7;

/// What an offer that nobody takes costs, about, on the machines this was measured on; two of seven are timed.
const OFFER_COST: Duration = Duration::from_nanos(30);

/// The tokens of one thread.
#[derive(Debug)]
pub(super) struct Tokens {
    left: Cell<u32>,
    /// When they were handed out; `None` after a pause.
    since: Cell<Option<Instant>>,
    too_soon: Cell<bool>,
    offers: Cell<u32>,
    /// How many offers there were at the last probe.
    probed: Cell<u32>,
    /// The next offer is a probe.
    probing: Cell<bool>,
}

/// How long a handful of tokens has to last.
#[derive(Debug, Clone, Copy)]
pub(in crate::runtime) struct Price(Duration);

impl Price {
    /// Offering may take one part in `threshold` of the time.
    pub(in crate::runtime) fn new(threshold: u32) -> Self {
        Self(OFFER_COST * TOKENS * threshold)
    }
}

#[cfg(all(test, zeropool_loom))]
impl Price {
    /// More than any model takes.
    pub(super) const fn for_models() -> Self {
        Self(Duration::from_secs(1000))
    }
}

impl Tokens {
    pub(super) fn new() -> Self {
        Self {
            left: Cell::new(TOKENS),
            since: Cell::new(None),
            too_soon: Cell::new(false),
            offers: Cell::new(0),
            probed: Cell::new(0),
            probing: Cell::new(false),
        }
    }

    /// Counts an offer. True if it is to be timed: every seventh, and every probe.
    pub(super) fn is_timed(&self) -> bool {
        let offers = self.offers.get();
        self.offers.set(offers.wrapping_add(1));
        self.probing.take() || offers.is_multiple_of(SAMPLE)
    }

    /// How many offers there were. Wraps.
    pub(super) fn offers(&self) -> u32 {
        self.offers.get()
    }

    /// Is the next join to make an offer though enough are on offer? Once for so many offers.
    pub(super) fn probes(&self) -> bool {
        let due = self.offers.get().wrapping_sub(self.probed.get()) >= SAMPLE;
        if due {
            self.probed.set(self.offers.get());
            self.probing.set(true);
        }
        due
    }

    /// For models: the next offer that nobody takes does not pay.
    #[cfg(all(test, zeropool_loom))]
    pub(super) fn run_out(&self) {
        self.left.set(1);
        self.since.set(Some(Instant::now()));
    }

    /// Pays for an offer that nobody took.
    pub(super) fn pay(&self, price: Price) {
        let left = self.left.get() - 1;
        if left > 0 && self.since.get().is_some() {
            self.left.set(left);
        } else {
            self.check(left, price);
        }
    }

    /// Was the last handful used up too soon? Said once.
    pub(super) fn have_not_lasted(&self) -> bool {
        self.too_soon.replace(false)
    }

    #[cold]
    fn check(&self, left: u32, price: Price) {
        let now = Instant::now();
        let Some(since) = self.since.replace(Some(now)) else {
            self.left.set(left.max(1));
            return;
        };
        self.left.set(TOKENS);
        if now.duration_since(since) < price.0 {
            self.too_soon.set(true);
            self.since.set(None);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Offers in quick succession pause; the next ones start with a fresh handful of tokens.
    #[test]
    fn quick_offers_pause_and_start_afresh() {
        let tokens = Tokens::new();
        let price = Price(Duration::from_secs(1000));
        for _ in 0..2 {
            let lasted = (0..1000)
                .take_while(|_| {
                    tokens.pay(price);
                    !tokens.have_not_lasted()
                })
                .count();
            assert_eq!(lasted, TOKENS as usize - 1);
        }
    }

    /// Offers that are far enough apart go on for ever.
    #[test]
    fn slow_offers_go_on() {
        let tokens = Tokens::new();
        let price = Price(Duration::ZERO);
        for _ in 0..1000 {
            tokens.pay(price);
            assert!(!tokens.have_not_lasted());
        }
    }
}
