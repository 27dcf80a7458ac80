//! A panic over a wrong request names the line of the request, not one of the library.

use crate::support::{LIMIT, on_worker, place_of, pool, within};
use std::panic::Location;
use std::time::Duration;
use zp::BufferPool;

/// `wrong` panics on the line of this call.
#[track_caller]
fn is_here<R>(what: &str, wrong: impl FnOnce() -> R) {
    let here = Location::caller();
    let place = place_of(wrong);
    assert_eq!(place, (here.file().to_owned(), here.line()), "{what}");
}

#[test]
fn of_requests() {
    within(LIMIT, || {
        let buffers = BufferPool::builder()
            .max_bytes(4096)
            .worker_wait(Duration::from_millis(1))
            .build()
            .unwrap();
        is_here("get", || buffers.get(4097));
        is_here("get_uninit", || buffers.get_uninit(4097));
        let held = buffers.get(4096);
        on_worker(&pool(1), move || {
            is_here("get, in a task", || buffers.get(1));
            is_here("get_uninit, in a task", || buffers.get_uninit(1));
        });
        drop(held);
    });
}

#[test]
fn of_buffers() {
    let buffers = BufferPool::new();
    let mut buf = buffers.get(4096);
    is_here("resize", || buf.resize(buf.capacity() + 1));
    assert_eq!(buf.len(), 4096);
    let uninit = buffers.get_uninit(2);
    is_here("write_from_slice", || uninit.write_from_slice(b"abc"));
}
