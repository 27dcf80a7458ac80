//! The group `spawn`: tasks that are submitted one by one.

mod many;
mod one;
mod submit;

use crate::group::Group;

/// The group.
pub const GROUP: Group = Group {
    name: "spawn",
    rows: &[
        many::EMPTY,
        many::EMPTY_OUTSIDE,
        one::BORROWED,
        one::OWNED,
        many::INDIVIDUAL_16,
        many::INDIVIDUAL_100,
        many::INDIVIDUAL_1000,
        submit::ONE_PRODUCER,
        submit::TWO_PRODUCERS,
        submit::FOUR_PRODUCERS,
    ],
};
