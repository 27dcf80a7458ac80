#![allow(unsafe_code)] // Fences: the thread-local pointer to the frames that say where a thread works.
//! Where the calling thread is: in which pool, and at which of its desks.
//!
//! Frames nest: a worker of one pool may enter another pool, and come back to the first inside. Each [`Place`] lies
//! in the stack frame of [`enter`], which restores the pointer however it is left.

use super::desk::Desk;
use super::registry::Registry;
use super::worker::Worker;
use crate::buffer;
use crate::sync::{AtomicU8, Ordering::Relaxed, Parker};
use crate::task::Context;
use std::cell::Cell;
use std::ptr;
use std::sync::Arc;
use std::time::Duration;

thread_local! {
    /// Null, or the innermost `Place` of this thread. No destructor: readable during thread-local destruction.
    static CURRENT: Cell<*const Place<'static>> = const { Cell::new(ptr::null()) };
    /// The flag of the innermost place that says whether joins are plain calls.
    static QUIET: Cell<*const AtomicU8> = const { Cell::new(&raw const NEVER_QUIET) };
}

/// For threads that do not work, whose joins have to look for a desk or take a seat.
static NEVER_QUIET: AtomicU8 = AtomicU8::new(0);
/// For threads that work without a desk, whose joins are their own affair.
static ALWAYS_QUIET: AtomicU8 = AtomicU8::new(u8::MAX);

/// One frame: a pool, and the desk the thread has there, if any.
#[derive(Debug)]
pub(crate) struct Place<'a> {
    registry: &'a Arc<Registry>,
    /// `None`: it is only installed here, or works without a desk because all were taken.
    desk: Option<&'a Desk>,
    /// The thread runs the pool's work here. In the body of a scope that it opened from outside it does not, and holds no
    /// seat, though it may have a desk for what it spawns.
    works: bool,
    outer: *const Place<'static>,
}

impl<'a> Place<'a> {
    /// The pool to use here, in this process.
    pub(crate) fn registry(&self) -> &'a Arc<Registry> {
        self.registry.here()
    }

    /// The thread at its desk, if it works here.
    #[inline]
    pub(crate) fn worker(&self) -> Option<Worker<'a>> {
        self.at_desk().filter(|_| self.works)
    }

    #[inline]
    fn at_desk(&self) -> Option<Worker<'a>> {
        Some(Worker {
            registry: self.registry,
            desk: self.desk?,
        })
    }

    /// True if the thread runs work of this pool here.
    pub(super) fn works_for(&self, registry: &Arc<Registry>) -> bool {
        Arc::ptr_eq(self.registry, registry) && self.works
    }

    /// The thread's desk in `registry`, here or in an outer place, whether or not it works there.
    #[inline]
    pub(super) fn worker_of(&self, registry: &Arc<Registry>) -> Option<Worker<'_>> {
        let place = self.place_with_desk_in(registry)?;
        place.at_desk()
    }

    /// The innermost place of the thread at its desk in `registry`.
    #[inline]
    fn place_with_desk_in(&self, registry: &Arc<Registry>) -> Option<&Place<'_>> {
        self.chain()
            .find(|place| place.desk.is_some() && Arc::ptr_eq(place.registry, registry))
    }

    /// As [`Place::worker_of`], with whether it works there.
    pub(super) fn desk_in(&self, registry: &Arc<Registry>) -> Option<(Worker<'_>, bool)> {
        let place = self.place_with_desk_in(registry)?;
        Some((place.at_desk()?, place.works))
    }

    /// This place and those around it, innermost first.
    pub(crate) fn chain(&self) -> impl Iterator<Item = &Place<'_>> {
        let mut next = Some(self);
        std::iter::from_fn(move || {
            let place = next?;
            // SAFETY: an outer place lives in a frame below that of `self`, and so outlives the borrow of `self`.
            next = unsafe { place.outer.as_ref() };
            Some(place)
        })
    }
}

