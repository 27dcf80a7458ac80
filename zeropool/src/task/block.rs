#![allow(unsafe_code)] // Fences: the erased task in its block; every cast between a task and its block.
//! A spawned task in its block: header, then the task, later its result.
//!
//! | field | who may touch it |
//! |---|---|
//! | `state`, `latch`, `next` | anybody with a reference; atomics |
//! | `body` as a task | the claimer, until it has moved the task out |
//! | `body` as value or payload | the claimer until `State::settle`; then the handle, or the claimer if no handle is left |
//! | `group` | the claimer only: a scope may be gone once its last task has ended |
//!
//! References are counted in `state`: the queue entry, the entry in the scope's list if there is one, the handle. Whoever
//! takes an entry out of a queue inherits its reference. The last one gives the block back to its allocator, which
//! belongs to the pool; every holder of a [`TaskRef`] keeps the pool alive (workers and owned handles by `Arc`,
//! scopes and their handles because they borrow it). A thread with a desk takes blocks from the cache there and puts them
//! back there.
//!
//! Whoever takes an entry out of a queue and finds its reference to be the only one is *sole*: the handle is gone, no list has
//! the task, and all that the table divides is its own. Such a task is claimed, settled and freed without an exchange.

mod cell;
mod claim;

pub(crate) use claim::{Active, Claim};

use super::definition::{Priority, Task};
use super::group::{PoolGroup, ScopeGroup};
use super::latch::Latch;
use super::state::{Left, Outcome, State};
use crate::panic::{self, Payload};
use crate::queue::block::{Block, BlockAllocator, BlockCache, BlockId};
use crate::queue::stack::Linked;
use crate::sync::AtomicPtr;
use cell::{Body, Cell, VTable};
use std::alloc::Layout;
use std::fmt;
use std::mem::{ManuallyDrop, forget};
use std::ptr::{self, NonNull};

/// Whom a task tells that it has ended.
#[derive(Clone, Copy)]
pub(crate) enum Group {
    Scope(NonNull<ScopeGroup>),
    Pool(NonNull<PoolGroup>),
}

/// What every block begins with.
#[repr(C)]
pub(crate) struct Header {
    state: State,
    block: BlockId,
    latch: Latch,
    vtable: &'static VTable,
    /// Link of the scope's list of unclaimed tasks.
    next: AtomicPtr<Header>,
    group: Group,
    allocator: NonNull<BlockAllocator>,
}

/// One counted reference to a task in its block.
pub(crate) struct TaskRef(NonNull<Header>);

// SAFETY: the header is made of atomics and of values that never change after construction; `body` is touched only as
// the table above allows, and tasks, outputs and payloads are `Send` by the bounds of `Task`.
unsafe impl Send for TaskRef {}
// SAFETY: as above.
unsafe impl Sync for TaskRef {}

impl fmt::Debug for TaskRef {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TaskRef")
            .field("name", &self.name())
            .field("priority", &self.priority())
            .field("outcome", &self.outcome())
            .finish_non_exhaustive()
    }
}

impl TaskRef {
    /// Moves `task` into a block with `N` references and returns them. Allocates only when the allocator has to
    /// grow.
    ///
    /// # Safety
    /// 1. `allocator` outlives every reference.
    /// 2. `group` counts the task as pending already, and lives until the task has ended.
    /// 3. Everything `task` and its output borrow lives until the task has ended and its outcome is dropped.
    pub(crate) unsafe fn new<T: Task, const N: usize>(
        task: T,
        group: Group,
        allocator: &BlockAllocator,
        cache: Option<&BlockCache>,
    ) -> [Self; N] {
        let references = const {
            assert!(N > 0 && N < 16);
            N as u32
        };
        // SAFETY: 1. to 3. are the caller's.
        unsafe { Self::build(task, group, allocator, cache, State::new(references)) }
    }

