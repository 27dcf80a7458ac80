//! The sequential interpreter: what every node evaluates to, which panics may come out of it, whether it runs for certain.

use crate::pools::Config;
use crate::program::{BatchKind, Id, JoinForm, Node, OwnedWay, Program, Way, permuted};
use std::collections::BTreeSet;

/// The outcome of a node: a value, or a panic of one of these nodes.
pub type Outcome = Result<u64, BTreeSet<Id>>;

/// How often a node runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Runs {
    /// Exactly once.
    Once,
    /// At most once: it may be skipped, because something else fails or is cancelled.
    AtMostOnce,
    /// Not at all.
    Never,
}

/// What is expected of a program.
#[derive(Debug)]
pub struct Expected {
    /// By node.
    pub outcomes: Vec<Outcome>,
    /// By node.
    pub runs: Vec<Runs>,
    /// Detached nodes that are expected to run and to panic: the pool's handler hears of them.
    pub handled: Vec<BTreeSet<Id>>,
}

/// The value of a panic that was caught.
pub const CAUGHT: u64 = 0x0BAD_5EED;

/// Combines values; the order matters.
#[must_use]
pub fn mix(a: u64, b: u64) -> u64 {
    (a.rotate_left(17) ^ b).wrapping_mul(0x9E37_79B9_7F4A_7C15)
}

/// What item `index` of the batch `id` is, if it is no child.
#[must_use]
pub fn item(id: Id, index: usize) -> u64 {
    mix(id as u64 + 3, index as u64)
}

/// In a `try_join!`, is this node's panic turned into an error?
#[must_use]
pub fn is_error(id: Id) -> bool {
    id.is_multiple_of(2)
}

struct Interpreter<'a> {
    program: &'a Program,
    may_refuse: bool,
    expected: Expected,
}

impl Expected {
    /// Interprets the program.
    #[must_use]
    pub fn of(program: &Program, config: &Config) -> Self {
        let count = program.nodes.len();
        let mut interpreter = Interpreter {
            program,
            may_refuse: config.may_refuse(),
            expected: Self {
                outcomes: vec![Ok(0); count],
                runs: vec![Runs::Never; count],
                handled: Vec::new(),
            },
        };
        // Children come behind their parents.
        for id in (0..count).rev() {
            interpreter.expected.outcomes[id] = interpreter.outcome(id);
        }
        interpreter.mark(0, Runs::Once);
        interpreter.expected
    }

    /// A child that cannot panic?
    #[must_use]
    pub fn is_safe(&self, id: Id) -> bool {
        self.outcomes[id].is_ok()
    }
}

