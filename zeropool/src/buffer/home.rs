#![allow(unsafe_code)] // Fences: frames at rest becoming lent ones, and the references they own.
//! Where the blocks of one pool are at home: how they are lent, taken back, and freed in the end.
//!
//! # Who keeps what alive
//!
//! [`Home`] is behind an `Arc`. Its strong references are: one in every handle, one in every block that is lent,
//! one in every block that rests in a thread's slot (moving a block between its guard and a slot moves the
//! reference along and counts nothing). A block in the shared store has none: the store is part of the home.
//!
//! The end of a pool has two steps, in this order:
//!
//! 1. *The last handle is dropped.* Nobody can get a buffer any more. The dropping thread empties every slot, its
//!    own and other threads', and the store, and gives back all that rested there, with the references.
//! 2. *The last reference goes*, which is the handle's of step 1 or that of the last lent buffer. The home gives back what is
//!    left of its spans, and frees the slots.
//!
//! A buffer that is dropped between the two steps goes to the store and on to the system. At once, or, if its block shares a
//! span with others, when that is whole and so many have come that it is worth looking through them; with the last of a class all go.
//! A thread that exits holds a reference while it empties its slot, so step 2 may be its. What a thread keeps of a dead pool is its
//! entry in the lease table and the emptied `Home` that the entry's `Weak` points to, until it leases from another pool or exits.

use super::class::Class;
use super::config::{Settings, Zeroing};
use super::counters::Counters;
use super::eviction::Referenced;
use super::frame::{Chain, Frame};
use super::grow::Upkeep;
use super::lease;
use super::ledger::Ledger;
use super::slot::{Attention, Limits, Refused, Slot};
use super::span::Layout;
use super::store::{Frames, Store};
use super::waiters::{State, Waiters};
use crate::sync::{
    AtomicBool, AtomicPtr, AtomicU64, MutexGuard,
    Ordering::{Acquire, Relaxed, Release, SeqCst},
    fence, process, thread,
};
use crossbeam_utils::CachePadded;
use std::mem;
use std::ptr::{self, NonNull};
use std::sync::Arc;

/// A pool without its handles.
#[derive(Debug)]
#[repr(C, align(128))]
pub(super) struct Home {
    /// Never used for another pool of this process.
    id: u64,
    /// Requests for less are treated as requests for so much.
    pub(super) len_min: usize,
    /// Blocks are wiped when they come back.
    pub(super) wipes: bool,
    /// Raised for good by the end of the pool.
    pub(super) attention: Attention,
    pub(super) limits: Limits,
    pub(super) layout: Layout,
    pub(super) settings: Settings,
    pub(super) frames: Frames,
    pub(super) store: Store,
    pub(super) ledger: CachePadded<Ledger>,
    pub(super) counters: Counters,
    pub(super) referenced: Referenced,
    /// Head of the list of slots, which only grows. Each is a leaked `Box` that the home owns.
    slots: AtomicPtr<Slot>,
    /// The pool has no handle left.
    closed: AtomicBool,
    pub(super) waiters: Waiters<Upkeep>,
    /// That made the pool.
    process: u64,
}

/// The right to get buffers: what `BufferPool` is made of. Closes the home when the last clone is dropped.
#[derive(Debug, Clone)]
pub(super) struct Handle {
    home: Arc<Home>,
    _open: Arc<Open>,
}

/// What all handles of a pool share.
#[derive(Debug)]
struct Open {
    home: Arc<Home>,
}

/// A block on loan: a frame that its guard holds, and a reference to the home.
#[derive(Debug)]
pub(super) struct Loan {
    home: Arc<Home>,
    /// One of this home's, held by this loan.
    frame: NonNull<Frame>,
}

// SAFETY: a loan owns its frame's block as a `Box<[u8]>` does; nothing about it belongs to a thread.
unsafe impl Send for Loan {}
// SAFETY: a shared loan lets nobody change anything.
unsafe impl Sync for Loan {}

