//! A watch has two holders, then none, then two others.
#![allow(unsafe_code)] // The threads of a model share a slab that lives until it is over.

use super::*;
use crate::sync::{model, thread};

/// As [`model`], with a slab for all its threads, which end in `body`.
fn model_with_slab(body: fn(&'static Watches)) {
    model(move || {
        let slab = Box::into_raw(Box::new(Slab::new()));
        // SAFETY: just made; it lives until `body` is over, and with it all threads that have the reference.
        body(unsafe { &*slab });
        // SAFETY: from `Box::into_raw` above; nobody has a reference any more.
        drop(unsafe { Box::from_raw(slab) });
    });
}

#[test]
fn a_watch_begins_anew() {
    model_with_slab(|watches| {
        let [batch, handle] = WatchRef::pair(watches);
        batch.watch().add(3);
        assert_eq!(handle.watch().done(), 3);
        handle.watch().stop.all();
        assert!(batch.watch().stop.skips_all());
        let index = batch.index;
        drop(handle);
        drop(batch);
        let [batch, handle] = WatchRef::pair(watches);
        assert_eq!(batch.index, index);
        assert_eq!(handle.watch().done(), 0);
        assert!(!batch.watch().stop.skips_all());
    });
}

/// The batch is at work, while its handle is dropped and the next batch is spawned: they never share a watch, and none of what
/// one does is seen by the other.
#[test]
fn model_watch_has_two_holders() {
    model_with_slab(|watches| {
        let [batch, handle] = WatchRef::pair(watches);
        let at_work = thread::spawn(move || {
            batch.watch().add(1);
            let skipped = batch.watch().stop.skips_all();
            batch.watch().add(1);
            assert!(batch.watch().done() == 2);
            skipped
        });
        assert!(handle.watch().done() <= 2);
        handle.watch().stop.all();
        drop(handle);
        let [next, its_handle] = WatchRef::pair(watches);
        next.watch().add(5);
        assert_eq!(its_handle.watch().done(), 5);
        assert!(!next.watch().stop.skips_all());
        // Skipped or not: the question may have come before.
        let _ = at_work.join().unwrap();
        assert_eq!(its_handle.watch().done(), 5);
    });
}
