//! Unbalanced tree search: a tree whose shape nobody can foresee, made while it is searched.
//!
//! After UTS (Olivier et al., LCPC 2006), its geometric trees of fixed branching. Ours take their random numbers from
//! splitmix64 instead of SHA-1 and draw in whole numbers, so that the tree is the same on every machine.

use crate::contest::{Entries, Kernel, Place, Work};
use crate::group::{Kind, Needs, Row};
use crate::peers::{Cx, Join};
use crate::random::scatter;

/// Subtrees of a few nodes stand beside subtrees of a hundred thousand: does work find its way to whoever has none?
pub(super) const ROW: Row = Row {
    name: "uts",
    shows: "unbalanced tree search, 4 children on average, depth 10: does work find its way to whoever has none",
    size: 10,
    tiny: 4,
    needs: Needs::One,
    kind: Kind::Hot,
    make: |pools, size| {
        Entries::new(pools, Place::Inside, Search::new(size as u32))
            .all_that_join()
            .close()
    },
};

/// Of the ones tried: 3 807 045 nodes to depth 10, in ten subtrees below the root, of 1 to 1 697 687.
const SEED: u64 = 42;

#[derive(Clone, Copy)]
struct Node {
    /// Stands for the path from the root.
    state: u64,
    /// How far down it may still go.
    depth: u32,
}

impl Node {
    fn root(depth: u32) -> Self {
        Self { state: SEED, depth }
    }

    fn child(self, index: u32) -> Self {
        Self {
            state: scatter(self.state ^ scatter(index.into())),
            depth: self.depth - 1,
        }
    }

    /// Geometric: one more with probability 4/5 each time, four on average, none below the last depth.
    fn children(self) -> u32 {
        const MORE: u64 = u64::MAX / 5 * 4;
        if self.depth == 0 {
            return 0;
        }
        let mut state = self.state;
        let mut count = 0;
        loop {
            state = scatter(state);
            if state > MORE || count == 100 {
                return count;
            }
            count += 1;
        }
    }
}

struct Search {
    depth: u32,
    nodes: u64,
}

impl Search {
    fn new(depth: u32) -> Self {
        let mut nodes = 0;
        let mut open = vec![Node::root(depth)];
        while let Some(node) = open.pop() {
            nodes += 1;
            open.extend((0..node.children()).map(|index| node.child(index)));
        }
        Self { depth, nodes }
    }
}

/// How many nodes there are from `node` on.
fn search<J: Join>(cx: Cx<'_, '_, J>, node: Node) -> u64 {
    match node.children() {
        0 => 1,
        count => 1 + search_children::<J>(cx, node, 0, count),
    }
}

/// The children are folded through joins of two.
fn search_children<J: Join>(cx: Cx<'_, '_, J>, node: Node, from: u32, to: u32) -> u64 {
    if to - from == 1 {
        return search::<J>(cx, node.child(from));
    }
    let middle = from.midpoint(to);
    let (a, b) = J::join(
        cx,
        |cx| search_children::<J>(cx, node, from, middle),
        |cx| search_children::<J>(cx, node, middle, to),
    );
    a + b
}

impl Work for Search {
    fn expected(&self) -> u64 {
        self.nodes
    }
}

impl Kernel for Search {
    fn run<J: Join>(&mut self, cx: Cx<'_, '_, J>) -> u64 {
        search::<J>(cx, Node::root(self.depth))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_tree_is_the_known_one() {
        assert_eq!(Search::new(4).nodes, 977);
        assert_eq!(Search::new(10).nodes, 3_807_045);
    }
}
