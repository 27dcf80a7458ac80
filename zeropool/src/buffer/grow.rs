#![allow(unsafe_code)] // Fences: spans just made, which their frames refer to.
//! Memory for a request: from the store, from the system, or from what others have cached.

use super::class::Class;
use super::config::{Eviction, Pinning, Settings};
use super::cut::Cut;
use super::error::BufError;
use super::eviction::Policy;
use super::frame::{Chain, Frame};
use super::home::Home;
use super::lease;
use super::memory::MapError;
use super::store::{BATCH, frame};
use super::waiters::Guarded;
use std::ptr::NonNull;
use std::sync::Arc;
use std::time::Instant;

/// What the lock guards.
#[derive(Debug)]
pub(super) struct Upkeep {
    pub(super) policy: Policy,
    /// When what nobody needed was last given back.
    pub(super) decayed: Instant,
}

impl Guarded for Upkeep {
    type Plan = Settings;

    fn new(settings: &Settings) -> Self {
        Self {
            policy: match settings.eviction {
                Eviction::Lifo => Policy::Lifo,
                Eviction::ClockPro => Policy::clock_pro(settings.max_idle_bytes),
            },
            decayed: Instant::now(),
        }
    }

    /// A policy that would have to know what there is already is no use.
    fn anew(_: &Settings) -> Self {
        Self {
            policy: Policy::Lifo,
            decayed: Instant::now(),
        }
    }
}

/// What is asked for.
#[derive(Debug, Clone, Copy)]
pub(super) struct Want {
    /// None for what is served exactly.
    pub(super) class: Option<Class>,
    /// How a span for it is cut.
    pub(super) cut: Cut,
    pub(super) requested: usize,
}

/// Why there is nothing to be had now.
#[derive(Debug)]
pub(super) enum Shortage {
    /// The cap is reached by what is lent. `missed`: or by what some thread's cache has, which could not be looked into now.
    Full {
        missed: bool,
    },
    Error(BufError),
}

impl Home {
    /// One block of `class` from the shared store, and a few more into the thread's slot.
    pub(super) fn restock(self: &Arc<Self>, class: Class) -> Option<&Frame> {
        let cut = self.layout.cut(class);
        let more = (self.limits.of(class) / 2).min(BATCH - 1);
        let mut found = Chain::new();
        let affinity = lease::affinity();
        let n = self
            .store
            .take(&self.frames, class, cut, affinity, 1 + more, &mut found);
        if n == 0 {
            return None;
        }
        let frame = found.pop();
        self.note_hit(class);
        if !found.is_empty() {
            self.fill_slot(class, &mut found);
            if !found.is_empty() {
                self.keep(class, found);
            }
        }
        frame
    }

    /// Does what it can to find memory within the cap.
    pub(super) fn find<'a>(
        self: &'a Arc<Self>,
        upkeep: &mut Upkeep,
        want: Want,
    ) -> Result<&'a Frame, Shortage> {
        if let Some(frame) = want.class.and_then(|class| self.take_one(class)) {
            return Ok(frame);
        }
        let refused = match self.grow(upkeep, want) {
            Ok(Some(frame)) => return Ok(frame),
            Ok(None) => None,
            Err(error) => Some(error),
        };
        // At the cap, or the system has no more. What threads have cached is nobody's at the moment.
        let missed = !self.sweep(upkeep, |_| true);
        if let Some(frame) = want.class.and_then(|class| self.take_one(class)) {
            return Ok(frame);
        }
        match refused {
            None => self.make_room(upkeep, None, want.cut.bytes),
            Some(error) => {
                if self.give_back_all(upkeep) == 0 {
                    return Err(Shortage::Error(error));
                }
            }
        }
        match self.grow(upkeep, want) {
            Ok(grown) => grown.ok_or(Shortage::Full { missed }),
            Err(error) => Err(Shortage::Error(error)),
        }
    }

    /// The blocks of a new span of `class`, for the store.
    pub(super) fn add(
        self: &Arc<Self>,
        upkeep: &mut Upkeep,
        class: Class,
        want: Want,
    ) -> Result<(), BufError> {
        let mut mapped = self.map(upkeep, want)?;
        if mapped.is_none() {
            self.sweep(upkeep, |_| true);
            self.make_room(upkeep, Some(class), want.cut.bytes);
            mapped = self.map(upkeep, want)?;
        }
        let blocks = mapped.ok_or_else(|| self.exhausted(want))?;
        self.store_chain(class, blocks);
        Ok(())
    }

    fn take_one(&self, class: Class) -> Option<&Frame> {
        let cut = self.layout.cut(class);
        let mut found = Chain::new();
        let affinity = lease::affinity();
        self.store
            .take(&self.frames, class, cut, affinity, 1, &mut found);
        let frame = found.pop();
        if frame.is_some() {
            self.note_hit(class);
        }
        frame
    }

    /// A block of `class` was lent from the store.
    fn note_hit(&self, class: Class) {
        self.counters.add_shared_hits(1);
        if self.settings.eviction == Eviction::ClockPro {
            self.referenced.mark(class, self.store.out(class));
        }
    }

    /// One block out of a new span; the others go to the store. None if the cap leaves no room.
    fn grow<'a>(
        self: &'a Arc<Self>,
        upkeep: &mut Upkeep,
        want: Want,
    ) -> Result<Option<&'a Frame>, BufError> {
        let Some(mut blocks) = self.map(upkeep, want)? else {
            return Ok(None);
        };
        let first = blocks.pop();
        if let Some((class, others)) = blocks.pop_run() {
            self.store_chain(class, others);
        }
        Ok(first)
    }

    /// The blocks of a new span. None if the cap leaves no room.
    fn map<'a>(&'a self, upkeep: &mut Upkeep, want: Want) -> Result<Option<Chain<'a>>, BufError> {
        let cut = want.cut;
        if !self.ledger.reserve(cut.bytes) {
            return Ok(None);
        }
        let span = match self.layout.map(cut) {
            Ok(span) => span,
            Err(error) => {
                self.ledger.release(cut.bytes);
                if matches!(error, MapError::Lock { .. }) {
                    self.counters.add_lock_failures(1);
                }
                return Err(BufError::from_system(want.requested, error));
            }
        };
        if span.is_locked() {
            self.ledger.pin(cut.bytes);
        } else if self.settings.pinned != Pinning::Off {
            self.counters.add_lock_failures(1);
        }
        self.counters.add_allocations(cut.blocks);
        let span = NonNull::from(Box::leak(Box::new(span)));
        let mut blocks = Chain::new();
        for n in (0..cut.blocks).rev() {
            // SAFETY: leaked above.
            let Some(start) = unsafe { span.as_ref() }.block(n) else {
                continue;
            };
            let index = self.frames.acquire();
            let frame = frame(&self.frames, index);
            frame.set_index(index);
            frame.set_class(want.class);
            frame.set_memory(span, start, cut.block);
            blocks.push(frame);
        }
        if let Some(class) = want.class {
            self.store.add_made(class, blocks.len());
            for _ in 0..blocks.len() {
                upkeep.policy.fault(&self.referenced, class);
            }
        }
        Ok(Some(blocks))
    }
}
