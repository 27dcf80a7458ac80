//! Advice reaches the kernel: `VmFlags` in `/proc/self/smaps`. Covers E13.

use super::*;

/// The flag is on both ends of a region with the wish, on neither guard, and not on one without it.
#[track_caller]
fn check(flag: &str, wish: Protection) {
    for guard_pages in [false, true] {
        let region = Region::map(
            3 * MIB,
            2 * MIB,
            &Protection {
                guard_pages,
                ..wish
            },
        )
        .unwrap();
        let start = region.start().addr().get();
        for address in [start, start + region.len() - 1] {
            assert!(Mapped::around(address).unwrap().has(flag));
        }
        if guard_pages {
            for address in [start - 1, start + region.len()] {
                assert!(!Mapped::around(address).unwrap().has(flag));
            }
        }
        let plain = map(3 * MIB);
        assert!(!mapped(&plain).has(flag));
        assert!(mapped(&region).has(flag));
    }
}

#[test]
fn excluded_from_dumps() {
    check(
        "dd",
        Protection {
            exclude_from_dumps: true,
            ..NONE
        },
    );
}

#[test]
fn wiped_on_fork() {
    check(
        "wf",
        Protection {
            wipe_on_fork: true,
            ..NONE
        },
    );
}

#[test]
fn huge_pages() {
    let wish = Protection {
        huge_pages: true,
        ..NONE
    };
    if Protections::available().huge_pages() {
        check("hg", wish);
    } else {
        // A kernel without them: the wish is forgotten.
        assert!(Region::map(1, 64, &wish).is_ok());
    }
}

#[test]
fn all_at_once() {
    // Few pages: what may be locked is little on some systems.
    let protection = Protection {
        lock: Lock::Must,
        huge_pages: true,
        guard_pages: true,
        exclude_from_dumps: true,
        wipe_on_fork: true,
    };
    let mut region = Region::map(2 * page_size(), 64, &protection).unwrap();
    let flags = mapped(&region);
    for flag in ["lo", "dd", "wf"] {
        assert!(flags.has(flag), "{flag}");
    }
    assert!(all(bytes(&mut region), 0));
}
