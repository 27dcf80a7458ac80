#![allow(unsafe_code)] // Fences: spans, which go back to the system when all their blocks are in hand.
//! Blocks that come back to the store, and what goes from there to the system: the limits of what rests, eviction, decay, trimming,
//! the end.

use super::class::{COUNT, Class};
use super::cut::Cut;
use super::frame::{Chain, Frame};
use super::grow::Upkeep;
use super::home::Home;
use super::lease;
use super::slot::Slot;
use super::span::Span;
use super::store::{BATCH, Shard};
use std::ptr::NonNull;
use std::sync::Arc;
use std::time::Instant;

/// How many blocks at rest are looked through for one that is given back, at most, if there are spans that are whole.
const LOOKED_THROUGH_PER_FREED: usize = 16;

impl Home {
    /// Gives a span back to the system. Returns how many bytes.
    ///
    /// # Safety
    /// 1. It is one of this home's, and the caller holds the frames of all its blocks, of which it has cleared the memory, or will
    ///    before it lets go of them.
    unsafe fn unmap(&self, span: NonNull<Span>) -> usize {
        // SAFETY: by 1. nobody else knows of it; leaked in `map`, and taken back once, since no frame has it afterwards.
        let span = unsafe { Box::from_raw(span.as_ptr()) };
        let Cut { bytes, blocks, .. } = span.cut();
        #[cfg(test)]
        assert!(
            !self.wipes || span.is_zero(),
            "old bytes go back to the system"
        );
        let was_locked = span.is_locked();
        drop(span);
        if was_locked {
            self.ledger.unpin(bytes);
        }
        self.ledger.release(bytes);
        self.counters.add_discards(blocks);
        bytes
    }

    /// Makes a frame free, which the caller held.
    fn clear(&self, frame: &Frame) {
        frame.clear_memory();
        self.frames.release(frame.index());
    }

    /// Frees a block that is no class's.
    pub(super) fn free_large(&self, frame: &Frame) {
        self.counters.add_returns(1);
        if let Some(span) = frame.span() {
            self.clear(frame);
            // SAFETY: 1. it has one block, whose frame was the caller's.
            unsafe { self.unmap(span) };
        }
        self.freed();
    }

