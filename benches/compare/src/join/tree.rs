//! Trees of boxed nodes, summed up with a join at every node.

use crate::contest::{Contest, Entries, Kernel, Place, Work};
use crate::group::{Kind, Needs, Row};
use crate::peers::{Cx, Join, Pools};
use std::collections::BTreeMap;
use std::collections::btree_map::Entry;
use std::sync::{Mutex, PoisonError};

/// Fits into the first-level cache: the price of a join that nobody needs with one worker, and of waking others for work
/// of a few microseconds with several.
pub(super) const SMALL: Row = Row {
    name: "tree-1023",
    shows: "sum over 1 023 boxed nodes, a join per node: the price of a join that nobody needs",
    size: 1023,
    tiny: 15,
    needs: Needs::One,
    kind: Kind::Hot,
    make: inside,
};

/// Some 100 µs of work in joins of a few nanoseconds: is the start paid back so soon?
pub(super) const MIDDLE: Row = Row {
    name: "tree-65535",
    shows: "sum over 65 535 boxed nodes: does sharing pay within 100 µs",
    size: 65_535,
    tiny: 127,
    needs: Needs::One,
    kind: Kind::Hot,
    make: inside,
};

/// Larger than the caches: all libraries have the time to spread out, and the memory decides as well.
pub(super) const LARGE: Row = Row {
    name: "tree-16777215",
    shows: "sum over 16 777 215 boxed nodes: the price per join in the long run, memory included",
    size: 16_777_215,
    tiny: 1023,
    needs: Needs::One,
    kind: Kind::Hot,
    make: inside,
};

/// What a tiny join pays when it comes after idleness: it should not pay for waking anybody.
pub(super) const COLD: Row = Row {
    name: "cold-tree",
    shows: "sum over 1 023 boxed nodes from outside after idleness: what a tiny join pays when all sleep",
    size: 1023,
    tiny: 15,
    needs: Needs::Several,
    kind: Kind::Cold,
    make: |pools, size| {
        Entries::new(pools, Place::Outside, Sum::new(size))
            .all_that_join()
            .close()
    },
};

fn inside(pools: &Pools, size: usize) -> Contest<'_> {
    Entries::new(pools, Place::Inside, Sum::new(size))
        .all_that_join()
        .close()
}

/// A node of a tree that is as balanced as its size allows.
#[derive(Debug)]
pub struct Node {
    pub(crate) size: u64,
    pub(crate) left: Option<Box<Node>>,
    pub(crate) right: Option<Box<Node>>,
}

impl Node {
    /// Memory is laid out in build order: left subtree, node, right subtree. That is the one order that favours neither those
    /// who walk the left subtree first nor those who begin with the right one. (With the node last, walking right to left
    /// is walking through memory without a single jump, and three times as fast.)
    fn tree(size: u64) -> Option<Box<Self>> {
        let below = size.checked_sub(1)?;
        let left = Self::tree(below / 2);
        let mut node = Box::new(Self {
            size,
            left,
            right: None,
        });
        node.right = Self::tree(below - below / 2);
        Some(node)
    }

    /// The tree of this size, the same one at each call. It is never freed: a second tree in freed memory would be laid out in
    /// the order of freeing.
    fn shared(size: u64) -> Option<&'static Self> {
        static TREES: Mutex<BTreeMap<u64, &'static Node>> = Mutex::new(BTreeMap::new());
        let mut trees = TREES.lock().unwrap_or_else(PoisonError::into_inner);
        if let Entry::Vacant(place) = trees.entry(size) {
            place.insert(Box::leak(Self::tree(size)?));
        }
        trees.get(&size).copied()
    }
}

/// The sum of the sizes of all subtrees, without a tree.
fn sum_of_sizes(size: u64) -> u64 {
    let Some(below) = size.checked_sub(1) else {
        return 0;
    };
    size + sum_of_sizes(below / 2) + sum_of_sizes(below - below / 2)
}

struct Sum {
    tree: Option<&'static Node>,
    nodes: u64,
    expected: u64,
}

impl Sum {
    fn new(size: usize) -> Self {
        let nodes = size as u64;
        Self {
            tree: Node::shared(nodes),
            nodes,
            expected: sum_of_sizes(nodes),
        }
    }
}

/// The sum over a subtree, as one would write it for each library. A kernel for all of them passes through one closure more, and
/// where that makes the compiler cut the recursion differently a small tree takes twice as long, with or without a library.
pub(crate) mod sums {
    use super::Node;

    pub(crate) fn first_first(node: &Node) -> u64 {
        let left = node.left.as_deref().map_or(0, first_first);
        let right = node.right.as_deref().map_or(0, first_first);
        node.size + left + right
    }

    pub(crate) fn second_first(node: &Node) -> u64 {
        let right = node.right.as_deref().map_or(0, second_first);
        let left = node.left.as_deref().map_or(0, second_first);
        node.size + left + right
    }

    /// The function and not the macro, whose record of how long arms are an emulator's slow motion would mislead.
    pub(crate) fn zp(node: &Node) -> u64 {
        let (left, right) = zp::join(
            || node.left.as_deref().map_or(0, zp),
            || node.right.as_deref().map_or(0, zp),
        );
        node.size + left + right
    }

    pub(crate) fn rayon(node: &Node) -> u64 {
        let (left, right) = rayon::join(
            || node.left.as_deref().map_or(0, rayon),
            || node.right.as_deref().map_or(0, rayon),
        );
        node.size + left + right
    }

    pub(crate) fn chili(scope: &mut chili::Scope<'_>, node: &Node) -> u64 {
        let (left, right) = scope.join(
            |scope| node.left.as_deref().map_or(0, |left| chili(scope, left)),
            |scope| node.right.as_deref().map_or(0, |right| chili(scope, right)),
        );
        node.size + left + right
    }

    #[cfg(feature = "forte")]
    pub(crate) fn forte(worker: &forte::Worker, node: &Node) -> u64 {
        let (left, right) = worker.join(
            |worker| node.left.as_deref().map_or(0, |left| forte(worker, left)),
            |worker| {
                node.right
                    .as_deref()
                    .map_or(0, |right| forte(worker, right))
            },
        );
        node.size + left + right
    }
}

impl Work for Sum {
    fn expected(&self) -> u64 {
        self.expected
    }

    fn joins(&self) -> Option<u64> {
        Some(self.nodes)
    }
}

impl Kernel for Sum {
    fn run<J: Join>(&mut self, cx: Cx<'_, '_, J>) -> u64 {
        self.tree.map_or(0, |tree| J::sum_of_tree(cx, tree))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn trees_have_the_known_sums() {
        assert_eq!(sum_of_sizes(1023), 9217);
        assert_eq!(sum_of_sizes(65_535), 983_041);
    }
}
