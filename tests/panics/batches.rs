//! Panics on top of each other in batches: the first one is delivered, nothing aborts, everything is dropped once.

use crate::support::{LIMIT, Ledger, panic_of, payload_of, pool, within};
use std::mem::forget;
use std::panic::{AssertUnwindSafe, catch_unwind, panic_any};
use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};

/// Panics whenever it is dropped.
struct Evil;

impl Drop for Evil {
    fn drop(&mut self) {
        panic_any("evil");
    }
}

fn on_each_pool(test: impl Fn(&zp::Pool) + Send + 'static) {
    within(LIMIT, move || {
        for workers in [1, 2] {
            test(&pool(workers));
        }
    });
}

fn keep_left(left: Evil, right: Evil) -> Evil {
    forget(right);
    left
}

#[test]
fn what_was_combined_so_far() {
    on_each_pool(|pool| {
        // More than 256 items, so that blocks have several.
        let batch = zp::times(1024, |i| if i % 4 == 2 { panic_any(7_u8) } else { Evil });
        let payload = payload_of(|| forget(batch.on(pool).reduce(Evil, keep_left)));
        assert_eq!(payload.downcast_ref(), Some(&7_u8));
    });
}

#[test]
fn the_identity_that_was_not_needed() {
    on_each_pool(|pool| {
        let batch = zp::times(3, |i| if i == 0 { panic_any(7_u8) } else { Evil });
        let payload = payload_of(|| forget(batch.on(pool).reduce(Evil, keep_left)));
        assert_eq!(payload.downcast_ref(), Some(&7_u8));
        // Without another panic its own is the one.
        let whole = || forget(zp::times(3, |_| Evil).on(pool).reduce(Evil, keep_left));
        assert_eq!(panic_of(whole), "evil");
    });
}

#[test]
fn what_the_closure_captured() {
    on_each_pool(|pool| {
        let evil = Evil;
        let batch = zp::times(3, move |i| {
            let _ = &evil;
            assert!(i != 0, "an item");
        });
        assert_eq!(panic_of(|| batch.on(pool).run()), "an item");
        let evil = Evil;
        let batch = zp::times(3, move |_| {
            let _ = &evil;
        });
        assert_eq!(panic_of(|| batch.on(pool).run()), "evil");
    });
}

#[test]
fn results_made_before_an_item_panics() {
    on_each_pool(|pool| {
        for n in [3, 100, 1000] {
            let batch = zp::times(n, |i| if i == n - 1 { panic_any(7_u8) } else { Evil });
            let payload = payload_of(|| forget(batch.on(pool).collect()));
            assert_eq!(payload.downcast_ref(), Some(&7_u8));
        }
    });
}

#[test]
fn an_error_comes_before_the_destructors_of_what_it_skips() {
    on_each_pool(|pool| {
        for (n, grain) in [
            (10, Some(1)),
            (10, Some(10)),
            (100, None),
            (100, Some(100)),
            (1000, None),
        ] {
            for _ in 0..10 {
                let ledger = Ledger::new();
                let items: Vec<_> = (0..n)
                    .map(|i| {
                        if i == n - 1 {
                            ledger.bomb("a skipped item")
                        } else {
                            ledger.token()
                        }
                    })
                    .collect();
                let begun = AtomicUsize::new(0);
                let batch = zp::map(items, |item| {
                    if begun.fetch_add(1, SeqCst) == 0 {
                        drop(item);
                        return Err("error");
                    }
                    Ok(item)
                });
                let batch = match grain {
                    Some(grain) => batch.grain(grain),
                    None => batch,
                };
                let result = catch_unwind(AssertUnwindSafe(|| {
                    batch.on(pool).try_collect().map(|_| ())
                }));
                // Nobody is asked to begin with the first item.
                assert!(
                    matches!(result, Ok(Err("error"))),
                    "{n} items, grain {grain:?}"
                );
                ledger.assert_balanced();
            }
        }
    });
}

#[test]
fn an_error_is_returned_though_a_value_panics() {
    on_each_pool(|pool| {
        let ledger = Ledger::new();
        let batch = zp::times(2, |i| {
            if i == 0 {
                Ok(ledger.bomb("a value"))
            } else {
                Err(ledger.token())
            }
        });
        let result = batch.on(pool).try_collect();
        assert!(result.is_err());
        drop(result);
        ledger.assert_balanced();
    });
}

#[test]
fn an_error_that_panics_itself() {
    on_each_pool(|pool| {
        let items: Vec<_> = (0..1024).map(|_| Evil).collect();
        let batch = zp::map(items, |evil| {
            forget(evil);
            Err::<(), _>(Evil)
        });
        match batch.on(pool).grain(10).try_collect() {
            Err(error) => forget(error),
            Ok(_) => panic!("an error"),
        }
    });
}
