//! What cannot be had is a value that says why.

use super::*;
use std::error::Error;
use std::io::ErrorKind;

#[test]
fn an_impossible_size_is_an_error() {
    let page = page_size();
    let mut sizes = vec![
        usize::MAX,
        usize::MAX - page,
        usize::MAX - page + 1,
        isize::MAX as usize,
        isize::MAX as usize + 1,
    ];
    if !cfg!(miri) {
        // Objects of these sizes could exist; Miri ends when it has not that much memory.
        sizes.extend([isize::MAX as usize - 2 * page, isize::MAX as usize / 2]);
    }
    let guard_pages = Protections::available().guard_pages();
    for bytes in sizes {
        for align in [64, page, 2 << 20, 1 << 30, 1 << (usize::BITS - 1)] {
            for guard_pages in [false, guard_pages] {
                let protection = Protection {
                    guard_pages,
                    ..NONE
                };
                let error = Region::map(bytes, align, &protection).unwrap_err();
                assert!(
                    matches!(error, MapError::OutOfMemory { bytes: n } if n == bytes),
                    "{error:?}"
                );
                assert!(error.to_string().contains(&bytes.to_string()), "{error}");
                assert!(error.source().is_none());
            }
        }
    }
}

#[test]
#[should_panic(expected = "96")]
fn an_alignment_is_a_power_of_two() {
    drop(Region::map(1, 96, &NONE));
}

#[test]
fn the_portable_variant_has_no_protection() {
    let mut mapping = portable::Mapping::new(portable::page_size(), 1, false).unwrap();
    for result in [
        mapping.lock(),
        mapping.exclude_from_dumps(),
        mapping.wipe_on_fork(),
        mapping.prefer_huge_pages(),
    ] {
        assert_eq!(result.unwrap_err().kind(), ErrorKind::Unsupported);
    }
    const { assert!(!portable::GUARD_PAGES) };
}

/// Each wish alone, and what is said to be available, agree.
#[test]
fn what_is_available_can_be_had_and_the_rest_is_an_error() {
    let available = Protections::available();
    let wishes = [
        (
            available.guard_pages(),
            Protection {
                guard_pages: true,
                ..NONE
            },
            "guard pages",
        ),
        (
            available.dump_exclusion(),
            Protection {
                exclude_from_dumps: true,
                ..NONE
            },
            "exclusion from core dumps",
        ),
        (
            available.fork_wiping(),
            Protection {
                wipe_on_fork: true,
                ..NONE
            },
            "wiping on fork",
        ),
    ];
    for (available, wish, name) in wishes {
        match Region::map(1, 64, &wish) {
            Ok(mut region) => {
                assert!(available, "{name}");
                assert!(all(bytes(&mut region), 0));
            }
            Err(error) => {
                assert!(!available, "{name}: {error}");
                assert!(error.to_string().contains(name), "{error}");
                assert!(error.source().is_some());
                assert!(matches!(error, MapError::Protect { what, .. } if what == name));
            }
        }
    }
    // Advice is never an error.
    let huge = Protection {
        huge_pages: true,
        ..NONE
    };
    assert!(Region::map(1, 64, &huge).is_ok());

    if !available.locking() {
        let must = Protection {
            lock: Lock::Must,
            ..NONE
        };
        let error = Region::map(10, 64, &must).unwrap_err();
        assert!(error.to_string().contains("10 bytes"), "{error}");
        let MapError::Lock { bytes: 10, source } = error else {
            panic!("{error:?}");
        };
        assert_eq!(source.kind(), ErrorKind::Unsupported);
        let tried = Protection {
            lock: Lock::Try,
            ..NONE
        };
        assert!(!Region::map(10, 64, &tried).unwrap().locked());
    }
    if cfg!(all(unix, not(miri))) {
        assert!(available.locking() && available.guard_pages());
    }
    if cfg!(any(miri, not(unix))) {
        assert!(!available.locking() && !available.guard_pages());
    }
}
