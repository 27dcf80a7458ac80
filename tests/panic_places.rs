//! A panic over a wrong call names the line of the call, not one of the library.

use crate::support::{Gate, LIMIT, on_worker, place_of, pool, within};
use std::future::Future;
use std::mem::MaybeUninit;
use std::panic::Location;
use std::pin::{Pin, pin};
use std::task::{Context, Waker};

/// `wrong` panics on the line of this call.
#[track_caller]
fn is_here<R>(what: &str, wrong: impl FnOnce() -> R) {
    let here = Location::caller();
    let place = place_of(wrong);
    assert_eq!(place, (here.file().to_owned(), here.line()), "{what}");
}

#[zp::batch]
fn copy(#[each] from: &u8, #[each] to: &mut u8) {
    *to = *from;
}

#[zp::batch]
fn sum(#[chunk(n)] rows: &[u8], n: usize) -> usize {
    rows.len().min(n)
}

#[test]
fn of_handles() {
    within(LIMIT, || {
        let pool = pool(1);
        let returned = || {
            let mut handle = pool.spawn(|| 1);
            let outcome = handle.wait_timeout(LIMIT).expect("time enough");
            assert_eq!(outcome.unwrap(), 1);
            handle
        };
        let (mut first, mut second) = (returned(), returned());
        is_here("wait", || returned().wait());
        is_here("wait_timeout", || first.wait_timeout(LIMIT));
        let mut cx = Context::from_waker(Waker::noop());
        is_here("poll", || Pin::new(&mut second).poll(&mut cx));
        is_here("await", || pin!(async { returned().await }).poll(&mut cx));
        // Nobody else is there to begin the tasks.
        on_worker(&pool, || {
            zp::scope(|s| {
                let task = s.spawn(|| ());
                assert!(task.cancel());
                is_here("Handle::join", || task.join());
                let batch = s.spawn_batch(zp::times(3, |_| ()));
                assert!(batch.cancel());
                is_here("BatchHandle::join, not begun", || batch.join());
            });
        });
        let gate = Gate::new();
        pool.scope(|s| {
            let batch = s.spawn_batch(zp::times(10_000, |_| gate.wait()));
            batch.cancel();
            gate.open();
            is_here("BatchHandle::join", || batch.join());
        });
    });
}

#[test]
fn of_pools() {
    within(LIMIT, || {
        let pool = pool(1);
        let same = pool.clone();
        on_worker(&pool, move || {
            is_here("wait_idle", || same.wait_idle());
            is_here("for a time", || same.wait_idle_timeout(LIMIT));
        });
        pool.shutdown();
        is_here("broadcast", || pool.broadcast(|worker| worker));
    });
}

const LENT: u32 = line!() + 2;

#[zp::task]
fn lent(len: usize, #[buf(len)] scratch: &mut [u8]) -> usize {
    scratch.len()
}

#[zp::task]
fn requests(#[cx] cx: &mut zp::Context<'_>) {
    is_here("Context::buffer", || cx.buffer(usize::MAX));
    is_here("Context::buffer_uninit", || cx.buffer_uninit(usize::MAX));
}

#[test]
fn of_contexts() {
    within(LIMIT, || {
        let pool = pool(1);
        pool.scope(|s| s.spawn(requests::new()).join());
        // What a parameter asks for by its mark, the attribute asks for.
        let place = place_of(|| pool.install(|| zp::join!(lent(usize::MAX, _))));
        assert_eq!(place, (file!().to_owned(), LENT));
    });
}

#[test]
fn of_batches_and_slots() {
    within(LIMIT, || {
        let mut out = [0; 2];
        is_here("each", || zp::each((&[1, 2], &[1]), |_| ()));
        is_here("map", || zp::map((&[1, 2], (0..2, &[1])), |_| ()));
        is_here("chunks", || zp::chunks(&[1], 0, |_| ()));
        is_here("chunks, to be changed", || zp::chunks(&mut out, 0, |_| ()));
        is_here("over", || copy::over(&[1, 2], &mut [0; 3]).run());
        is_here("over, of chunks", || sum::over(&[1, 2], 0).run());
        is_here("write_to", || zp::times(3, |i| i).write_to(&mut out));
        is_here("into_slots", || zp::times(3, |i| i).into_slots(&mut out));
        let mut uninit = [MaybeUninit::uninit(); 2];
        let batch = zp::times(3, |i| i);
        is_here("write_uninit", || batch.write_uninit(&mut uninit).len());
        let slots = zp::Slots::new(&mut out);
        is_here("write_indexed", || zp::write_indexed!(slots, 2, 5));
    });
}
