//! Programs: trees of everything that can be done in parallel.

use crate::input::Input;
use crate::pools::Config;
use std::fmt;

/// At most so many nodes.
const NODES_MAX: usize = 160;
/// At most so many levels.
const DEPTH_MAX: usize = 9;

/// The index of a node.
pub type Id = usize;

/// A tree; node 0 is the root.
#[derive(Debug)]
pub struct Program {
    /// By index, each before its children.
    pub nodes: Vec<Node>,
}

/// What is done, with the children's indices.
#[derive(Debug, Clone)]
pub enum Node {
    /// Nothing but a little work.
    Leaf(u8),
    /// Panics.
    Fail,
    /// Catches what the child panics with.
    Catch(Id),
    /// A join.
    Join(JoinForm, Vec<Id>),
    /// A scope, in which children are spawned, and what becomes of them is seen to in another order.
    Scope {
        /// The children.
        items: Vec<(Way, Id)>,
        /// Which comes first when results are collected.
        order: u8,
        /// The body panics half-way through that.
        fails: bool,
    },
    /// Owned tasks, collected in another order.
    Owned {
        /// The children.
        items: Vec<(OwnedWay, Id)>,
        /// Which comes first when results are collected.
        order: u8,
    },
    /// A batch, some items of which are children.
    Batch {
        /// What is made of the results.
        kind: BatchKind,
        /// How many items.
        len: usize,
        /// The hint.
        grain: Option<usize>,
        /// Positions and children, in order.
        items: Vec<(usize, Id)>,
    },
    /// The child while a buffer is held.
    Hold(Loan, Id),
    /// A buffer from a pool that makes everybody wait in line.
    Queue(usize),
    /// The child in a pool of that index.
    Elsewhere(Elsewhere, usize, Id),
    /// Once on every worker.
    Broadcast,
    /// A parallel sort of so many values; the comparison may panic.
    Sort(usize, bool),
}

/// Which join.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum JoinForm {
    /// `zp::join!`
    Macro,
    /// `zp::join`, nested.
    Function,
    /// `zp::try_join!`; the panics of every second node become errors.
    Try,
}

/// How a child of a scope is spawned, and its result collected.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Way {
    /// `spawn_into`; the handle is dropped.
    Into,
    /// `Handle::join`
    Join,
    /// `Handle::wait`, and a panic is a value.
    Wait,
    /// `Handle::wait_timeout`, then `join`.
    Timed,
    /// Cancelled, and evaluated by hand if that came early enough.
    Cancel,
    /// Cancelled, and forgotten. Of children that cannot panic.
    Forget,
    /// With a priority, or a hint, then `join`.
    With(u8),
    /// Spawned by another task of the scope, into a slot.
    Relay,
    /// `zp::pcall!`; panics are caught inside.
    PCall(u8),
    /// `zp::pcall!`, and its value is dropped.
    PCallDropped,
    /// Into its element of `zp::Slots`.
    Slots,
}

/// How an owned task is spawned, and its result collected.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OwnedWay {
    /// `JoinHandle::wait`
    Wait,
    /// `JoinHandle::wait_timeout`, then `wait`.
    Timed,
    /// Polled once as a future, then `wait`.
    Polled,
    /// Cancelled, and evaluated by hand if that came early enough.
    Cancel,
    /// The handle is dropped.
    Detach,
    /// `try_spawn`, and evaluated by hand if it is given back.
    Try,
    /// With a priority, or a hint.
    With(u8),
}

/// What is made of the results of a batch.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum BatchKind {
    /// `zp::map`, `collect`
    Collect,
    /// `zp::each`, `run`
    Each,
    /// `zp::times`, `write_to`
    WriteTo,
    /// `zp::map`, `reduce`
    Reduce,
    /// `zp::chunks`
    Chunks,
    /// `zp::batch_of`
    Tasks,
    /// `try_collect`; panics are errors.
    TryCollect,
    /// `#[zp::batch]` with a lent buffer, `collect`
    Macro,
    /// `spawn_batch`, `join`
    Spawned,
    /// `spawn_batch`; the handle is dropped.
    SpawnedDropped,
    /// `spawn_batch`, cancelled. Of items that cannot panic.
    Cancelled,
}

