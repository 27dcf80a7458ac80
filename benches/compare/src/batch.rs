//! The group `batch`: one function over many items, from 1 000 empty ones to sorting 10 million numbers.

mod items;
mod numbers;
mod sort;

use crate::group::Group;

/// The group.
pub const GROUP: Group = Group {
    name: "batch",
    rows: &[
        items::EMPTY,
        items::EMPTY_OUTSIDE,
        items::STEPS_100,
        items::STEPS_100_OUTSIDE,
        items::STEPS_10_000,
        items::STEPS_10_000_OUTSIDE,
        items::UNEVEN,
        items::INDEXED,
        items::INDEXED_OUTSIDE,
        items::OVERHEAD,
        items::HEAVY,
        numbers::EACH,
        numbers::MAP,
        numbers::SUM,
        sort::UNSTABLE,
        sort::STABLE,
    ],
};
