//! The cap holds whoever asks at the same time.

use super::*;
use crate::sync::{model, thread};
use std::sync::Arc;

/// Catches `ledger_by_store`.
#[test]
fn the_cap_holds_for_two_at_once() {
    model(|| {
        let ledger = Arc::new(Ledger::new(3));
        let other = thread::spawn({
            let ledger = Arc::clone(&ledger);
            move || usize::from(ledger.reserve(2))
        });
        let mine = usize::from(ledger.reserve(2));
        assert_eq!(mine + other.join().unwrap(), 1);
        assert_eq!((ledger.mapped(), ledger.peak()), (2, 2));
    });
}

#[test]
fn what_is_released_can_be_reserved_again() {
    model(|| {
        let ledger = Arc::new(Ledger::new(2));
        assert!(ledger.reserve(2));
        let other = thread::spawn({
            let ledger = Arc::clone(&ledger);
            move || ledger.release(2)
        });
        let early = ledger.reserve(2);
        other.join().unwrap();
        assert!(early || ledger.reserve(2));
        assert_eq!((ledger.mapped(), ledger.peak()), (2, 2));
        assert!(!ledger.reserve(usize::MAX));
    });
}