/// A buffer that is held.
#[derive(Debug, Clone, Copy)]
pub struct Loan {
    /// From the pool with the cap; it may be refused.
    pub capped: bool,
    /// Bytes.
    pub len: usize,
    /// How it is asked for.
    pub how: Lend,
    /// How it goes home.
    pub end: Return,
}

/// How a buffer is asked for. From the pool with the cap, `try_get` and `get_timeout` only.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Lend {
    /// `get`, `try_get`
    Get,
    /// `get_uninit`, filled; `get_timeout`
    Uninit,
    /// `get_uninit`, never written.
    Untouched,
    /// By a `#[zp::task]` with a `#[buf]`.
    Task,
    /// By a `#[zp::task]` that is given the buffer for good.
    Given,
}

/// How a buffer goes home.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Return {
    /// Dropped.
    Drop,
    /// Dropped by another thread.
    Thread,
    /// Dropped by a detached task.
    Task,
    /// Frozen; the last view is dropped by another task.
    Freeze,
    /// Its bytes are taken out.
    IntoVec,
    /// Shortened after the whole was written.
    Truncate,
}

/// How the pool is changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Elsewhere {
    /// `Pool::install`
    Install,
    /// `Pool::scope`, one spawn.
    Scope,
    /// `Pool::spawn`, waited for.
    Spawn,
}

struct Maker<'a, 'b> {
    input: &'a mut Input<'b>,
    nodes: Vec<Node>,
    pools: usize,
}

impl Program {
    /// What these bytes say.
    #[must_use]
    pub fn from_input(input: &mut Input<'_>, config: &Config) -> Self {
        let mut maker = Maker {
            input,
            nodes: Vec::new(),
            pools: config.pools.len(),
        };
        maker.node(0);
        Self { nodes: maker.nodes }
    }
}

impl Maker<'_, '_> {
    fn node(&mut self, depth: usize) -> Id {
        let id = self.nodes.len();
        self.nodes.push(Node::Leaf(0));
        let is_leaf = depth >= DEPTH_MAX || self.nodes.len() >= NODES_MAX || self.input.is_empty();
        let node = if is_leaf {
            match self.input.byte() {
                0..16 => Node::Fail,
                work => Node::Leaf(work),
            }
        } else {
            self.inner(depth)
        };
        self.nodes[id] = node;
        id
    }

    fn inner(&mut self, depth: usize) -> Node {
        match self.input.below(16) {
            0 => Node::Leaf(self.input.byte()),
            1 => Node::Catch(self.node(depth + 1)),
            2..=5 => {
                let forms = [JoinForm::Macro, JoinForm::Function, JoinForm::Try];
                let form = self.input.one_of(&forms);
                Node::Join(form, self.children(depth, 4))
            }
            6..=8 => {
                let (order, fails) = (self.input.byte(), self.input.once_in(12));
                let count = 1 + self.input.below(6);
                let items = (0..count).map(|_| (self.way(), self.node(depth + 1)));
                Node::Scope {
                    items: items.collect(),
                    order,
                    fails,
                }
            }
            9 | 10 => {
                let order = self.input.byte();
                let count = 1 + self.input.below(5);
                let items = (0..count).map(|_| (self.owned_way(), self.node(depth + 1)));
                Node::Owned {
                    items: items.collect(),
                    order,
                }
            }
            11 => self.batch(depth),
            12 => Node::Hold(self.loan(), self.node(depth + 1)),
            13 => {
                let forms = [Elsewhere::Install, Elsewhere::Scope, Elsewhere::Spawn];
                let (form, pool) = (self.input.one_of(&forms), self.input.below(self.pools));
                Node::Elsewhere(form, pool, self.node(depth + 1))
            }
            14 => match self.input.below(4) {
                0 => Node::Queue(1 + self.input.length(12) % 4096),
                1 if self.pools == 1 => Node::Broadcast,
                _ => Node::Sort(self.input.length(10), self.input.once_in(4)),
            },
            _ => Node::Fail,
        }
    }

