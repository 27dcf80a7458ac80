#![allow(unsafe_code)] // Reading and writing the memory.
//! Each file has one group of properties. What the state of a process shows is looked at in a process of the test's own.

mod bytes;
mod errors;
#[cfg(all(target_os = "linux", not(miri)))]
mod linux;

use super::{Lock, MapError, Protection, Protections, Region, page_size, portable};
use std::ptr::NonNull;

const NONE: Protection = Protection {
    lock: Lock::No,
    huge_pages: false,
    guard_pages: false,
    exclude_from_dumps: false,
    wipe_on_fork: false,
};

/// A region without protection.
#[track_caller]
fn map(bytes: usize) -> Region {
    Region::map(bytes, 64, &NONE).unwrap()
}

fn bytes(region: &mut Region) -> &mut [u8] {
    let bytes = NonNull::slice_from_raw_parts(region.start(), region.len());
    // SAFETY: mapped and initialised, and borrowed from the region.
    unsafe { &mut *bytes.as_ptr() }
}

/// Compares as a whole, which Miri does at once.
fn all(bytes: &[u8], value: u8) -> bool {
    bytes == vec![value; bytes.len()]
}

#[test]
fn a_region_may_go_anywhere() {
    fn anywhere<T: Send + Sync + 'static>() {}
    anywhere::<Region>();
    anywhere::<MapError>();
    anywhere::<Protections>();
}
