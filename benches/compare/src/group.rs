//! What a row is; the table of all groups.

use crate::contest::Contest;
use crate::peers::Pools;
use std::fmt;

/// Every group. A new one is a module and a line here.
pub const GROUPS: &[Group] = &[
    crate::join::GROUP,
    crate::batch::GROUP,
    crate::spawn::GROUP,
    crate::buffers::GROUP,
];

/// Rows that belong together: one plot.
#[derive(Debug, Clone, Copy)]
pub struct Group {
    /// What the command line calls it.
    pub name: &'static str,
    /// Its rows, in the order in which they run.
    pub rows: &'static [Row],
}

/// One piece of work for all contenders: one table per worker count.
#[derive(Clone, Copy)]
pub struct Row {
    /// What the command line calls it.
    pub name: &'static str,
    /// What one operation is, and what the row shows.
    pub shows: &'static str,
    /// The size of the work; its unit is the row's.
    pub size: usize,
    /// The size for tests.
    pub tiny: usize,
    /// With how many workers it makes sense.
    pub needs: Needs,
    /// How it is measured.
    pub kind: Kind,
    /// Lays out the data and lets the contenders enter.
    pub make: for<'p> fn(&'p Pools, usize) -> Contest<'p>,
}

impl fmt::Debug for Row {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Row")
            .field("name", &self.name)
            .finish_non_exhaustive()
    }
}

/// With how many workers a row makes sense.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Needs {
    /// It has threads of its own, and runs once whatever the number of workers.
    Nothing,
    /// Any number.
    One,
    /// More than one: it asks what running side by side gains.
    Several,
}

/// How a row is measured.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// Batches of operations, one after the other.
    Hot,
    /// As `Hot`, of work that can be shared in full: the ideal is the sequential time divided by the workers.
    Shared,
    /// As `Hot`, of something on top of the sequential run: the difference counts, too.
    Baseline,
    /// Single operations, each after idleness.
    Cold,
}