    /// As [`TaskRef::new`], for a task that is put into its scope's home deque and no list of the scope's. Returns the
    /// references for the deque and for the handle.
    ///
    /// # Safety
    /// 1. to 3. as for [`TaskRef::new`].
    #[inline(always)]
    pub(crate) unsafe fn new_at_home<T: Task>(
        task: T,
        group: Group,
        allocator: &BlockAllocator,
        cache: &BlockCache,
    ) -> [Self; 2] {
        // SAFETY: 1. to 3. are the caller's.
        unsafe { Self::build(task, group, allocator, Some(cache), State::new_at_home(2)) }
    }

    /// # Safety
    /// 1. to 3. as for [`TaskRef::new`]. 4. `state` counts `N` references.
    #[inline(always)]
    unsafe fn build<T: Task, const N: usize>(
        task: T,
        group: Group,
        allocator: &BlockAllocator,
        cache: Option<&BlockCache>,
        state: State,
    ) -> [Self; N] {
        let layout = Layout::new::<Cell<T>>();
        let block = match cache {
            Some(cache) => cache.acquire(layout, allocator),
            None => allocator.acquire(layout),
        };
        let cell = block.ptr.cast::<Cell<T>>();
        let value = Cell {
            header: Header {
                state,
                block: block.id,
                latch: Latch::new(),
                vtable: &Cell::<T>::VTABLE,
                next: AtomicPtr::new(ptr::null_mut()),
                group,
                allocator: NonNull::from(allocator),
            },
            body: Body {
                task: ManuallyDrop::new(task),
            },
        };
        // SAFETY: the allocator returned a block of at least this size and alignment, exclusively ours.
        unsafe { cell.write(value) };
        [(); N].map(|()| Self(cell.cast()))
    }

    /// Takes back a task that nobody was told of.
    ///
    /// # Safety
    /// 1. `references` are all that [`TaskRef::new`] returned for a task of this type, and nobody else has ever seen any of them.
    pub(crate) unsafe fn take_back<T: Task, const N: usize>(references: [Self; N]) -> T {
        const { assert!(N > 0) }
        // SAFETY: 1. by the caller's obligation the block holds a `T`.
        let body = unsafe { Cell::<T>::body(references[0].0) };
        // SAFETY: nobody else has seen the block, so the task is still in it, and is moved out here only.
        unsafe { body.cast::<T>().read() }
    }

    fn header(&self) -> &Header {
        // SAFETY: a reference keeps the block live, and the header is only changed through atomics.
        unsafe { self.0.as_ref() }
    }

    /// What a queue stores of it.
    pub(super) fn as_raw(&self) -> NonNull<Header> {
        self.0
    }

    /// What a queue or list stores; the reference moves into it.
    pub(super) fn into_raw(self) -> NonNull<Header> {
        let raw = self.0;
        forget(self);
        raw
    }

    /// # Safety
    /// 1. `raw` came from [`TaskRef::into_raw`], and only this call takes it back.
    pub(super) unsafe fn from_raw(raw: NonNull<Header>) -> Self {
        Self(raw)
    }

    pub(crate) fn latch(&self) -> &Latch {
        &self.header().latch
    }

    pub(crate) fn state(&self) -> &State {
        &self.header().state
    }

