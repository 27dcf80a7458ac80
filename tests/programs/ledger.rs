//! Who was dropped, and how often.

use std::sync::Arc;
use std::sync::atomic::{AtomicU8, AtomicUsize, Ordering::Relaxed};

/// Counts the drops of each [`Token`]. Relaxed throughout: it must not order what it watches.
#[derive(Debug)]
pub struct Ledger {
    drops: Box<[AtomicU8]>,
    made: AtomicUsize,
    twice: AtomicUsize,
}

/// Something that has to be dropped exactly once.
#[derive(Debug)]
pub struct Token {
    ledger: Arc<Ledger>,
    index: usize,
}

impl Ledger {
    /// For at most `capacity` tokens; those beyond are not watched.
    #[must_use]
    pub fn new(capacity: usize) -> Arc<Self> {
        Arc::new(Self {
            drops: (0..capacity).map(|_| AtomicU8::new(0)).collect(),
            made: AtomicUsize::new(0),
            twice: AtomicUsize::new(0),
        })
    }

    /// A new token.
    #[must_use]
    pub fn token(self: &Arc<Self>) -> Token {
        Token {
            ledger: Arc::clone(self),
            index: self.made.fetch_add(1, Relaxed),
        }
    }

    /// How many tokens there have been.
    #[must_use]
    pub fn made(&self) -> usize {
        self.made.load(Relaxed)
    }

    /// # Panics
    /// If a token was dropped twice, or not at all.
    pub fn assert_balanced(&self) {
        assert_eq!(self.twice.load(Relaxed), 0, "values were dropped twice");
        let lost: Vec<usize> = (0..self.made().min(self.drops.len()))
            .filter(|&index| self.drops[index].load(Relaxed) != 1)
            .collect();
        assert!(lost.is_empty(), "values were not dropped: {lost:?}");
    }
}

impl Drop for Token {
    fn drop(&mut self) {
        if let Some(drops) = self.ledger.drops.get(self.index)
            && drops.fetch_add(1, Relaxed) > 0
        {
            self.ledger.twice.fetch_add(1, Relaxed);
        }
    }
}
