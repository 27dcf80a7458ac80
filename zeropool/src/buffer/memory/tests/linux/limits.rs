//! A system that has no more to give.

use super::*;
use std::ptr;

#[test]
fn no_address_space_is_an_error() {
    alone(|| {
        let limit = (status("VmSize") + 256 * MIB) as libc::rlim_t;
        let limit = libc::rlimit {
            rlim_cur: limit,
            rlim_max: limit,
        };
        // SAFETY: `limit` is valid for reading.
        assert_eq!(unsafe { libc::setrlimit(libc::RLIMIT_AS, &limit) }, 0);
        for (align, guard_pages) in [(64, false), (2 * MIB, false), (64, true), (2 * MIB, true)] {
            let protection = Protection {
                guard_pages,
                ..NONE
            };
            let error = Region::map(1024 * MIB, align, &protection).unwrap_err();
            assert!(matches!(error, MapError::OutOfMemory { .. }), "{error:?}");
            // What fits once fits again and again: nothing is lost.
            for _ in 0..10 {
                let mut region = Region::map(100 * MIB, align, &protection).unwrap();
                *bytes(&mut region).last_mut().unwrap() = 1;
            }
        }
    });
}

#[test]
fn what_an_alignment_needed_beyond_the_bytes_is_given_back() {
    alone(|| {
        let before = status("VmSize");
        let regions: Vec<_> = (0..8)
            .map(|_| Region::map(1, 64 * MIB, &NONE).unwrap())
            .collect();
        assert!(status("VmSize") < before + MIB);
        let starts: Vec<_> = regions.iter().map(|region| region.start()).collect();
        drop(regions);
        for start in starts {
            assert!(Mapped::around(start.addr().get()).is_none());
        }
    });
}

/// A process has only so many mappings, and a region in the middle of one cannot be unmapped without making one more.
#[test]
fn what_cannot_be_unmapped_is_lost_but_empty() {
    const LEN: usize = 64 * MIB;
    let max = std::fs::read_to_string("/proc/sys/vm/max_map_count").unwrap();
    let max: usize = max.trim().parse().unwrap();
    if max > 300_000 {
        eprintln!("SKIPPED: {max} mappings are too many to make");
        return;
    }
    alone(|| {
        // Too large for gaps between other mappings, so they lie next to each other.
        let mut regions: Vec<_> = (0..8).map(|_| map(LEN)).collect();
        regions.sort_by_key(Region::start);
        let middle = (1..7)
            .find(|&n| {
                let starts = [n - 1, n, n + 1].map(|n| regions[n].start().addr().get());
                starts[0] + LEN == starts[1] && starts[1] + LEN == starts[2]
            })
            .expect("three in a row");
        for region in &mut regions {
            bytes(region)[..MIB].fill(0xAB);
        }

        let (page, access) = (page_size(), [libc::PROT_READ, libc::PROT_WRITE]);
        // SAFETY: a new mapping wherever the system likes.
        let filler = unsafe {
            libc::mmap(
                ptr::null_mut(),
                (max + 1) * page,
                libc::PROT_NONE,
                libc::MAP_PRIVATE | libc::MAP_ANONYMOUS | libc::MAP_NORESERVE,
                -1,
                0,
            )
        };
        assert_ne!(filler, libc::MAP_FAILED);
        // Each page becomes a mapping of its own, until there may be no more.
        let made = (0..max).find(|&n| {
            let page_n = filler.wrapping_byte_add(n * page);
            // SAFETY: a page of the mapping just made, which nobody uses.
            unsafe { libc::mprotect(page_n, page, access[n % 2]) != 0 }
        });
        let lost = regions.remove(middle);
        let start = lost.start().as_ptr();
        drop(lost);
        // SAFETY: made above; nobody uses it.
        let unfilled = unsafe { libc::munmap(filler, (max + 1) * page) };
        assert!(made.is_some(), "there were not too many");
        assert_eq!(unfilled, 0);

        // Still there, so nothing else gets the place; but its contents are gone.
        for offset in [0, MIB - 1, LEN - 1] {
            // SAFETY: mapped, which is what is tested; nobody else has it.
            assert_eq!(unsafe { start.wrapping_add(offset).read_volatile() }, 0);
        }
        for region in &mut regions {
            assert!(all(&bytes(region)[..MIB], 0xAB));
        }
        let fresh = map(LEN);
        let distance = fresh.start().addr().get().abs_diff(start.addr());
        assert!(distance >= LEN);
    });
}