impl Handle {
    /// A new pool.
    pub(super) fn new(settings: Settings) -> Self {
        static NEXT_ID: AtomicU64 = AtomicU64::new(1);
        let layout = Layout::new(&settings);
        let home = Arc::new(Home {
            // Ordering: Relaxed; only that no two are the same matters. 64 bits do not wrap.
            id: NEXT_ID.fetch_add(1, Relaxed),
            len_min: settings.min_buffer_size.max(1),
            wipes: settings.zeroing == Zeroing::OnReturn,
            attention: Attention::new(),
            limits: Limits::new(settings.tls_cache_size, |class| layout.cut(class).block),
            layout,
            frames: Frames::new(),
            store: Store::new(settings.shards),
            ledger: CachePadded::new(Ledger::new(settings.max_bytes.unwrap_or(usize::MAX))),
            counters: Counters::default(),
            referenced: Referenced::new(settings.max_idle_bytes),
            slots: AtomicPtr::new(ptr::null_mut()),
            closed: AtomicBool::new(false),
            waiters: Waiters::new(&settings),
            process: process::current(),
            settings,
        });
        Self {
            _open: Arc::new(Open {
                home: Arc::clone(&home),
            }),
            home,
        }
    }

    #[inline]
    pub(super) fn home(&self) -> &Arc<Home> {
        &self.home
    }

    /// Lends a block of `class` if the calling thread has one at hand.
    #[inline]
    pub(super) fn lend(&self, class: Class) -> Option<Loan> {
        let slot = lease::slot_of(&self.home)?;
        // SAFETY: `slot_of` found it in the home's list, which `&self` keeps alive.
        let slot = unsafe { slot.as_ref() };
        // SAFETY: 1. `slot_of` gives the calling thread's slot. 2. `self` keeps the pool; the attention is its own.
        let frame = unsafe { slot.take(&self.home.attention, class) }?;
        if slot.is_time() {
            self.home.decay();
        }
        // SAFETY: 1. the block came out of a slot.
        let home = unsafe { self.home.inherit() };
        Some(Loan { home, frame })
    }
}

impl Loan {
    /// `frame` is one of `home`'s, and the caller holds it.
    pub(super) fn new(home: &Arc<Home>, frame: &Frame) -> Self {
        Self {
            home: Arc::clone(home),
            frame: NonNull::from(frame),
        }
    }

    #[inline]
    pub(super) fn home(&self) -> &Home {
        &self.home
    }

    #[inline]
    pub(super) fn frame(&self) -> &Frame {
        // SAFETY: frames live as long as their home, and the loan has a reference.
        unsafe { self.frame.as_ref() }
    }

    /// Takes the block back, which is wiped if the pool wipes. Never panics, whatever state the thread is in.
    #[inline]
    pub(super) fn end(self) {
        let mut refused = None;
        if let Some(class) = self.frame().class()
            && let Some(slot) = lease::slot_of(&self.home)
        {
            let attention = NonNull::from(&self.home.attention);
            let limit = self.home.limits.of(class);
            // SAFETY: 1. `slot_of` gives the calling thread's slot. 2. the loan's frame and reference, which it gives up on `Ok`.
            match unsafe { Slot::put(slot, attention, class, limit, self.frame) } {
                // The entry owns the reference now; whoever took the block may have used it up already.
                Ok(()) => return mem::forget(self),
                Err(why) => refused = Some((why, slot)),
            }
        }
        self.end_elsewhere(refused);
    }

    /// As [`Loan::end`], when the thread does not keep the block, or not yet.
    #[cold]
    #[inline(never)]
    fn end_elsewhere(self, refused: Option<(Refused, NonNull<Slot>)>) {
        let home = &self.home;
        let Some(class) = self.frame().class() else {
            return home.free_large(self.frame());
        };
        let mut blocks = Chain::new();
        if let Some((Refused::Full, slot)) = refused
            && home.limits.of(class) > 0
        {
            // Room for this block and some more: one visit to the store instead of many.
            let spilled = home.limits.of(class).div_ceil(2);
            // SAFETY: in the home's list, which the loan keeps alive.
            let slot = unsafe { slot.as_ref() };
            let each = |frame: NonNull<Frame>| {
                // SAFETY: frames live as long as their home.
                blocks.push(unsafe { &*frame.as_ptr() });
            };
            // SAFETY: 1. `slot_of` gave the calling thread's slot. 2. as above.
            unsafe { slot.spill(&home.attention, class, spilled, each) };
            // SAFETY: the blocks came out of a slot, each with a reference, and the loan has one more.
            unsafe { home.disinherit(blocks.len()) };
        }
        if blocks.is_empty() {
            blocks.push(self.frame());
            home.keep(class, blocks);
            home.counters.add_returns(1);
            return;
        }
        home.keep(class, blocks);
        // Now there is room, unless somebody calls for attention: then it goes to the store by the other way.
        self.end();
    }
}

