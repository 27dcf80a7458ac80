//! The group `join`: fork-join work, from joins around nothing to two arms of half a millisecond.

mod arms;
mod chain;
mod fib;
mod matrix;
mod queens;
mod sort;
pub mod tree;
mod uts;

use crate::group::Group;

/// The group.
pub const GROUP: Group = Group {
    name: "join",
    rows: &[
        tree::SMALL,
        tree::MIDDLE,
        tree::LARGE,
        fib::ROW,
        uts::ROW,
        queens::ROW,
        sort::QUICK,
        sort::MERGE,
        matrix::ROWS,
        matrix::QUADRANTS,
        chain::TINY_FIRST,
        chain::TINY_SECOND,
        arms::INSIDE_5,
        arms::INSIDE_50,
        arms::INSIDE_500,
        arms::OUTSIDE_5,
        arms::OUTSIDE_50,
        arms::OUTSIDE_500,
        arms::PLAIN_FIRST,
        arms::PLAIN_SECOND,
        arms::COLD,
        tree::COLD,
    ],
};
