#![allow(unsafe_code)] // Fences: the links of a list of frames.
//! The record of one block, and where such records live.

use super::class::Class;
#[cfg(not(zeropool_loom))]
use super::span::Span;
use crate::queue::slab::Storage;
use crate::sync::{AtomicPtr, AtomicU32, AtomicUsize, Ordering::Relaxed};
use std::marker::PhantomData;
use std::ptr::{self, NonNull};

/// A block: its memory, and what is known of it.
///
/// Exactly one party holds a frame at any time: the guard of a lent block, a slot, a bin of the store, whoever does the upkeep,
/// or, if it has no memory, the list of free frames. Only the holder reads and writes the fields, so relaxed accesses do;
/// whatever hands a frame over publishes them.
#[derive(Debug)]
#[repr(align(64))]
pub(super) struct Frame {
    /// The memory; null without any. All zero from `dirty` on whenever the frame is at rest.
    start: AtomicPtr<u8>,
    capacity: AtomicUsize,
    /// Bytes from the start that may be anything, even uninitialised. 0 at rest, unless the pool never wipes.
    dirty: AtomicUsize,
    /// What the memory is a part of; null without any.
    #[cfg(not(zeropool_loom))]
    span: AtomicPtr<Span>,
    /// The next one in a list of the holder's.
    below: AtomicPtr<Frame>,
    /// Its number among the frames of its pool; the same for good.
    index: AtomicU32,
    /// Index of its size class, or `LARGE`.
    class: AtomicU32,
}

/// In place of a class: the block is of no class, and is not kept.
const LARGE: u32 = u32::MAX;

// Ordering: Relaxed throughout, see above.
impl Frame {
    pub(super) fn new() -> Self {
        Self {
            start: AtomicPtr::new(ptr::null_mut()),
            capacity: AtomicUsize::new(0),
            dirty: AtomicUsize::new(0),
            #[cfg(not(zeropool_loom))]
            span: AtomicPtr::new(ptr::null_mut()),
            below: AtomicPtr::new(ptr::null_mut()),
            index: AtomicU32::new(0),
            class: AtomicU32::new(LARGE),
        }
    }

    /// Where the block begins; dangling if it has no memory.
    #[inline]
    pub(super) fn start(&self) -> NonNull<u8> {
        NonNull::new(self.start.load(Relaxed)).unwrap_or(NonNull::dangling())
    }

    #[inline]
    pub(super) fn capacity(&self) -> usize {
        self.capacity.load(Relaxed)
    }

    #[inline]
    pub(super) fn dirty(&self) -> usize {
        self.dirty.load(Relaxed)
    }

    #[inline]
    pub(super) fn set_dirty(&self, bytes: usize) {
        self.dirty.store(bytes, Relaxed);
    }

    #[inline]
    pub(super) fn class(&self) -> Option<Class> {
        Class::from_index(self.class.load(Relaxed) as usize)
    }

    #[inline]
    pub(super) fn index(&self) -> u32 {
        self.index.load(Relaxed)
    }

    #[inline]
    pub(super) fn below(&self) -> Option<NonNull<Self>> {
        NonNull::new(self.below.load(Relaxed))
    }

    #[inline]
    pub(super) fn set_below(&self, below: Option<NonNull<Self>>) {
        self.below
            .store(below.map_or(ptr::null_mut(), NonNull::as_ptr), Relaxed);
    }

    pub(super) fn set_index(&self, index: u32) {
        self.index.store(index, Relaxed);
    }

    pub(super) fn set_class(&self, class: Option<Class>) {
        let class = class.map_or(LARGE, |class| class.index() as u32);
        self.class.store(class, Relaxed);
    }
}

#[cfg(not(zeropool_loom))]
impl Frame {
    /// Gives the frame a part of a span.
    pub(super) fn set_memory(&self, span: NonNull<Span>, start: NonNull<u8>, capacity: usize) {
        self.span.store(span.as_ptr(), Relaxed);
        self.start.store(start.as_ptr(), Relaxed);
        self.capacity.store(capacity, Relaxed);
        self.dirty.store(0, Relaxed);
    }

    pub(super) fn clear_memory(&self) {
        self.span.store(ptr::null_mut(), Relaxed);
        self.start.store(ptr::null_mut(), Relaxed);
        self.capacity.store(0, Relaxed);
    }

    #[inline]
    pub(super) fn span(&self) -> Option<NonNull<Span>> {
        NonNull::new(self.span.load(Relaxed))
    }
}

/// A chunk of the slab of frames.
impl Storage for Box<[Frame]> {
    type Shape = ();

    fn with_capacity((): (), n: usize) -> Self {
        (0..n).map(|_| Frame::new()).collect()
    }
}

/// A list of frames that one party holds, linked through themselves, so that keeping it allocates nothing.
#[derive(Debug, Default)]
pub(super) struct Chain<'a> {
    /// Invariant: made of a `&'a Frame`, as are the ones below it.
    top: Option<NonNull<Frame>>,
    len: usize,
    frames: PhantomData<&'a Frame>,
}

impl<'a> Chain<'a> {
    pub(super) fn new() -> Self {
        Self::default()
    }

    pub(super) fn len(&self) -> usize {
        self.len
    }

    pub(super) fn is_empty(&self) -> bool {
        self.top.is_none()
    }

    /// The caller holds the frame, and leaves it to the chain.
    pub(super) fn push(&mut self, frame: &'a Frame) {
        frame.set_below(self.top);
        self.top = Some(NonNull::from(frame));
        self.len += 1;
    }

    /// The frame pushed last; the caller holds it now.
    pub(super) fn pop(&mut self) -> Option<&'a Frame> {
        let top = self.top?;
        // SAFETY: by the invariant of `top` it comes from a reference that lives as long.
        let frame = unsafe { top.as_ref() };
        self.top = frame.below();
        self.len -= 1;
        Some(frame)
    }

    /// The newest frame and those below it that are of its class. None if there is no frame, or it is of no class.
    pub(super) fn pop_run(&mut self) -> Option<(Class, Self)> {
        // SAFETY: as in `pop`.
        let next = |chain: &Self| chain.top.and_then(|top| unsafe { top.as_ref() }.class());
        let class = next(self)?;
        let mut run = Self::new();
        while next(self) == Some(class)
            && let Some(frame) = self.pop()
        {
            run.push(frame);
        }
        Some((class, run))
    }

    /// Up to `max` frames, the newest ones.
    pub(super) fn pop_many(&mut self, max: usize) -> Self {
        let mut popped = Self::new();
        while popped.len < max
            && let Some(frame) = self.pop()
        {
            popped.push(frame);
        }
        popped
    }

    /// Every frame, the newest first.
    pub(super) fn iter(&self) -> impl Iterator<Item = &'a Frame> {
        // SAFETY: as in `pop`.
        let follow = |frame: NonNull<Frame>| unsafe { &*frame.as_ptr() };
        std::iter::successors(self.top.map(follow), move |frame: &&'a Frame| {
            frame.below().map(follow)
        })
    }
}
