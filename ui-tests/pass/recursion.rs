// Tasks that use their own parameter struct.
#![deny(warnings)]
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};

#[zp::task]
fn leaves(depth: usize, #[buf(depth)] path: &mut [u8]) -> usize {
    if path.is_empty() {
        return 1;
    }
    let (left, right) = zp::join!(leaves(depth - 1, _), leaves(depth - 1, _));
    left + right
}

#[zp::task]
fn visit<'scope, 'env>(s: &'scope zp::Scope<'scope, 'env>, depth: usize, count: &'env AtomicUsize) {
    count.fetch_add(1, Relaxed);
    if depth > 0 {
        s.spawn(visit { s, depth: depth - 1, count });
        s.spawn(visit::new(s, depth - 1, count));
    }
}

#[zp::task]
fn generic<T: Clone + Send, F: Fn(&T) + Sync>(item: T, depth: usize, each: &F) {
    each(&item);
    if depth > 0 {
        zp::scope(|s| {
            s.spawn(generic { item: item.clone(), depth: depth - 1, each });
        });
    }
}

fn main() {
    assert_eq!(zp::join!(leaves(4, _), 0).0, 16);
    let count = AtomicUsize::new(0);
    zp::scope(|s| {
        s.spawn(visit { s, depth: 3, count: &count });
    });
    assert_eq!(count.into_inner(), 15);
    let calls = AtomicUsize::new(0);
    generic("a", 3, &|_| {
        calls.fetch_add(1, Relaxed);
    });
    assert_eq!(calls.into_inner(), 4);
}
