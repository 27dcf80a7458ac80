//! A store of bounded bytes that holds no memory: how many blocks of each class are in it, and how many are out.

use crate::buffer::class::{self, Class};
use crate::buffer::eviction::{Policy, Referenced};

/// A policy, with whatever it needs to be asked.
pub(in crate::buffer::eviction) trait Choose {
    fn mark(&mut self, class: Class, rank: usize);
    fn fault(&mut self, class: Class);
    fn victim(
        &mut self,
        at_rest: &dyn Fn(Class) -> usize,
        newcomer: Option<Class>,
    ) -> Option<Class>;
    fn discarded(&mut self, class: Class);
    fn gone(&mut self, class: Class);
}

/// A policy as the pool has it.
pub(in crate::buffer::eviction) struct Plain {
    pub(in crate::buffer::eviction) policy: Policy,
    pub(in crate::buffer::eviction) referenced: Referenced,
}

impl Plain {
    pub(in crate::buffer::eviction) fn lifo() -> Self {
        Self {
            policy: Policy::Lifo,
            referenced: Referenced::new(0),
        }
    }

    pub(in crate::buffer::eviction) fn clock_pro(capacity: usize) -> Self {
        Self {
            policy: Policy::clock_pro(capacity),
            referenced: Referenced::new(capacity),
        }
    }
}

impl Choose for Plain {
    fn mark(&mut self, class: Class, rank: usize) {
        self.referenced.mark(class, rank);
    }

    fn fault(&mut self, class: Class) {
        self.policy.fault(&self.referenced, class);
    }

    fn victim(
        &mut self,
        at_rest: &dyn Fn(Class) -> usize,
        newcomer: Option<Class>,
    ) -> Option<Class> {
        self.policy.victim(&self.referenced, at_rest, newcomer)
    }

    fn discarded(&mut self, class: Class) {
        self.policy.discarded(&self.referenced, class, 1);
    }

    fn gone(&mut self, class: Class) {
        self.policy.gone(&self.referenced, class);
    }
}

pub(in crate::buffer::eviction) struct Store<C> {
    pub(in crate::buffer::eviction) choose: C,
    /// What may rest here, in bytes.
    limit: usize,
    bytes_at_rest: usize,
    at_rest: [usize; class::COUNT],
    out: [usize; class::COUNT],
    pub(in crate::buffer::eviction) hits: usize,
    /// The classes of what was discarded, and whether it was the newcomer.
    pub(in crate::buffer::eviction) discards: Vec<(Class, bool)>,
}

impl<C: Choose> Store<C> {
    pub(in crate::buffer::eviction) fn new(limit: usize, choose: C) -> Self {
        Self {
            choose,
            limit,
            bytes_at_rest: 0,
            at_rest: [0; class::COUNT],
            out: [0; class::COUNT],
            hits: 0,
            discards: Vec::new(),
        }
    }

    pub(in crate::buffer::eviction) fn at_rest(&self, class: Class) -> usize {
        self.at_rest[class.index()]
    }

    pub(in crate::buffer::eviction) fn out(&self, class: Class) -> usize {
        self.out[class.index()]
    }

    pub(in crate::buffer::eviction) fn bytes_at_rest(&self) -> usize {
        self.bytes_at_rest
    }

    /// Lends a block, and makes one if none is at rest.
    pub(in crate::buffer::eviction) fn get(&mut self, class: Class) {
        self.out[class.index()] += 1;
        if self.at_rest(class) > 0 {
            self.leave(class);
            self.hits += 1;
            self.choose.mark(class, self.out(class));
        } else {
            self.choose.fault(class);
        }
    }

    /// Takes a block back, and discards others, or this one, until what rests here is within the limit.
    pub(in crate::buffer::eviction) fn put(&mut self, class: Class) {
        self.out[class.index()] -= 1;
        while self.bytes_at_rest() + class.size() > self.limit {
            if self.discard(Some(class)) {
                return;
            }
        }
        self.at_rest[class.index()] += 1;
        self.bytes_at_rest += class.size();
    }

    fn leave(&mut self, class: Class) {
        assert!(self.at_rest(class) > 0, "{class:?} is not at rest");
        self.at_rest[class.index()] -= 1;
        self.bytes_at_rest -= class.size();
    }

    /// Lends and takes back.
    pub(in crate::buffer::eviction) fn touch(&mut self, class: Class) {
        self.get(class);
        self.put(class);
    }

    /// Discards one block, and says whether that was the newcomer.
    pub(in crate::buffer::eviction) fn discard(&mut self, newcomer: Option<Class>) -> bool {
        let at_rest = self.at_rest;
        let victim = self.choose.victim(&|c| at_rest[c.index()], newcomer);
        let victim = victim.expect("there is something to discard");
        let is_newcomer = newcomer == Some(victim);
        self.discards.push((victim, is_newcomer));
        if !is_newcomer {
            self.leave(victim);
        }
        self.choose.discarded(victim);
        is_newcomer
    }

    /// Frees a block at rest without asking.
    pub(in crate::buffer::eviction) fn trim(&mut self, class: Class) {
        self.leave(class);
        self.choose.gone(class);
    }
}