    fn children(&mut self, depth: usize, max: usize) -> Vec<Id> {
        let count = 1 + self.input.below(max);
        (0..count).map(|_| self.node(depth + 1)).collect()
    }

    fn way(&mut self) -> Way {
        let detail = self.input.byte();
        match detail % 13 {
            0 | 1 => Way::Join,
            2 | 3 => Way::Into,
            4 => Way::Wait,
            5 => Way::Timed,
            6 => Way::Cancel,
            7 => Way::Forget,
            8 => Way::With(detail / 13),
            9 => Way::Relay,
            10 => Way::PCall(detail / 13),
            11 => Way::PCallDropped,
            _ => Way::Slots,
        }
    }

    fn owned_way(&mut self) -> OwnedWay {
        let detail = self.input.byte();
        match detail % 7 {
            0 => OwnedWay::Wait,
            1 => OwnedWay::Timed,
            2 => OwnedWay::Polled,
            3 => OwnedWay::Cancel,
            4 => OwnedWay::Detach,
            5 => OwnedWay::Try,
            _ => OwnedWay::With(detail / 7),
        }
    }

    fn batch(&mut self, depth: usize) -> Node {
        use BatchKind::*;
        let kind = self.input.one_of(&[
            Collect,
            Each,
            WriteTo,
            Reduce,
            Chunks,
            Tasks,
            TryCollect,
            Macro,
            Spawned,
            SpawnedDropped,
            Cancelled,
        ]);
        let len = self.input.length(9) - 1;
        let grain = self.input.once_in(3).then(|| self.input.below(20));
        let mut at: Vec<usize> = (0..self.input.below(4).min(len))
            .map(|_| self.input.wide() % len)
            .collect();
        at.sort_unstable();
        at.dedup();
        let items = at.into_iter().map(|at| (at, self.node(depth + 1)));
        Node::Batch {
            kind,
            len,
            grain,
            items: items.collect(),
        }
    }

    fn loan(&mut self) -> Loan {
        use Lend::{Get, Given, Task, Uninit, Untouched};
        use Return::{Drop, Freeze, IntoVec, Thread, Truncate};
        Loan {
            capped: self.input.once_in(3),
            len: self.input.length(18) - 1,
            how: self.input.one_of(&[Get, Uninit, Untouched, Task, Given]),
            end: self
                .input
                .one_of(&[Drop, Drop, Truncate, Return::Task, Freeze, IntoVec, Thread]),
        }
    }
}

impl Node {
    /// The children, from left to right.
    #[must_use]
    pub fn children(&self) -> Vec<Id> {
        match self {
            Self::Leaf(_) | Self::Fail | Self::Queue(_) | Self::Broadcast | Self::Sort(..) => {
                vec![]
            }
            Self::Catch(child) | Self::Hold(_, child) | Self::Elsewhere(_, _, child) => {
                vec![*child]
            }
            Self::Join(_, arms) => arms.clone(),
            Self::Scope { items, .. } => items.iter().map(|item| item.1).collect(),
            Self::Owned { items, .. } => items.iter().map(|item| item.1).collect(),
            Self::Batch { items, .. } => items.iter().map(|item| item.1).collect(),
        }
    }
}

/// One line for each node, indented.
impl fmt::Display for Program {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut stack = vec![(0, 0)];
        while let Some((id, depth)) = stack.pop() {
            let node = &self.nodes[id];
            writeln!(f, "{:depth$}{id}: {node:?}", "", depth = 2 * depth)?;
            stack.extend(node.children().into_iter().rev().map(|id| (id, depth + 1)));
        }
        Ok(())
    }
}

/// The positions `0..count` in the order that `order` means.
#[must_use]
pub fn permuted(count: usize, order: u8) -> Vec<usize> {
    let mut all: Vec<usize> = (0..count).collect();
    let mut state = usize::from(order);
    for end in (1..count).rev() {
        all.swap(end, state % (end + 1));
        state = state / (end + 1) + usize::from(order) * 7;
    }
    all
}