    /// Stores blocks of one class that come back, and gives back what is too much.
    pub(super) fn keep<'a>(self: &'a Arc<Self>, class: Class, blocks: Chain<'a>) {
        let shard = self.store_chain(class, blocks);
        self.freed();
        if self.is_closed() {
            self.give_back_late(class);
        } else if self.excess(shard) > 0 && self.is_worth_a_try(shard.bin(class).len(), class) {
            self.evict(shard, class);
        }
        if lease::tick() {
            // Who returns often shall have a slot, even if it never gets anything.
            lease::lease(self);
            self.decay();
        }
    }

    /// Gives back blocks that came when the pool had no handle left. Blocks that share spans are looked through only now and
    /// then, since that takes a visit to each: when they have doubled, when half of those that were lent have come, after the last.
    fn give_back_late(&self, class: Class) {
        if self.layout.cut(class).blocks == 1 {
            self.give_back(&mut self.lock().inner, class, usize::MAX);
            return;
        }
        // Twice: the last one may have come while the others were looked through.
        for _ in 0..2 {
            if !self.is_worth_a_try(self.store.len(class), class) {
                return;
            }
            self.give_back(&mut self.lock().inner, class, usize::MAX);
            self.note_futile(self.store.len(class), class);
        }
    }

    /// As [`Home::keep`], of several classes.
    pub(super) fn keep_all<'a>(self: &'a Arc<Self>, mut blocks: Chain<'a>) {
        while let Some((class, run)) = blocks.pop_run() {
            self.keep(class, run);
        }
    }

    pub(super) fn store_chain<'a>(&'a self, class: Class, blocks: Chain<'a>) -> &'a Shard {
        let limit = self.settings.max_buffers_per_shard;
        let shard = self.store.shard_with_room(lease::affinity(), limit);
        let cut = self.layout.cut(class);
        shard.put(&self.frames, class, cut, blocks);
        shard
    }

    /// Stores blocks of several classes, and looks after nothing.
    pub(super) fn store_all<'a>(&'a self, mut blocks: Chain<'a>) {
        while let Some((class, run)) = blocks.pop_run() {
            self.store_chain(class, run);
        }
    }

    /// By how many bytes a shard holds more than it should; 0 if it does not.
    fn excess(&self, shard: &Shard) -> usize {
        let limit = self.settings.max_idle_bytes;
        // The sum over all shards only when this one has more than its share.
        let bytes = if shard.bytes() > limit / self.settings.shards {
            self.store.bytes().saturating_sub(limit)
        } else {
            0
        };
        if shard.pages() > self.settings.max_buffers_per_shard {
            bytes.max(1)
        } else {
            bytes
        }
    }

    /// Is it worth a try to give back blocks of `class`, of which so many are at rest? Not if the last one found that every span had
    /// a block lent, and not half of those have come back, nor many others.
    fn is_worth_a_try(&self, at_rest: usize, class: Class) -> bool {
        let (enough, out) = self.store.futile(class);
        at_rest > enough || self.store.out(class) <= out / 2
    }

    /// A try left so many blocks of `class` at rest, since each span had a block that is lent.
    fn note_futile(&self, at_rest: usize, class: Class) {
        let out = self.store.out(class);
        self.store.set_futile(class, at_rest.saturating_mul(2), out);
    }

    /// Gives back blocks of the shard until it holds no more than it should, or nothing more can be given back. If somebody else
    /// is at it, leaves it to them.
    #[cold]
    fn evict(self: &Arc<Self>, shard: &Shard, newcomer: Class) {
        let Some(mut state) = self.try_lock() else {
            return;
        };
        self.evict_from(&mut state.inner, shard, Some(newcomer));
    }

    fn evict_from(&self, upkeep: &mut Upkeep, shard: &Shard, newcomer: Option<Class>) {
        // Classes of which nothing could be given back.
        let mut passed = [false; COUNT];
        loop {
            let excess = self.excess(shard);
            if excess == 0 {
                return;
            }
            // Without the newcomer, which is there already, and without what cannot be given back.
            let is_worth_a_try =
                |class: Class, blocks| !passed[class.index()] && self.is_worth_a_try(blocks, class);
            let at_rest = |class| {
                let blocks = shard.bin(class).len();
                if !is_worth_a_try(class, blocks) {
                    return 0;
                }
                blocks.saturating_sub(usize::from(Some(class) == newcomer))
            };
            let newcomer = newcomer.filter(|&class| is_worth_a_try(class, shard.bin(class).len()));
            let Some(victim) = upkeep.policy.victim(&self.referenced, at_rest, newcomer) else {
                return;
            };
            let freed = self.give_back_chosen(upkeep, victim, [shard], excess);
            if freed == 0 {
                let at_rest = shard.bin(victim).len();
                if at_rest == 0 {
                    return;
                }
                if self.layout.cut(victim).blocks > 1 {
                    self.note_futile(at_rest, victim);
                }
                // Else others are just moving what is counted: do not wait for them. In the child of a fork they may not be there.
                passed[victim.index()] = true;
                continue;
            }
            self.counters.add_evictions(1);
        }
    }

    /// Gives back a block of the class that the policy has just chosen, or some spans if it shares one. Returns how many bytes.
    fn give_back_chosen<'a>(
        &self,
        upkeep: &mut Upkeep,
        victim: Class,
        shards: impl IntoIterator<Item = &'a Shard>,
        enough: usize,
    ) -> usize {
        let cut = self.layout.cut(victim);
        let freed = if cut.blocks > 1 {
            // A part of what has to be looked through, or giving back many, span by span, would take quadratic time.
            let part = self.store.len(victim) * cut.block / LOOKED_THROUGH_PER_FREED;
            self.unmap_whole(upkeep, victim, enough.max(part))
        } else {
            self.unmap_singles(shards, victim, 1)
        };
        if freed > 0 {
            upkeep
                .policy
                .discarded(&self.referenced, victim, cut.blocks_in(freed));
        }
        freed
    }

    /// Gives back the spans of `class` of which all blocks are at rest in the store, until `enough` bytes are given back. Returns
    /// how many.
    fn give_back(&self, upkeep: &mut Upkeep, class: Class, enough: usize) -> usize {
        let cut = self.layout.cut(class);
        let freed = if cut.blocks > 1 {
            self.unmap_whole(upkeep, class, enough)
        } else {
            self.unmap_singles(self.store.shards(), class, enough)
        };
        for _ in 0..cut.blocks_in(freed) {
            upkeep.policy.gone(&self.referenced, class);
        }
        freed
    }

    /// Unmaps blocks of a class that has one in a span, until it is enough. Returns how many bytes.
    fn unmap_singles<'a>(
        &self,
        shards: impl IntoIterator<Item = &'a Shard>,
        class: Class,
        enough: usize,
    ) -> usize {
        let cut = self.layout.cut(class);
        let mut freed = 0;
        for shard in shards {
            while freed < enough {
                let mut found = Chain::new();
                shard.take(&self.frames, class, cut, 1, &mut found);
                let Some(frame) = found.pop() else { break };
                let Some(span) = frame.span() else { break };
                self.clear(frame);
                self.store.sub_made(class, 1);
                // SAFETY: 1. it has one block, which was at rest.
                freed += unsafe { self.unmap(span) };
            }
        }
        freed
    }

    /// Unmaps spans of several blocks, which may rest in several shards: takes out all blocks of the class, unmaps spans that are
    /// whole until it is enough, and stores the others again. Returns how many bytes. With the lock held, which `_upkeep` shows: a
    /// span is counted by one thread at a time.
    fn unmap_whole(&self, _upkeep: &mut Upkeep, class: Class, enough: usize) -> usize {
        let cut = self.layout.cut(class);
        let mut gathered = Chain::new();
        for shard in self.store.shards() {
            while shard.take(&self.frames, class, cut, BATCH, &mut gathered) > 0 {}
        }
        for frame in gathered.iter() {
            if let Some(span) = frame.span() {
                // SAFETY: a span lives as long as a frame has a part of it.
                unsafe { span.as_ref() }.gather();
            }
        }
        // All frames of the chosen spans, and all others.
        let (mut chosen, mut bytes) = (Chain::new(), 0);
        let mut others = Chain::new();
        while let Some(frame) = gathered.pop() {
            let Some(span) = frame.span() else { continue };
            // SAFETY: as above.
            let span = unsafe { span.as_ref() };
            if !span.is_chosen() && span.is_gathered() && bytes < enough {
                span.choose();
                bytes += span.cut().bytes;
            }
            if span.is_chosen() {
                chosen.push(frame);
            } else {
                others.push(frame);
            }
        }
        for frame in others.iter() {
            if let Some(span) = frame.span() {
                // SAFETY: as above.
                unsafe { span.as_ref() }.scatter();
            }
        }
        // Bit by bit, so that each goes to a shard that has room.
        while !others.is_empty() {
            self.store_chain(class, others.pop_many(BATCH));
        }
        let mut freed = 0;
        while let Some(frame) = chosen.pop() {
            let Some(span) = frame.span() else { continue };
            // SAFETY: as above: this frame has a part of it.
            let is_last = unsafe { span.as_ref() }.let_go();
            self.clear(frame);
            self.store.sub_made(class, 1);
            if is_last {
                // SAFETY: 1. all its frames were in `chosen`, and this one was the last of them.
                freed += unsafe { self.unmap(span) };
            }
        }
        freed
    }

    /// Gives back everything that rests in the store. Returns how many bytes.
    pub(super) fn give_back_all(&self, upkeep: &mut Upkeep) -> usize {
        Class::all()
            .map(|class| self.give_back(upkeep, class, usize::MAX))
            .sum()
    }

    /// Gives back what rests in the store until there is room under the cap for `bytes`, if there can be. Leaves blocks of the class
    /// `kept`.
    pub(super) fn make_room(&self, upkeep: &mut Upkeep, kept: Option<Class>, bytes: usize) {
        let room = || self.ledger.cap() - self.ledger.mapped();
        // Not for a request that what is lent makes impossible.
        if room() + self.store.bytes() < bytes {
            return;
        }
        let at_rest = |class| {
            if Some(class) == kept {
                0
            } else {
                self.store.len(class)
            }
        };
        while room() < bytes {
            let Some(victim) = upkeep.policy.victim(&self.referenced, at_rest, None) else {
                break;
            };
            let shards = self.store.shards();
            if self.give_back_chosen(upkeep, victim, shards, bytes - room()) == 0 {
                break;
            }
            self.counters.add_evictions(1);
        }
        // The policy's choice may have had no span that is whole.
        for class in Class::all().filter(|&class| Some(class) != kept) {
            if room() >= bytes {
                return;
            }
            self.give_back(upkeep, class, bytes - room());
        }
    }

    /// Empties all threads' slots and the store, as far as they are not in use. Returns how many bytes went back to the system.
    pub(super) fn trim(self: &Arc<Self>) -> usize {
        let mut state = self.lock();
        self.sweep(&mut state.inner, |_| true);
        let freed = self.give_back_all(&mut state.inner);
        drop(state);
        self.freed();
        freed
    }

    /// Gives back what nobody needed since the last time, if that is long enough ago. If somebody else has the lock, leaves it for
    /// later.
    #[cold]
    pub(super) fn decay(self: &Arc<Self>) {
        let Some(period) = self.settings.idle_decay else {
            return;
        };
        let Some(mut state) = self.try_lock() else {
            return;
        };
        let upkeep = &mut state.inner;
        if upkeep.decayed.elapsed() < period {
            return;
        }
        upkeep.decayed = Instant::now();
        // What idle threads have cached counts as unneeded from the next time on.
        self.sweep(upkeep, Slot::was_idle);
        for class in Class::all() {
            let cut = self.layout.cut(class);
            let unneeded: usize = self
                .store
                .shards()
                .map(|shard| shard.bin(class).reset_low())
                .sum();
            if unneeded >= cut.blocks {
                self.give_back(upkeep, class, unneeded * cut.block);
            }
        }
        for shard in self.store.shards() {
            self.evict_from(upkeep, shard, None);
        }
        drop(state);
        self.freed();
    }

    /// Gives back all spans. Nobody has a block any more.
    pub(super) fn free_spans(&mut self) {
        // In the child of a fork there may be numbers for which a thread that is not there was just making room.
        let frame = |index| self.frames.get(index).map(|(chunk, offset)| &chunk[offset]);
        let frames = || (0..self.frames.high_water()).filter_map(frame);
        for frame in frames() {
            if let Some(span) = frame.span()
                // SAFETY: a span lives as long as the frame of its first block has it.
                && !unsafe { span.as_ref() }.begins_with(frame)
            {
                frame.clear_memory();
            }
        }
        for frame in frames() {
            if let Some(span) = frame.span() {
                frame.clear_memory();
                // SAFETY: 1. `&mut self`: all frames are ours, and by the first loop this one alone led to the span.
                unsafe { self.unmap(span) };
            }
        }
    }
}
