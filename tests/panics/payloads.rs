//! Payloads whose destructors panic.

use crate::support::{LIMIT, Ledger, panic_of, payload_of, pool, within};
use std::panic::panic_any;

#[test]
fn a_payload_nobody_wants_panics_in_its_drop() {
    within(LIMIT, || {
        let pool = pool(2);
        let ledger = Ledger::new();
        // Many payloads, all of which panic when dropped: one is delivered, the others disappear silently.
        let payload = payload_of(|| {
            pool.scope(|s| {
                for _ in 0..10 {
                    let bomb = ledger.bomb("payload");
                    s.spawn(move || panic_any(bomb));
                }
            });
        });
        assert_eq!(ledger.made() - ledger.dropped(), 1);
        assert_eq!(panic_of(|| drop(payload)), "payload");
        // The body's own panic is delivered, the task's payload goes.
        let text = panic_of(|| {
            pool.scope(|s| {
                let bomb = ledger.bomb("payload");
                s.spawn(move || panic_any(bomb));
                panic!("body");
            });
        });
        assert_eq!(text, "body");
        // An error that is dropped drops the payload, in plain sight.
        let bomb = ledger.bomb("payload");
        let error = pool.spawn(move || panic_any(bomb)).wait().unwrap_err();
        assert_eq!(panic_of(|| drop(error)), "payload");
        // A detached one goes through the default handler.
        let bomb = ledger.bomb("payload");
        drop(pool.spawn(move || panic_any(bomb)));
        pool.wait_idle();
        ledger.assert_balanced();
        assert_eq!(pool.scope(|s| s.spawn(|| 1).join()), 1);
    });
}

/// Its drop panics with another of its kind, for as long as the count lasts.
struct Matryoshka(u32);

impl Drop for Matryoshka {
    fn drop(&mut self) {
        if self.0 > 0 && !std::thread::panicking() {
            panic_any(Self(self.0 - 1));
        }
    }
}

#[test]
fn a_payload_whose_drop_panics_with_a_payload_whose_drop_panics() {
    within(LIMIT, || {
        let pool = pool(2);
        drop(pool.spawn(|| panic_any(Matryoshka(10))));
        pool.wait_idle();
        let text = panic_of(|| zp::join!(panic!("first"), panic_any(Matryoshka(10))));
        assert_eq!(text, "first");
        let text = panic_of(|| {
            pool.scope(|s| {
                s.spawn(|| panic_any(Matryoshka(10)));
                panic!("body");
            });
        });
        assert_eq!(text, "body");
    });
}
