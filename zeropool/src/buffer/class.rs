//! Size classes: how many bytes a request really gets.
//!
//! Up to 256 bytes the classes are 64 bytes apart; above, every doubling is cut into four equal steps:
//! 64, 128, 192, 256, 320, 384, 448, 512, 640, 768, 896, 1024, 1280, … So a block is at most a quarter longer
//! than the request, or, for tiny ones, by less than a cache line; and a small request never takes a large block.
//! Choosing a class is a handful of shifts.

/// Distance of the smallest classes, and what every class is a multiple of: one cache line, so that two
/// blocks never share one.
const GRAIN: usize = 64;

/// Up to this length classes are `GRAIN` apart.
const LINEAR_MAX: usize = 256;
const LINEAR_COUNT: usize = LINEAR_MAX / GRAIN;
const LINEAR_MAX_LOG2: usize = LINEAR_MAX.ilog2() as usize;

/// The longest request that is pooled.
pub(super) const POOLED_BYTES_MAX: usize = 16 << 20;

/// How many classes there are.
pub(super) const COUNT: usize = index_of(POOLED_BYTES_MAX) + 1;

const _: () = {
    assert!(COUNT <= u8::MAX as usize);
    // The two rules meet without a gap, and the last class is exactly the longest pooled request.
    assert!(index_of(LINEAR_MAX) + 1 == LINEAR_COUNT);
    assert!(index_of(LINEAR_MAX + 1) == LINEAR_COUNT);
    assert!(size_of_index(COUNT - 1) == POOLED_BYTES_MAX);
    let mut index = 0;
    while index < COUNT {
        let size = size_of_index(index);
        assert!(size.is_multiple_of(GRAIN));
        assert!(index_of(size) == index);
        assert!(index_of(size + 1) == index + 1);
        index += 1;
    }
};

/// A size class; always one of the `COUNT` that exist.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Class(u8);

impl Class {
    #[cfg(not(zeropool_loom))]
    pub(super) const SMALLEST: Self = Self(0);

    /// The class for a request of `len` bytes; none for an empty one, and none for one too long to be pooled.
    #[inline]
    pub(super) const fn of(len: usize) -> Option<Self> {
        if len == 0 || len > POOLED_BYTES_MAX {
            return None;
        }
        #[expect(
            clippy::cast_possible_truncation,
            reason = "asserted above: COUNT fits"
        )]
        Some(Self(index_of(len) as u8))
    }

    /// Length of this class's blocks in bytes.
    #[inline]
    pub(super) const fn size(self) -> usize {
        size_of_index(self.index())
    }

    /// A number below `COUNT`.
    #[inline]
    pub(super) const fn index(self) -> usize {
        self.0 as usize
    }

    /// The class with that number.
    #[inline]
    pub(super) const fn from_index(index: usize) -> Option<Self> {
        if index < COUNT {
            #[expect(
                clippy::cast_possible_truncation,
                reason = "asserted above: COUNT fits"
            )]
            return Some(Self(index as u8));
        }
        None
    }

    /// Every class, smallest first.
    pub(super) fn all() -> impl Iterator<Item = Self> {
        #[expect(
            clippy::cast_possible_truncation,
            reason = "asserted above: COUNT fits"
        )]
        (0..COUNT as u8).map(Self)
    }
}

/// Index of the smallest class with room for `len` bytes; `len` is not 0.
#[inline]
const fn index_of(len: usize) -> usize {
    let last = len - 1;
    if last < LINEAR_MAX {
        return last / GRAIN;
    }
    let log2 = last.ilog2() as usize;
    let quarter = (last >> (log2 - 2)) & 3;
    LINEAR_COUNT + (log2 - LINEAR_MAX_LOG2) * 4 + quarter
}

/// Length of the blocks of class number `index`.
#[inline]
pub(super) const fn size_of_index(index: usize) -> usize {
    if index < LINEAR_COUNT {
        return (index + 1) * GRAIN;
    }
    let step = index - LINEAR_COUNT;
    let log2 = LINEAR_MAX_LOG2 + step / 4;
    (1 << log2) + ((step % 4 + 1) << (log2 - 2))
}

#[cfg(all(test, not(zeropool_loom)))]
mod tests {
    use super::*;

    #[test]
    fn a_block_is_at_most_a_quarter_longer_than_the_request() {
        // A prime step under Miri, where four million rounds would take hours.
        let step = if cfg!(miri) { 40_009 } else { 1 };
        for len in (1..=4 << 20).step_by(step).chain([POOLED_BYTES_MAX]) {
            let size = Class::of(len).unwrap().size();
            assert!(size >= len, "{len} bytes got {size}");
            let waste = size - len;
            assert!(waste * 4 <= len || waste < GRAIN, "{len} bytes got {size}");
        }
    }

    #[test]
    fn a_class_is_the_smallest_that_fits() {
        let mut smaller = 0;
        for class in Class::all() {
            assert_eq!(Class::of(smaller + 1), Some(class));
            assert_eq!(Class::of(class.size()), Some(class));
            smaller = class.size();
        }
        assert_eq!(smaller, POOLED_BYTES_MAX);
    }

    #[test]
    fn an_empty_and_an_overlong_request_have_no_class() {
        assert_eq!(Class::of(0), None);
        assert_eq!(Class::of(POOLED_BYTES_MAX + 1), None);
        assert_eq!(Class::of(usize::MAX), None);
    }
}
