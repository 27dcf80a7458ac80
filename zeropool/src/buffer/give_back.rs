#![allow(unsafe_code)] // Fences: spans, which go back to the system when all their blocks are in hand.
//! Blocks that come back to the store, and what goes from there to the system: the limits of what rests, eviction, decay, trimming,
//! the end.

use super::class::Class;
use super::frame::{Chain, Frame};
use super::grow::Upkeep;
use super::home::Home;
use super::lease;
use super::slot::Slot;
use super::span::{Cut, Span};
use super::store::{BATCH, Shard, frame};
use std::ptr::NonNull;
use std::sync::Arc;
use std::time::Instant;

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
        self.waiters.freed();
    }

    /// Stores blocks of one class that come back, and gives back what is too much.
    pub(super) fn keep<'a>(self: &'a Arc<Self>, class: Class, blocks: Chain<'a>) {
        let shard = self.store_chain(class, blocks);
        self.waiters.freed();
        if self.is_closed() {
            if let Some(mut state) = self.waiters.lock() {
                self.give_back(&mut state.inner, class, usize::MAX);
            }
        } else if self.is_too_much(shard, class) {
            self.evict(shard, class);
        }
        if lease::tick() {
            self.decay();
        }
    }

    /// As [`Home::keep`], of several classes.
    pub(super) fn keep_all<'a>(self: &'a Arc<Self>, mut blocks: Chain<'a>) {
        while let Some(frame) = blocks.pop() {
            if let Some(class) = frame.class() {
                let mut one = Chain::new();
                one.push(frame);
                self.keep(class, one);
            }
        }
    }

    pub(super) fn store_chain<'a>(&'a self, class: Class, blocks: Chain<'a>) -> &'a Shard {
        let limit = self.settings.max_buffers_per_shard;
        let shard = self.store.shard_with_room(lease::affinity(), limit);
        let size = self.layout.cut(class).block;
        shard.put(&self.frames, class, size, blocks);
        shard
    }

    /// Stores blocks of several classes, and looks after nothing.
    pub(super) fn store_all<'a>(&'a self, mut blocks: Chain<'a>) {
        while let Some(frame) = blocks.pop() {
            if let Some(class) = frame.class() {
                let mut one = Chain::new();
                one.push(frame);
                self.store_chain(class, one);
            }
        }
    }

    /// Does the shard of a newcomer hold more than it should?
    fn is_too_much(&self, shard: &Shard, newcomer: Class) -> bool {
        let bytes = self.settings.max_idle_bytes;
        let is_over = shard.blocks() > self.settings.max_buffers_per_shard
            // The sum over all shards only when this one has more than its share.
            || (shard.bytes() > bytes / self.settings.shards && self.store.bytes() > bytes);
        is_over && shard.bin(newcomer).len() > self.store.futile(newcomer)
    }

    /// Gives back blocks of the shard until it holds no more than it should, or nothing more can be given back. If somebody else
    /// is at it, leaves it to them.
    #[cold]
    fn evict(self: &Arc<Self>, shard: &Shard, newcomer: Class) {
        let Some(mut state) = self.waiters.try_lock() else {
            return;
        };
        let upkeep = &mut state.inner;
        while self.is_too_much(shard, newcomer) {
            // Without the newcomer, which is there already.
            let at_rest = |class| {
                let blocks = shard.bin(class).len();
                blocks.saturating_sub(usize::from(class == newcomer))
            };
            let Some(victim) = upkeep
                .policy
                .victim(&self.referenced, at_rest, Some(newcomer))
            else {
                return;
            };
            let freed = if self.layout.cut(victim).blocks == 1 {
                let freed = self.give_back_one(shard, victim);
                if freed > 0 {
                    upkeep.policy.discarded(&self.referenced, victim);
                }
                freed
            } else {
                self.give_back(upkeep, victim, usize::MAX)
            };
            if freed == 0 {
                // Each span has a block that is lent. Not worth another look before there are twice as many.
                let at_rest = shard.bin(victim).len();
                self.store.set_futile(victim, at_rest.saturating_mul(2));
                return;
            }
            self.counters.add_evictions(1);
        }
    }

    /// Gives one block back that is its span's only one.
    fn give_back_one(&self, shard: &Shard, class: Class) -> usize {
        let size = self.layout.cut(class).block;
        let mut found = Chain::new();
        shard.take(&self.frames, class, size, 1, &mut found);
        let Some(frame) = found.pop() else { return 0 };
        let Some(span) = frame.span() else { return 0 };
        self.clear(frame);
        self.store.sub_made(class, 1);
        // SAFETY: 1. it has one block, which was at rest.
        unsafe { self.unmap(span) }
    }

    /// Gives back the spans of `class` of which all blocks are at rest in the store, until `enough` bytes are given back. Returns
    /// how many.
    fn give_back(&self, upkeep: &mut Upkeep, class: Class, enough: usize) -> usize {
        if self.layout.cut(class).blocks > 1 {
            return self.give_back_whole(upkeep, class);
        }
        let mut freed = 0;
        for shard in self.store.shards() {
            while freed < enough {
                match self.give_back_one(shard, class) {
                    0 => break,
                    bytes => freed += bytes,
                }
                upkeep.policy.gone(&self.referenced, class);
            }
        }
        freed
    }

    /// As `give_back`, for spans of several blocks, which may lie in several shards: takes out all blocks, gives back the spans that
    /// are whole, and stores the others again.
    fn give_back_whole(&self, upkeep: &mut Upkeep, class: Class) -> usize {
        let size = self.layout.cut(class).block;
        let mut gathered = Chain::new();
        for shard in self.store.shards() {
            while shard.take(&self.frames, class, size, BATCH, &mut gathered) > 0 {}
        }
        for frame in gathered.iter() {
            if let Some(span) = frame.span() {
                // SAFETY: a span lives as long as a frame has a part of it.
                unsafe { span.as_ref() }.gather();
            }
        }
        let (mut whole, mut broken) = (Chain::new(), Chain::new());
        while let Some(frame) = gathered.pop() {
            // SAFETY: as above.
            let is_whole = |span: NonNull<Span>| unsafe { span.as_ref() }.is_gathered();
            if frame.span().is_some_and(is_whole) {
                whole.push(frame);
            } else {
                broken.push(frame);
            }
        }
        for frame in broken.iter() {
            if let Some(span) = frame.span() {
                // SAFETY: as above.
                unsafe { span.as_ref() }.scatter();
            }
        }
        let mut freed = 0;
        while let Some(frame) = whole.pop() {
            let Some(span) = frame.span() else { continue };
            // SAFETY: as above: this frame has a part of it.
            let is_last = unsafe { span.as_ref() }.let_go();
            self.clear(frame);
            self.store.sub_made(class, 1);
            upkeep.policy.gone(&self.referenced, class);
            if is_last {
                // SAFETY: 1. all its frames were in `whole`, and this one was the last of them.
                freed += unsafe { self.unmap(span) };
            }
        }
        if !broken.is_empty() {
            self.store_chain(class, broken);
        }
        freed
    }

    /// Gives back everything that rests in the store. Returns how many bytes.
    pub(super) fn give_back_all(&self, upkeep: &mut Upkeep) -> usize {
        Class::all()
            .map(|class| self.give_back(upkeep, class, usize::MAX))
            .sum()
    }

    /// Gives back what rests in the store until there is room under the cap for `bytes`, or nothing is left.
    pub(super) fn make_room(&self, upkeep: &mut Upkeep, bytes: usize) {
        let has_room = || self.ledger.cap() - self.ledger.mapped() >= bytes;
        while !has_room() {
            let at_rest = |class| self.store.len(class);
            let Some(victim) = upkeep.policy.victim(&self.referenced, at_rest, None) else {
                break;
            };
            if self.give_back(upkeep, victim, bytes) == 0 {
                break;
            }
            self.counters.add_evictions(1);
        }
        // The policy's choice may have had no span that is whole.
        for class in Class::all() {
            if has_room() {
                return;
            }
            self.give_back(upkeep, class, bytes);
        }
    }

    /// Empties all threads' slots and the store, as far as they are not in use. Returns how many bytes went back to the system.
    pub(super) fn trim(self: &Arc<Self>) -> usize {
        let Some(mut state) = self.waiters.lock() else {
            return 0;
        };
        let mut found = Chain::new();
        self.sweep(&mut state.inner, &mut found, |_| true);
        self.store_all(found);
        let freed = self.give_back_all(&mut state.inner);
        drop(state);
        self.waiters.freed();
        freed
    }

    /// Gives back what nobody needed since the last time, if that is long enough ago. If somebody else has the lock, leaves it for
    /// later.
    #[cold]
    pub(super) fn decay(self: &Arc<Self>) {
        let Some(period) = self.settings.idle_decay else {
            return;
        };
        let Some(mut state) = self.waiters.try_lock() else {
            return;
        };
        let upkeep = &mut state.inner;
        if upkeep.decayed.elapsed() < period {
            return;
        }
        upkeep.decayed = Instant::now();
        // What idle threads have cached counts as unneeded from the next time on.
        let mut found = Chain::new();
        self.sweep(upkeep, &mut found, Slot::was_idle);
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
        self.store_all(found);
        drop(state);
        self.waiters.freed();
    }

    /// Gives back all spans. Nobody has a block any more.
    pub(super) fn free_spans(&mut self) {
        let frames = || (0..self.frames.high_water()).map(|index| frame(&self.frames, index));
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
