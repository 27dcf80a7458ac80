use super::*;
use crate::sync::{model, thread};
use std::sync::Arc;

/// Both count, one after the other or one alone (broken variant: `tray_back_relaxed`).
#[test]
fn model_tray_has_one_holder() {
    model(|| {
        let tray = Arc::new(Tray::new(UnsafeCell::new(0)));
        let bump = |tray: &Tray<UnsafeCell<i32>>| {
            tray.lend(|count| {
                // SAFETY: the tray is ours.
                count.map(|count| count.with_mut(|count| unsafe { *count += 1 }))
            })
            .is_some()
        };
        let other = {
            let tray = Arc::clone(&tray);
            thread::spawn(move || bump(&tray))
        };
        let here = bump(&tray);
        let there = other.join().unwrap();
        assert!(here || there, "nobody got it");
        let count = tray.lend(|count| {
            // SAFETY: as above.
            count.map(|count| count.with(|count| unsafe { *count }))
        });
        assert_eq!(count, Some(i32::from(here) + i32::from(there)));
    });
}