/// Runs `f` with the thread at work in `registry`, at `desk`.
pub(crate) fn enter<R>(registry: &Arc<Registry>, desk: &Desk, f: impl FnOnce() -> R) -> R {
    buffer::while_working(|| place(registry, Some(desk), true, f))
}

/// Runs `f` with the thread at work in `registry` without a desk.
pub(crate) fn enter_without_desk<R>(registry: &Arc<Registry>, f: impl FnOnce() -> R) -> R {
    buffer::while_working(|| place(registry, None, true, f))
}

/// Runs `f`, the body of a scope, with a desk in `registry` at which the thread does not work.
pub(crate) fn enter_body<R>(registry: &Arc<Registry>, desk: &Desk, f: impl FnOnce() -> R) -> R {
    place(registry, Some(desk), false, f)
}

fn place<R>(
    registry: &Arc<Registry>,
    desk: Option<&Desk>,
    works: bool,
    f: impl FnOnce() -> R,
) -> R {
    struct Restore(*const Place<'static>, *const AtomicU8);
    impl Drop for Restore {
        fn drop(&mut self) {
            CURRENT.set(self.0);
            QUIET.set(self.1);
        }
    }
    let place = Place {
        registry,
        desk,
        works,
        outer: CURRENT.get(),
    };
    let _restore = Restore(place.outer, QUIET.get());
    CURRENT.set(ptr::from_ref(&place).cast());
    QUIET.set(match desk {
        _ if !works => &NEVER_QUIET,
        Some(desk) => desk.forks.quiet(),
        None => &ALWAYS_QUIET,
    });
    f()
}

/// How much a join has to score to make an offer on this thread at present; see `fork/ends.rs`.
#[inline(always)]
pub(super) fn quiet() -> u8 {
    // SAFETY: `enter` sets the pointer to a flag of a desk that it borrows, or to a static, and restores the former one
    // before its frame is left.
    let quiet = unsafe { &*QUIET.get() };
    // Ordering: Relaxed; the flag says what is worth while, and publishes nothing.
    quiet.load(Relaxed)
}

/// Passes the innermost place to `f`.
#[inline]
pub(crate) fn with<R>(f: impl FnOnce(Option<&Place<'_>>) -> R) -> R {
    // SAFETY: `enter` sets the pointer to a place in its own frame and restores the former one before that frame is
    // left, so it is null or live; it is this thread's alone.
    f(unsafe { CURRENT.get().as_ref() })
}

/// Sleeps until somebody unparks this thread, for at most `limit`; may return early.
pub(crate) fn park(parker: &'static Parker, limit: Option<Duration>) {
    blocking(|| match limit {
        Some(limit) => parker.park_timeout(limit),
        None => parker.park(),
    });
}

/// Runs `wait`, which blocks. The thread's seats, in every pool it works for, are free meanwhile, and taken again
/// afterwards as far as they still are.
pub(crate) fn blocking<R>(wait: impl FnOnce() -> R) -> R {
    with(|place| {
        let desks = || {
            place
                .into_iter()
                .flat_map(Place::chain)
                .filter_map(Place::worker)
        };
        for worker in desks() {
            worker.give_seat_back();
        }
        let result = wait();
        for worker in desks() {
            worker.take_seat();
        }
        result
    })
}

/// Runs `f` with the context of the calling thread: its innermost place, or the global pool.
pub(crate) fn with_context<R>(f: impl FnOnce(&mut Context<'_>) -> R) -> R {
    with(|place| match place {
        Some(place) => f(&mut Context::new(place.registry, place.worker(), None)),
        None => f(&mut Context::new(super::global::registry(), None, None)),
    })
}

/// Makes `registry` the current pool of the calling thread inside `f`; a desk it has there already stays its own.
pub(crate) fn install<R>(registry: &Arc<Registry>, f: impl FnOnce() -> R) -> R {
    with(
        |outer| match outer.and_then(|outer| outer.desk_in(registry)) {
            Some((worker, works)) => place(registry, Some(worker.desk), works, f),
            None => place(registry, None, false, f),
        },
    )
}