    pub(crate) fn name(&self) -> &'static str {
        self.header().vtable.name
    }

    pub(crate) fn priority(&self) -> Priority {
        self.header().vtable.priority
    }

    /// How the task ended, if it has.
    pub(crate) fn outcome(&self) -> Option<Outcome> {
        self.header().state.outcome()
    }

    pub(crate) fn is_claimed(&self) -> bool {
        self.header().state.is_claimed()
    }

    /// Has the task's handle, or the end of its pool, asked it to stop early?
    pub(crate) fn is_cancel_asked(&self) -> bool {
        self.state().is_cancel_asked() || self.is_pool_cancelling()
    }

    /// Is it an owned task of a pool that starts none any more?
    #[inline]
    pub(crate) fn is_pool_cancelling(&self) -> bool {
        match self.header().group {
            Group::Scope(_) => false,
            // SAFETY: the pool outlives its tasks and their handles.
            Group::Pool(pool) => unsafe { pool.as_ref() }.is_cancelling(),
        }
    }

    /// Is it one of the pool's owned tasks?
    pub(crate) fn is_owned(&self) -> bool {
        matches!(self.header().group, Group::Pool(_))
    }

    /// True if it is in its scope's home deque, and in no list of its scope's.
    pub(crate) fn is_at_home(&self) -> bool {
        self.header().state.is_at_home()
    }

    /// True if it belongs to this scope.
    #[inline]
    pub(crate) fn is_of(&self, scope: &ScopeGroup) -> bool {
        matches!(self.header().group, Group::Scope(group) if ptr::eq(group.as_ptr(), scope))
    }

    /// Puts a task that leaves its scope's home deque on the scope's list.
    ///
    /// # Safety
    /// 1. The calling thread is the owner of the task's scope, which has not ended.
    pub(crate) unsafe fn list(&self) {
        if let Group::Scope(scope) = self.header().group {
            self.header().state.add_reference();
            // SAFETY: by obligation 1 the scope lives.
            unsafe { scope.as_ref() }.unclaimed.push(Self(self.0));
        }
    }

    /// Takes the right to run the task, unless somebody else has it. The caller works at the desk with this index of the
    /// task's pool, if at any. A scope whose owner it is not counts it as active at once.
    ///
    /// For a reference that is the caller's alone, as an entry that came out of a queue is. If it is the only one, nothing
    /// has to be exchanged.
    #[inline(always)]
    pub(crate) fn try_start(&mut self, desk: Option<usize>) -> Option<Claim<'_>> {
        let sole = self.header().state.is_sole();
        if !sole && !self.header().state.try_claim() {
            return None;
        }
        Some(self.start(desk, sole))
    }

    /// As [`TaskRef::try_start`], for a task that was found by its handle or in its scope's list. Its queue entry stays
    /// behind.
    #[inline]
    pub(crate) fn try_start_found(&self, desk: Option<usize>) -> Option<Claim<'_>> {
        let claimed = self.header().state.try_claim();
        claimed.then(|| self.start(desk, false))
    }

    #[inline(always)]
    fn start(&self, desk: Option<usize>, sole: bool) -> Claim<'_> {
        let mut by_owner = false;
        if let Group::Scope(scope) = self.header().group {
            // SAFETY: the scope lives until the task has ended, which now is ours to bring about.
            let scope = unsafe { scope.as_ref() };
            by_owner = desk.is_some_and(|desk| scope.is_home(desk));
            if !by_owner {
                scope.counts.begun();
            }
        }
        Claim {
            task: self,
            sole,
            by_owner,
        }
    }

    /// Takes the right to cancel the task, unless somebody else has it.
    pub(crate) fn try_claim(&self) -> Option<Claim<'_>> {
        self.header().state.try_claim().then_some(Claim {
            task: self,
            sole: false,
            by_owner: false,
        })
    }

    /// As dropping it; a block that comes free goes into the cache of the calling thread.
    #[inline(always)]
    pub(crate) fn drop_into(self, cache: &BlockCache) {
        if self.header().state.release() {
            // SAFETY: this was the last reference.
            unsafe { self.free(Some(cache)) };
        }
        forget(self);
    }

    /// The handle goes; `self` is its reference. An outcome that it might have taken is dropped.
    #[inline(always)]
    pub(super) fn drop_handle(self) {
        match self.state().leave() {
            Left::Unended(last) => {
                if last {
                    // SAFETY: this was the last reference.
                    unsafe { self.free(None) };
                }
                forget(self);
            }
            Left::Ended(outcome) => self.dispose(outcome),
        }
    }

    /// Gives the block back.
    ///
    /// # Safety
    /// 1. No reference is left but this, which is not used again.
    #[inline(always)]
    unsafe fn free(&self, cache: Option<&BlockCache>) {
        let block = Block {
            ptr: self.0.cast(),
            id: self.header().block,
        };
        // The header has no drop glue and `body` is empty or leaked with its handle: nothing else to drop.
        // SAFETY: by obligation 1 of `TaskRef::new` the allocator is live.
        let allocator = unsafe { self.header().allocator.as_ref() };
        match cache {
            // SAFETY: 1. of this allocator; 2. and 3. nobody uses the block any more.
            Some(cache) => unsafe { cache.release(block, allocator) },
            // SAFETY: as above.
            None => unsafe { allocator.release(block.id) },
        }
    }
}

