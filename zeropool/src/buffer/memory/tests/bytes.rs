//! What a region is: zeros, as many as asked for, where asked for, and nobody else's.

use super::*;

const MIB: usize = 1 << 20;

fn lengths() -> Vec<usize> {
    let page = page_size();
    let mut lengths = vec![1, 64, page - 1, page, page + 1, 3 * page + 1];
    if !cfg!(miri) {
        lengths.extend([2 * MIB, 5 * MIB + 1]);
    }
    lengths
}

#[test]
fn new_memory_is_zero_and_as_long_as_asked() {
    for asked in lengths() {
        // The second time where something was.
        for _ in 0..2 {
            let mut region = map(asked);
            assert_eq!(region.len(), asked.next_multiple_of(page_size()));
            assert!(!region.locked());
            assert!(all(bytes(&mut region), 0));
            bytes(&mut region).fill(0xAB);
            assert!(all(bytes(&mut region), 0xAB));
        }
    }
    assert_eq!(map(0).len(), page_size());
}

#[test]
fn memory_begins_on_a_multiple() {
    let page = page_size();
    let guards: &[bool] = if Protections::available().guard_pages() {
        &[false, true]
    } else {
        &[false]
    };
    for align in [1, 64, page, 2 * page, 2 * MIB, 64 * MIB] {
        if cfg!(miri) && align > 2 * MIB {
            continue;
        }
        for &guard_pages in guards {
            let protection = Protection {
                guard_pages,
                ..NONE
            };
            // Several, as the first may lie well by chance.
            let mut regions: Vec<_> = (1..=4)
                .map(|n| Region::map(n * page, align, &protection).unwrap())
                .collect();
            for (n, region) in regions.iter_mut().enumerate() {
                let start = region.start().addr().get();
                assert_eq!(start % align.max(page), 0, "{start:#x} for {align:#x}");
                assert_eq!(region.len(), (n + 1) * page);
                bytes(region).fill(1);
            }
        }
    }
}

#[test]
fn neighbours_keep_their_bytes() {
    let mut regions: Vec<_> = (0..12)
        .map(|n| Some((n, map((n % 3 + 1) * page_size()))))
        .collect();
    for (n, region) in regions.iter_mut().flatten() {
        bytes(region).fill(*n as u8 + 1);
    }
    for region in regions.iter_mut().skip(1).step_by(2) {
        *region = None;
    }
    let fresh: Vec<_> = (0..6).map(|_| map(page_size())).collect();
    for (n, region) in regions.iter_mut().flatten() {
        let mine = *n as u8 + 1;
        assert!(all(bytes(region), mine));
    }
    for mut region in fresh {
        assert!(all(bytes(&mut region), 0));
    }
}

#[test]
fn a_region_ends_on_another_thread() {
    let mut region = map(page_size());
    bytes(&mut region)[0] = 7;
    let region = std::thread::spawn(move || {
        assert_eq!(bytes(&mut region)[0], 7);
        region
    });
    drop(region.join().unwrap());
}

/// The variant for systems without mappings; under Miri all the other tests use it too.
#[test]
fn the_portable_variant_is_zero_and_aligned() {
    let page = portable::page_size();
    let blocks = [(page, 1), (3 * page, 64), (page, 2 * page), (page, 2 * MIB)];
    // The second time the allocator has blocks in which something was.
    for (len, align) in blocks.into_iter().chain(blocks) {
        let mapping = portable::Mapping::new(len, align, false).unwrap();
        assert_eq!(mapping.len(), len);
        assert_eq!(mapping.start().addr().get() % align.max(page), 0);
        let bytes = NonNull::slice_from_raw_parts(mapping.start(), len);
        // SAFETY: allocated and zeroed, and `mapping` outlives the use.
        let bytes = unsafe { &mut *bytes.as_ptr() };
        assert!(all(bytes, 0));
        bytes.fill(0xAB);
    }
    assert!(portable::Mapping::new(0, 1, false).is_none());
}
