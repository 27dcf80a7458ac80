//! Destructors that panic: of captures, arguments, results and payloads. What is not in the panic matrix (`panic_matrix.rs`).

use crate::support::{
    Gate, LIMIT, Ledger, Token, message, occupy, on_worker, panic_of, payload_of, pool, within,
};
use std::panic::panic_any;
use std::sync::{Arc, Mutex};

#[zp::task]
fn consume(argument: Token) {
    drop(argument);
}

#[zp::task]
fn keep_first(first: Token, second: Token) -> Token {
    drop(second);
    first
}

type Step<'a> = &'a (dyn Fn() + Sync);

/// Runs `f` for three cases, with both arms on one thread, and with a first arm that waits until the second one is
/// stolen.
fn inline_and_stolen(f: fn(case: usize, first: Step<'_>, second: Step<'_>, &Ledger)) {
    let ledger = Ledger::new();
    let two = pool(2);
    for case in 0..3 {
        let inside = ledger.clone();
        on_worker(&pool(1), move || f(case, &|| (), &|| (), &inside));
        let inside = ledger.clone();
        on_worker(&two, move || {
            let begun = Gate::new();
            f(case, &|| begun.wait(), &|| begun.open(), &inside);
        });
        let begun = Gate::new();
        two.install(|| f(case, &|| begun.wait(), &|| begun.open(), &ledger));
    }
    ledger.assert_balanced();
    assert_eq!(two.install(|| zp::join!(1, 2)), (1, 2));
}

#[test]
fn a_capture_of_an_arm_panics_in_its_drop() {
    within(LIMIT, || {
        inline_and_stolen(|case, first, second, ledger| {
            let [first_fails, second_fails] = [[true, true], [true, false], [false, true]][case];
            let token = |fails, text| {
                if fails {
                    ledger.bomb(text)
                } else {
                    ledger.token()
                }
            };
            let (a, b) = (token(first_fails, "first"), token(second_fails, "second"));
            let text = panic_of(|| {
                zp::join(
                    || {
                        let _a = a;
                        first();
                    },
                    || {
                        let _b = b;
                        second();
                    },
                )
            });
            assert_eq!(text, if first_fails { "first" } else { "second" });
        });
    });
}

#[test]
fn a_capture_of_an_arm_that_never_starts_panics_in_its_drop() {
    within(LIMIT, || {
        let ledger = Ledger::new();
        let inside = ledger.clone();
        on_worker(&pool(1), move || {
            let bomb = inside.bomb("unstarted");
            let text = panic_of(|| zp::join(|| panic!("first"), move || drop(bomb)));
            assert_eq!(text, "first");
            let bomb = inside.bomb("unstarted");
            let result = zp::try_join!(Err::<(), _>("error"), {
                drop(bomb);
                Ok(())
            });
            assert_eq!(result, Err("error"));
        });
        ledger.assert_balanced();
    });
}

#[test]
fn a_result_that_a_join_throws_away_panics_in_its_drop() {
    within(LIMIT, || {
        inline_and_stolen(|_, first, second, ledger| {
            let text = panic_of(|| {
                zp::join!(
                    {
                        first();
                        ledger.bomb("result")
                    },
                    {
                        second();
                        panic!("arm")
                    }
                )
            });
            assert_eq!(text, "arm");
            let text = panic_of(|| zp::join!(panic!("arm"), ledger.bomb("result")));
            assert_eq!(text, "arm");
        });
    });
}

#[test]
fn a_payload_that_a_join_throws_away_panics_in_its_drop() {
    within(LIMIT, || {
        inline_and_stolen(|_, first, second, ledger| {
            let payload = payload_of(|| {
                zp::join!(
                    {
                        first();
                        panic_any(1)
                    },
                    {
                        second();
                        panic_any(ledger.bomb("payload"))
                    }
                )
            });
            assert_eq!(payload.downcast_ref(), Some(&1));
        });
    });
}

#[test]
fn an_argument_of_a_task_panics_in_its_drop() {
    within(LIMIT, || {
        let pool = pool(2);
        let ledger = Ledger::new();
        let bomb = || ledger.bomb("argument");
        pool.scope(|s| {
            let joined = s.spawn(consume { argument: bomb() });
            assert_eq!(panic_of(|| joined.join()), "argument");
            let waited = s.spawn(keep_first {
                first: ledger.token(),
                second: bomb(),
            });
            assert!(waited.wait().unwrap_err().is_panic());
            let capture = bomb();
            let closure = s.spawn(move || {
                let _capture = &capture;
            });
            assert_eq!(panic_of(|| closure.join()), "argument");
        });
        let text = panic_of(|| pool.scope(|s| drop(s.spawn(consume { argument: bomb() }))));
        assert_eq!(text, "argument");
        ledger.assert_balanced();
    });
}

#[test]
fn an_argument_of_a_rejected_task_panics_in_its_drop() {
    within(LIMIT, || {
        let ledger = Ledger::new();
        let part = Arc::new(());
        let lives = Arc::downgrade(&part);
        let pool = zp::Pool::builder()
            .workers(1)
            .panic_handler(move |_| {
                let _part = &part;
            })
            .build()
            .unwrap();
        pool.shutdown();
        let task = || consume {
            argument: ledger.bomb("rejected"),
        };
        assert_eq!(panic_of(|| pool.spawn(task())), "rejected");
        let options = zp::SpawnOptions::new();
        assert_eq!(panic_of(|| pool.spawn_with(task(), options)), "rejected");
        ledger.assert_balanced();
        pool.wait_idle();
        // No handle is left over that would keep it.
        assert_eq!(lives.strong_count(), 1);
        drop(pool);
        assert_eq!(lives.strong_count(), 0);
    });
}

#[test]
fn a_result_nobody_takes_panics_in_its_drop() {
    within(LIMIT, || {
        let heard = Arc::new(Mutex::new(Vec::new()));
        let hear = Arc::clone(&heard);
        let pool = zp::Pool::builder()
            .workers(2)
            .panic_handler(move |payload| hear.lock().unwrap().push(message(&*payload)))
            .build()
            .unwrap();
        let ledger = Ledger::new();
        let result = || {
            let bomb = ledger.bomb("result");
            move || bomb
        };
        // The handle is gone before the task has ended: the executor drops the result.
        let busy = occupy(&pool, 2);
        assert_eq!(
            panic_of(|| pool.scope(|s| drop(s.spawn(result())))),
            "result"
        );
        drop(pool.spawn(result()));
        drop(busy);
        pool.wait_idle();
        assert_eq!(
            heard.lock().unwrap().drain(..).collect::<Vec<_>>(),
            ["result"]
        );
        // The handle is dropped later: it drops the result, and its owner does not unwind.
        let text = panic_of(|| {
            pool.scope(|s| {
                let mut handle = s.spawn(result());
                while !handle.wait_timeout(LIMIT) {}
                drop(handle);
            });
        });
        assert_eq!(text, "result");
        let late = pool.spawn(result());
        pool.wait_idle();
        drop(late);
        assert_eq!(*heard.lock().unwrap(), ["result"]);
        // Whoever joins gets the value, and with it the panic.
        assert_eq!(
            panic_of(|| pool.scope(|s| drop(s.spawn(result()).join()))),
            "result"
        );
        assert_eq!(panic_of(|| drop(pool.spawn(result()).wait())), "result");
        ledger.assert_balanced();
    });
}