impl Interpreter<'_> {
    fn child(&self, id: Id) -> Outcome {
        self.expected.outcomes[id].clone()
    }

    fn value_or_caught(&self, id: Id) -> u64 {
        self.child(id).unwrap_or(CAUGHT)
    }

    /// The children in order, up to the first that panics.
    fn in_order(&self, id: Id, children: impl IntoIterator<Item = Outcome>) -> Outcome {
        children
            .into_iter()
            .try_fold(id as u64, |sum, child| Ok(mix(sum, child?)))
    }

    fn outcome(&self, id: Id) -> Outcome {
        match &self.program.nodes[id] {
            Node::Leaf(work) => Ok(mix(id as u64, u64::from(*work))),
            Node::Fail => Err(BTreeSet::from([id])),
            Node::Catch(child) => Ok(mix(id as u64, self.value_or_caught(*child))),
            Node::Join(_, arms) => self.in_order(id, arms.iter().map(|&arm| self.child(arm))),
            Node::Scope {
                items,
                order,
                fails,
            } => self.scope(id, items, *order, *fails),
            Node::Owned { items, order } => {
                let values = permuted(items.len(), *order).into_iter().map(|at| {
                    let (way, child) = items[at];
                    match way {
                        OwnedWay::Detach => Ok(at as u64),
                        _ => self.child(child),
                    }
                });
                self.in_order(id, values)
            }
            Node::Batch {
                kind, len, items, ..
            } => self.batch(id, *kind, *len, items),
            Node::Hold(_, child) | Node::Elsewhere(_, _, child) => {
                self.in_order(id, [self.child(*child)])
            }
            Node::Queue(len) => Ok(mix(id as u64, *len as u64)),
            Node::Broadcast => Ok(mix(id as u64, 1)),
            // Fewer than two are not compared.
            Node::Sort(len, true) if *len > 1 => Err(BTreeSet::from([id])),
            Node::Sort(len, _) => Ok(mix(id as u64, *len as u64)),
        }
    }

    fn scope(&self, id: Id, items: &[(Way, Id)], order: u8, fails: bool) -> Outcome {
        let mut sum = id as u64;
        for (step, at) in permuted(items.len(), order).into_iter().enumerate() {
            if fails && step == items.len() / 2 {
                return Err(BTreeSet::from([id]));
            }
            let (way, child) = items[at];
            let value = match way {
                Way::Join | Way::Timed | Way::Cancel | Way::With(_) => self.child(child)?,
                Way::Wait | Way::PCall(_) => self.value_or_caught(child),
                Way::Forget if !self.expected.is_safe(child) => self.value_or_caught(child),
                Way::Into | Way::Relay | Way::Slots | Way::Forget | Way::PCallDropped => at as u64,
            };
            sum = mix(sum, value);
        }
        let into_slots = |way| matches!(way, Way::Into | Way::Relay | Way::Slots);
        let (mut uncollected, mut is_over) = (BTreeSet::new(), false);
        for &(_, child) in items.iter().filter(|item| into_slots(item.0)) {
            match self.child(child) {
                Ok(value) => sum = mix(sum, value),
                Err(ids) => {
                    is_over = true;
                    uncollected.extend(ids);
                }
            }
        }
        if is_over { Err(uncollected) } else { Ok(sum) }
    }

    fn batch(&self, id: Id, kind: BatchKind, len: usize, items: &[(usize, Id)]) -> Outcome {
        let failures: Vec<BTreeSet<Id>> = items
            .iter()
            .filter_map(|&(_, child)| self.child(child).err())
            .collect();
        match kind {
            BatchKind::Cancelled => return Ok(mix(id as u64, len as u64)),
            BatchKind::TryCollect if !failures.is_empty() => return Err(failures[0].clone()),
            _ if !failures.is_empty() => return Err(failures.into_iter().flatten().collect()),
            _ => {}
        }
        let value = |at| match items.binary_search_by_key(&at, |item| item.0) {
            Ok(found) => self.value_or_caught(items[found].1),
            Err(_) => item(id, at),
        };
        let values = (0..len).map(value);
        Ok(mix(
            id as u64,
            match kind {
                BatchKind::Reduce => values.fold(0, u64::wrapping_add),
                _ => values.fold(0, mix),
            },
        ))
    }

    /// Writes down how often a node and those below it run.
    fn mark(&mut self, id: Id, runs: Runs) {
        self.expected.runs[id] = runs;
        let weaker = if runs == Runs::Once {
            Runs::AtMostOnce
        } else {
            runs
        };
        match self.program.nodes[id].clone() {
            Node::Join(_, arms) => {
                let mut runs = runs;
                for arm in arms {
                    self.mark(arm, runs);
                    if !self.expected.is_safe(arm) {
                        runs = weaker;
                    }
                }
            }
            Node::Scope { items, .. } => {
                for (way, child) in items {
                    let is_skipped = way == Way::Forget && self.expected.is_safe(child);
                    self.mark(child, if is_skipped { weaker } else { runs });
                }
            }
            Node::Owned { items, order } => {
                let mut is_over = false;
                for at in permuted(items.len(), order) {
                    let (way, child) = items[at];
                    let is_dropped = is_over || way == OwnedWay::Detach;
                    // A refused task whose handle was dropped is gone; one that was given back is dropped with the rest.
                    let is_lost = is_over && way == OwnedWay::Try || self.may_refuse;
                    let certain = !(is_dropped && is_lost);
                    self.mark(child, if certain { runs } else { weaker });
                    if let Err(ids) = self.child(child) {
                        if way == OwnedWay::Detach && certain && runs == Runs::Once {
                            self.expected.handled.push(ids);
                        }
                        is_over |= way != OwnedWay::Detach;
                    }
                }
            }
            Node::Batch { kind, items, .. } => {
                let may_skip = match kind {
                    BatchKind::Cancelled => true,
                    _ => self.expected.outcomes[id].is_err(),
                };
                for (_, child) in items {
                    self.mark(child, if may_skip { weaker } else { runs });
                }
            }
            node => {
                for child in node.children() {
                    self.mark(child, runs);
                }
            }
        }
    }
}

/// Is the panic of a join's arm returned as an error?
#[must_use]
pub fn fails_by_error(form: JoinForm, arm: Id) -> bool {
    form == JoinForm::Try && is_error(arm)
}