impl Drop for TaskRef {
    fn drop(&mut self) {
        if self.header().state.release() {
            // SAFETY: this was the last reference.
            unsafe { self.free(None) };
        }
    }
}

/// What a handle, or the claimer in its absence, does with an outcome.
impl TaskRef {
    /// Moves the value out.
    ///
    /// # Safety
    /// 1. The outcome is [`Outcome::Value`] of a task with output `R`, and the caller owns it.
    /// 2. It is taken once.
    pub(super) unsafe fn take_value<R>(&self) -> R {
        // SAFETY: the vtable was made for this block's type.
        let body = unsafe { (self.header().vtable.body)(self.0) };
        // SAFETY: by 1 and 2 an `R` lies there that nobody else reads.
        unsafe { body.cast::<R>().read() }
    }

    /// Moves the payload out.
    ///
    /// # Safety
    /// 1. The outcome is [`Outcome::Panic`], and the caller owns it.
    /// 2. It is taken once.
    pub(super) unsafe fn take_payload(&self) -> Payload {
        if let Group::Scope(scope) = self.header().group {
            // SAFETY: a handle lives within `'scope`; a claimer's task is pending.
            unsafe { scope.as_ref() }.panic_collected();
        }
        // SAFETY: the vtable was made for this block's type.
        let body = unsafe { (self.header().vtable.body)(self.0) };
        // SAFETY: by 1 and 2 a payload lies there that nobody else reads.
        unsafe { body.cast::<Payload>().read() }
    }

    /// Drops an outcome that is the caller's: a value is dropped, a panic goes to the group.
    pub(super) fn dispose(&self, outcome: Outcome) {
        match outcome {
            Outcome::Cancelled => {}
            Outcome::Value => {
                // SAFETY: the vtable was made for this block's type; the outcome is the caller's.
                if let Err(payload) = unsafe { (self.header().vtable.drop_value)(self.0) } {
                    self.store_panic(payload);
                }
            }
            Outcome::Panic => {
                // SAFETY: the outcome is a panic, and the caller's.
                let payload = unsafe { self.take_payload() };
                if cfg!(zeropool_broken = "dispose_unreported") {
                    return panic::discard(payload);
                }
                self.store_panic(payload);
            }
        }
    }

    fn store_panic(&self, payload: Payload) {
        match self.header().group {
            // SAFETY: a handle lives within `'scope`; a claimer's task is pending.
            Group::Scope(scope) => unsafe { scope.as_ref() }.store_panic(payload),
            // SAFETY: the pool outlives its tasks and their handles.
            Group::Pool(pool) => unsafe { pool.as_ref() }.store_panic(payload),
        }
    }
}

// SAFETY: 1. a reference keeps its block, which never moves, and the list has one for each entry. 2. `next` is for the list alone.
// 3. a block's pointer is always derived from that of its chunk, which lives as long as the allocator.
unsafe impl Linked for TaskRef {
    type Node = Header;

    fn into_raw(self) -> NonNull<Header> {
        Self::into_raw(self)
    }

    unsafe fn from_raw(raw: NonNull<Header>) -> Self {
        // SAFETY: 1 is the caller's.
        unsafe { Self::from_raw(raw) }
    }

    unsafe fn link<'a>(raw: NonNull<Header>) -> &'a AtomicPtr<Header> {
        // SAFETY: by obligation 1 of the caller a reference has been given up for it, so the block lives; the link is an atomic.
        unsafe { &(*raw.as_ptr()).next }
    }
}
