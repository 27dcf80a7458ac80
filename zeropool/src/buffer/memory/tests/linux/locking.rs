//! Locked means locked: `VmLck` in `/proc/self/status`. Covers B14.

use super::*;
use rustix::thread::{CapabilitySet, capabilities, set_capabilities};

const MUST: Protection = Protection {
    lock: Lock::Must,
    ..NONE
};
const TRY: Protection = Protection {
    lock: Lock::Try,
    ..NONE
};

/// From now on this process may lock `bytes` bytes, whoever runs it.
fn limit_locking(bytes: usize) {
    let limit = libc::rlimit {
        rlim_cur: bytes as libc::rlim_t,
        rlim_max: bytes as libc::rlim_t,
    };
    // SAFETY: `limit` is valid for reading.
    assert_eq!(unsafe { libc::setrlimit(libc::RLIMIT_MEMLOCK, &limit) }, 0);
    // The limit does not bind who has this capability. It is the calling thread's.
    let mut sets = capabilities(None).unwrap();
    sets.effective.remove(CapabilitySet::IPC_LOCK);
    set_capabilities(None, sets).unwrap();
}

#[test]
fn locked_bytes_are_counted_until_the_region_ends() {
    alone(|| {
        let page = page_size();
        assert_eq!(status("VmLck"), 0);
        // One more byte than four pages.
        let mut first = Region::map(4 * page + 1, 64, &MUST).unwrap();
        assert!(first.locked());
        assert_eq!(status("VmLck"), 5 * page);
        bytes(&mut first).fill(0xAB);
        assert_eq!(status("VmLck"), 5 * page, "while it is used");

        let tried = Region::map(2 * page, 64, &TRY).unwrap();
        let guarded = Region::map(
            page,
            64,
            &Protection {
                guard_pages: true,
                ..MUST
            },
        )
        .unwrap();
        assert!(tried.locked() && guarded.locked());
        assert_eq!(status("VmLck"), 8 * page, "guards do not count");
        // A neighbour's end unlocks only the neighbour.
        drop(tried);
        assert_eq!(status("VmLck"), 6 * page);
        assert!(mapped(&first).has("lo"));
        assert!(all(bytes(&mut first), 0xAB));
        drop((first, guarded));
        assert_eq!(status("VmLck"), 0);
    });
}

#[test]
fn neighbours_are_not_locked() {
    alone(|| {
        let page = page_size();
        let plain: Vec<_> = (0..3).map(|_| map(page)).collect();
        let locked = Region::map(page, 64, &MUST).unwrap();
        let more: Vec<_> = (0..3).map(|_| map(page)).collect();
        assert!(mapped(&locked).has("lo"));
        for neighbour in plain.iter().chain(&more) {
            assert!(!mapped(neighbour).has("lo"));
        }
        assert_eq!(status("VmLck"), page);
    });
}

#[test]
fn locking_brings_the_pages_in() {
    alone(|| {
        let page = page_size();
        for lock in [Lock::Must, Lock::No] {
            // Guards, so that no mapping beside it is merged with it.
            let protection = Protection {
                lock,
                guard_pages: true,
                ..NONE
            };
            let region = Region::map(6 * page, 64, &protection).unwrap();
            let expected = if lock == Lock::Must { region.len() } else { 0 };
            assert_eq!(kib(mapped(&region).field("Rss")), expected);
            assert_eq!(kib(mapped(&region).field("Locked")), expected);
        }
    });
}

#[test]
fn a_refusal_is_an_error_and_leaves_nothing() {
    alone(|| {
        let page = page_size();
        limit_locking(2 * page);
        let before = status("VmSize");
        let error = Region::map(64 * MIB, 64, &MUST).unwrap_err();
        let text = error.to_string();
        assert!(text.contains(&(64 * MIB).to_string()), "{text}");
        assert!(text.contains("ulimit -l"), "{text}");
        let MapError::Lock { bytes, source } = error else {
            panic!("{error:?}");
        };
        assert_eq!(bytes, 64 * MIB);
        assert_eq!(source.raw_os_error(), Some(libc::ENOMEM));
        assert_eq!(status("VmLck"), 0);
        assert!(status("VmSize") < before + MIB, "nothing stays mapped");

        // What fits is locked, and room comes back.
        for _ in 0..3 {
            let region = Region::map(2 * page, 64, &MUST).unwrap();
            assert_eq!(status("VmLck"), 2 * page);
            assert!(Region::map(page, 64, &MUST).is_err());
            drop(region);
        }
        assert!(
            Protections::available().locking(),
            "the system has it, however little is allowed"
        );
    });
}

#[test]
fn a_refused_try_is_told() {
    alone(|| {
        limit_locking(page_size());
        let mut region = Region::map(3 * page_size(), 64, &TRY).unwrap();
        assert!(!region.locked());
        assert_eq!(status("VmLck"), 0);
        assert!(!mapped(&region).has("lo"));
        assert!(all(bytes(&mut region), 0));
    });
}

#[test]
fn no_limit_at_all_is_a_refusal_too() {
    alone(|| {
        limit_locking(0);
        let error = Region::map(1, 64, &MUST).unwrap_err();
        assert!(
            matches!(error, MapError::Lock { bytes: 1, .. }),
            "{error:?}"
        );
        assert!(!Region::map(1, 64, &TRY).unwrap().locked());
        assert!(Protections::available().locking());
    });
}
