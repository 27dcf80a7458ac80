//! Panics while a panic unwinds: destructors and payloads that panic whenever they are dropped, in joins that are plain calls
//! and in joins that make offers.

use crate::support::{LIMIT, pool, times, within};
use std::any::Any;
use std::panic::{AssertUnwindSafe, catch_unwind, panic_any};

/// Panics whenever it is dropped, panicking or not, with a payload that does the same, `depth` times.
struct Bomb(u32);

impl Drop for Bomb {
    fn drop(&mut self) {
        // A join inside a destructor, perhaps while unwinding.
        let (a, b) = zp::join!(1, 2);
        assert_eq!(a + b, 3);
        if self.0 > 0 {
            panic_any(Self(self.0 - 1));
        }
    }
}

fn payload_of<R>(f: impl FnOnce() -> R) -> Box<dyn Any + Send> {
    match catch_unwind(AssertUnwindSafe(f)) {
        Ok(_) => panic!("it did not panic"),
        Err(payload) => payload,
    }
}

fn drop_quietly<T>(value: T) {
    if let Err(payload) = catch_unwind(AssertUnwindSafe(|| drop(value))) {
        drop_quietly(payload);
    }
}

/// The payload of `f`'s panic is the number 7.
fn panics_with_7<R>(f: impl FnOnce() -> R) {
    assert_eq!(payload_of(f).downcast_ref(), Some(&7_u8));
}

#[allow(
    clippy::diverging_sub_expression,
    reason = "an arm that only panics is the point"
)]
fn every_case() {
    for depth in 0..3 {
        // The first arm panics; what the second has captured goes off.
        let bomb = Bomb(depth);
        panics_with_7(|| {
            zp::join(
                || panic_any(7_u8),
                move || {
                    let _bomb = &bomb;
                },
            );
        });
        // The second arm panics; the first one's result goes off.
        panics_with_7(|| zp::join(|| Bomb(depth), || panic_any(7_u8)));
        // Both panic, or would: the first one's payload wins, the second's goes off.
        panics_with_7(|| {
            zp::join(|| panic_any(7_u8), || panic_any(Bomb(depth)));
        });
        // The winning payload goes off later, what is left over now.
        let bomb = Bomb(depth);
        let payload = payload_of(|| {
            zp::join(
                || panic_any(Bomb(depth)),
                move || {
                    let _bomb = &bomb;
                },
            );
        });
        assert!(payload.is::<Bomb>());
        drop_quietly(payload);
        // An error skips the second arm; what it has captured goes off, and the error wins.
        let bomb = Bomb(depth);
        let result: Result<((), ()), u8> = zp::try_join!(Err(3), {
            let _bomb = bomb;
            Ok(())
        });
        assert_eq!(result, Err(3));
        // The second arm fails; the first one's result goes off, and if that panics, the error goes off after it.
        let outcome = catch_unwind(AssertUnwindSafe(|| {
            zp::try_join!(Ok(Bomb(depth)), Err::<(), _>(Bomb(depth))).map(drop)
        }));
        assert_eq!(outcome.is_err(), depth > 0);
        drop_quietly(outcome);
        // Three arms, the middle one panics.
        let bomb = Bomb(depth);
        panics_with_7(|| {
            zp::join!(Bomb(depth), panic_any(7_u8), {
                let _bomb = &bomb;
            });
        });
        drop_quietly(bomb);
        // All that inside a destructor while another panic unwinds.
        panics_with_7(|| {
            struct Inner;
            impl Drop for Inner {
                fn drop(&mut self) {
                    panics_with_7(|| zp::join(|| Bomb(2), || panic_any(7_u8)));
                }
            }
            let _inner = Inner;
            panic_any(7_u8)
        });
    }
}

/// Makes the thread quiet for certain: nobody wants offers that are made so quickly.
fn many_small_joins() {
    for _ in 0..100 {
        zp::join(|| 1, || 2);
    }
}

/// Each case in a join that makes an offer, below one that has, and on a thread that has paused.
#[test]
fn a_second_panic_while_unwinding_aborts_nothing() {
    within(LIMIT, || {
        for workers in [1, 2] {
            let pool = pool(workers);
            for _ in 0..times(4, 1) {
                pool.install(|| {
                    every_case();
                    zp::join(every_case, every_case);
                    zp::join(
                        || {
                            many_small_joins();
                            every_case();
                        },
                        || {
                            many_small_joins();
                            every_case();
                        },
                    );
                });
                let on_worker = pool.spawn(|| {
                    every_case();
                    many_small_joins();
                    every_case();
                    zp::join(every_case, every_case);
                });
                assert!(on_worker.wait().is_ok());
            }
        }
    });
}
