//! Guard pages fault, and the bytes between them do not. Covers E13.

use super::*;

const GUARDED: Protection = Protection {
    guard_pages: true,
    ..NONE
};

/// Writes a byte `offset` bytes from the start of a region with guard pages, after its first and last.
fn touch(offset: impl FnOnce(&Region) -> isize) {
    let mut region = Region::map(3 * page_size(), 64, &GUARDED).unwrap();
    bytes(&mut region)[0] = 1;
    *bytes(&mut region).last_mut().unwrap() = 1;
    let address = region.start().as_ptr().wrapping_offset(offset(&region));
    println!("touching {address:?}");
    // SAFETY: not sound; the process ends here, or the test fails.
    unsafe { address.write_volatile(1) };
}

#[test]
fn the_byte_before_faults() {
    faults_alone(|| touch(|_| -1));
}

#[test]
fn the_byte_behind_faults() {
    faults_alone(|| touch(|region| region.len() as isize));
}

#[test]
fn the_last_byte_does_not() {
    alone(|| touch(|region| region.len() as isize - 1));
}

#[test]
fn a_guard_is_one_page_that_ends_with_its_region() {
    alone(|| {
        let page = page_size();
        for align in [64, 2 * MIB] {
            let region = Region::map(3 * page, align, &GUARDED).unwrap();
            let (start, end) = (
                region.start().addr().get(),
                region.start().addr().get() + region.len(),
            );
            for guard in [start - page, start - 1, end, end + page - 1] {
                assert_eq!(Mapped::around(guard).unwrap().access(), "---p");
            }
            for usable in [start, end - 1] {
                let mapped = Mapped::around(usable).unwrap();
                assert_eq!(mapped.access(), "rw-p");
                assert_eq!(kib(mapped.field("Size")), region.len());
            }
            // Guards cost no memory.
            assert_eq!(kib(Mapped::around(start - 1).unwrap().field("Rss")), 0);
            drop(region);
            for address in [start - page, start, end - 1, end + page - 1] {
                assert!(Mapped::around(address).is_none());
            }
        }
    });
}
