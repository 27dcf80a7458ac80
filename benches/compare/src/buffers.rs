//! The group `buffers`: buffers lent and given back, by pools and without one.
//!
//! Rows bring threads of their own and do not depend on the number of workers.
//!
//! Where nobody has to zero, the row's name ends in `-dirty` (the rows `uninit-` too); everywhere else every buffer is all zero when
//! it is lent, and everybody who does not see to that by themselves is told to. The baseline keeps its buffers in variables of
//! its own and does with them what the row does, the zeroing too: what a pool costs is what comes on top.

mod burst;
mod crew;
mod handoff;
mod lent;
mod mixed;
mod one;
mod source;
mod sources;
mod threads;

use crate::group::Group;

/// The group.
pub const GROUP: Group = Group {
    name: "buffers",
    rows: &[
        one::UNINIT_4K,
        one::UNINIT_64K,
        one::UNINIT_1M,
        one::OVERWRITE_4K,
        one::OVERWRITE_64K,
        one::OVERWRITE_1M,
        one::TOUCH,
        threads::ZEROED_2,
        threads::ZEROED_4,
        threads::ZEROED_8,
        threads::ZEROED_16,
        threads::DIRTY_2,
        threads::DIRTY_4,
        threads::DIRTY_8,
        threads::DIRTY_16,
        handoff::ZEROED_4K,
        handoff::ZEROED_64K,
        handoff::DIRTY_4K,
        handoff::DIRTY_64K,
        one::TWO_POOLS,
        one::TWO_POOLS_DIRTY,
        burst::ZEROED_10,
        burst::ZEROED_100,
        burst::ZEROED_1000,
        burst::DIRTY_10,
        burst::DIRTY_100,
        burst::DIRTY_1000,
        mixed::ZIPF,
        mixed::ZIPF_DIRTY,
        mixed::UNIFORM,
        mixed::UNIFORM_DIRTY,
    ],
};