impl Home {
    /// Distinguishes this pool from every other of the process, past and future.
    #[inline]
    pub(super) fn id(&self) -> u64 {
        self.id
    }

    /// The reference that a block in a slot owned.
    ///
    /// # Safety
    /// 1. The caller has just taken a block out of one of this home's slots, and calls this once for it.
    #[inline]
    unsafe fn inherit(self: &Arc<Self>) -> Arc<Self> {
        // SAFETY: the address comes from an `Arc` of this type, and `end` forgot one reference for every
        // block it put in a slot: by 1. there is one for the caller.
        unsafe { Arc::from_raw(Arc::as_ptr(self)) }
    }

    /// Gives up the references of `n` blocks.
    ///
    /// # Safety
    /// 1. The caller has just taken `n` blocks out of this home's slots, and calls this once for them.
    unsafe fn disinherit(self: &Arc<Self>, n: usize) {
        for _ in 0..n {
            // SAFETY: 1. is the caller's. The reference of `self` remains.
            drop(unsafe { self.inherit() });
        }
    }

    /// Moves blocks of one class, taken out of the store, to the calling thread's slot as far as that takes them; the others stay
    /// in the chain.
    pub(super) fn fill_slot<'a>(self: &'a Arc<Self>, class: Class, blocks: &mut Chain<'a>) {
        let Some(slot) = lease::slot_of(self) else {
            return;
        };
        let attention = NonNull::from(&self.attention);
        let limit = self.limits.of(class);
        while let Some(frame) = blocks.pop() {
            let reference = Arc::clone(self);
            // SAFETY: 1. `slot_of` gives the calling thread's slot. 2. popped from a chain of ours; `reference`, given up on `Ok`.
            match unsafe { Slot::put(slot, attention, class, limit, NonNull::from(frame)) } {
                Ok(()) => mem::forget(reference),
                Err(_) => return blocks.push(frame),
            }
        }
    }

    /// Every slot there is.
    pub(super) fn slots(&self) -> impl Iterator<Item = &Slot> {
        // Ordering: Acquire pairs with the Release in `lease_slot`: the slots, and their links, are complete.
        let head = NonNull::new(self.slots.load(Acquire));
        // SAFETY: by the invariant of `slots` it lives as long as `self`.
        let follow = |slot: NonNull<Slot>| unsafe { &*slot.as_ptr() };
        std::iter::successors(head.map(follow), move |slot| {
            // Ordering: Relaxed; written before the slot was published.
            NonNull::new(slot.next().load(Relaxed)).map(follow)
        })
    }

    /// A slot for the calling thread: one that an exited thread left, or a new one.
    pub(super) fn lease_slot(&self) -> NonNull<Slot> {
        if let Some(slot) = self.slots().find(|slot| slot.try_lease()) {
            return NonNull::from(slot);
        }
        let new = NonNull::from(Box::leak(Box::new(Slot::new_leased())));
        // SAFETY: by the invariant of `slots` it lives as long as `self`.
        let slot = unsafe { new.as_ref() };
        // Ordering: Relaxed, and again on failure; only stored, and followed after an Acquire load.
        let mut head = self.slots.load(Relaxed);
        loop {
            // Ordering: Relaxed; published by the exchange.
            slot.next().store(head, Relaxed);
            // Ordering: Release pairs with the Acquire in `slots`.
            match self
                .slots
                .compare_exchange_weak(head, new.as_ptr(), Release, Relaxed)
            {
                Ok(_) => return new,
                Err(now) => head = now,
            }
        }
    }

    /// Empties the calling thread's slot into the shared store, where other threads find the blocks.
    ///
    /// # Safety
    /// 1. `slot` is one of this home's, leased by the calling thread.
    pub(super) unsafe fn flush(self: &Arc<Self>, slot: NonNull<Slot>) {
        // SAFETY: by the invariant of `slots` it lives as long as `self`.
        let slot = unsafe { slot.as_ref() };
        let mut found = Chain::new();
        let mut each = |_, frame: NonNull<Frame>| {
            // SAFETY: frames live as long as their home.
            found.push(unsafe { &*frame.as_ptr() });
        };
        // SAFETY: 1. is the caller's. 2. `self` keeps the pool; the attention is its own.
        if !unsafe { slot.clear(&self.attention, &mut each) } {
            let _lock = self.lock();
            // SAFETY: 1. is the caller's. 2. locked above.
            unsafe { slot.clear_locked(&mut each) };
        }
        // SAFETY: 1. the blocks came out of a slot.
        unsafe { self.disinherit(found.len()) };
        self.keep_all(found);
    }

    /// Empties the calling thread's slot, and lets other threads lease it.
    ///
    /// # Safety
    /// 1. `slot` is one of this home's, leased by the calling thread, which behaves as a lessee no longer.
    pub(super) unsafe fn end_lease(self: &Arc<Self>, slot: NonNull<Slot>) {
        // SAFETY: 1. is the caller's.
        unsafe { self.flush(slot) };
        // SAFETY: by the invariant of `slots` it lives as long as `self`.
        let slot = unsafe { slot.as_ref() };
        // SAFETY: 1. is the caller's.
        unsafe { slot.end_lease() };
    }

    /// Moves what rests in the slots that are `wanted` to the store, except from those whose threads are inside at the moment.
    /// False if there were such, or the threads cannot be kept out. With the lock held, which `_upkeep` shows.
    pub(super) fn sweep(
        self: &Arc<Self>,
        _upkeep: &mut Upkeep,
        wanted: impl Fn(&Slot) -> bool,
    ) -> bool {
        let mut found = Chain::new();
        let raised = self.attention.raise();
        let mut all = raised.lets_sweep();
        if all {
            for slot in self.slots().filter(|slot| wanted(slot)) {
                let each = |_, frame: NonNull<Frame>| {
                    // SAFETY: frames live as long as their home.
                    found.push(unsafe { &*frame.as_ptr() });
                };
                // SAFETY: 1. raised above, and it lets us. 2. locked: the caller's.
                all &= unsafe { slot.sweep(each) };
            }
        }
        drop(raised);
        // SAFETY: 1. the blocks came out of slots.
        unsafe { self.disinherit(found.len()) };
        self.store_all(found);
        all
    }

    /// The lock of the pool.
    pub(super) fn lock(&self) -> MutexGuard<'_, State<Upkeep>> {
        self.waiters.lock(&self.settings)
    }

    /// The lock of the pool, if nobody has it.
    pub(super) fn try_lock(&self) -> Option<MutexGuard<'_, State<Upkeep>>> {
        self.waiters.try_lock(&self.settings)
    }

    /// Something was put where those in line find it.
    pub(super) fn freed(&self) {
        self.waiters.freed(&self.settings);
    }

    pub(super) fn is_closed(&self) -> bool {
        // Ordering: Relaxed; whoever needs to be sure has a fence between what it did and this.
        self.closed.load(Relaxed)
    }

    /// Step 1 of a pool's end.
    fn close(self: &Arc<Self>) {
        // Ordering: Relaxed, then SeqCst; pairs with the fence in `Waiters::freed`, which `keep` calls before it looks.
        self.closed.store(true, Relaxed);
        fence(SeqCst);
        // From here on nobody puts anything into a slot.
        let raised = self.attention.raise();
        let lets_sweep = raised.lets_sweep();
        raised.for_good();
        let mut state = self.lock();
        // A thread is in its slot for some instructions. In the child of a fork it may not exist.
        while !self.sweep(&mut state.inner, |_| true) && lets_sweep && process::is(self.process) {
            thread::yield_now();
        }
        self.give_back_all(&mut state.inner);
    }
}

impl Drop for Open {
    fn drop(&mut self) {
        self.home.close();
    }
}

impl Drop for Home {
    /// Step 2 of a pool's end.
    fn drop(&mut self) {
        self.free_spans();
        // Ordering: Relaxed, here and below; `&mut self` says that all other accesses came before.
        let mut next = self.slots.load(Relaxed);
        while !next.is_null() {
            // SAFETY: by the invariant of `slots` it is a `Box` of ours. It is empty, for a block in it would own a reference.
            let slot = unsafe { Box::from_raw(next) };
            next = slot.next().load(Relaxed);
        }
    }
}
