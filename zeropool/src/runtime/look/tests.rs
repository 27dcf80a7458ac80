//! In which order a worker comes to what it sees.

use crate::sync::{AtomicUsize, Ordering::SeqCst, spin_loop};
use crate::{Pool, Priority, SpawnOptions};
use std::sync::Arc;

/// A worker leaves tiny tasks of a busy thread alone for some microseconds. In these it must not begin what has a lower rank than they.
#[test]
fn what_can_wait_does_not_overtake_what_is_left_alone() {
    let rounds = if cfg!(miri) { 2 } else { 300 };
    let pool = Pool::builder().workers(2).build().unwrap();
    let overtaken = Arc::new(AtomicUsize::new(0));
    for _ in 0..rounds {
        let (outer, overtaken) = (pool.clone(), Arc::clone(&overtaken));
        let owner = pool.spawn(move || {
            let begun = Arc::new(AtomicUsize::new(0));
            // The other worker steals a few of these, and then leaves this thread's tasks alone.
            outer.scope(|s| {
                for _ in 0..if cfg!(miri) { 5 } else { 400 } {
                    s.spawn(|| ());
                }
            });
            let normal = {
                let begun = Arc::clone(&begun);
                outer.spawn(move || begun.fetch_add(1, SeqCst))
            };
            let low = {
                let (begun, overtaken) = (Arc::clone(&begun), Arc::clone(&overtaken));
                let task = move || overtaken.fetch_add(1 - begun.load(SeqCst).min(1), SeqCst);
                outer.spawn_with(task, SpawnOptions::new().priority(Priority::Low))
            };
            // This worker is away.
            while !normal.is_complete() || !low.is_complete() {
                spin_loop();
                if cfg!(miri) {
                    crate::sync::thread::yield_now();
                }
            }
        });
        owner.wait().unwrap();
    }
    // One look in 305 begins in the low lane.
    let overtaken = overtaken.load(SeqCst);
    assert!(overtaken <= rounds / 10, "{overtaken} of {rounds}");
}
