//! The whole unwind policy. User code runs only through here; machinery that must not unwind holds a [`Bomb`].

#[cfg(not(zeropool_loom))]
use crate::sync::thread;
use std::any::Any;
#[cfg(not(zeropool_loom))]
use std::mem::needs_drop;
use std::panic::{AssertUnwindSafe, catch_unwind};

/// What a panic carries.
pub(crate) type Payload = Box<dyn Any + Send>;

/// Runs user code and turns a panic into its payload.
pub(crate) fn catch<R>(f: impl FnOnce() -> R) -> Result<R, Payload> {
    // The result of a caught call is never looked at again except by resuming the panic.
    catch_unwind(AssertUnwindSafe(f))
}

/// As [`catch`], with `f` called through a pointer: where a hot path calls it too, the compiler inlines it there and
/// not here.
pub(crate) fn catch_cold<R>(f: impl FnOnce() -> R) -> Result<R, Payload> {
    /// Not generic, so it stays in this crate, and callers cannot look into it.
    #[cold]
    #[inline(never)]
    fn catch_erased(f: &mut dyn FnMut()) -> Result<(), Payload> {
        catch(f)
    }
    let mut f = Some(f);
    let mut result = None;
    catch_erased(&mut || result = f.take().map(|f| f()))?;
    match result {
        Some(result) => Ok(result),
        None => unreachable!("called once"),
    }
}

/// Drops a value of the user's; a panic of its destructor comes back instead of unwinding.
pub(crate) fn drop_caught<T>(value: T) -> Result<(), Payload> {
    catch(move || drop(value))
}

/// Drops a payload nobody will see. Its destructor may panic with a payload of its own, and so on: the
/// second one is leaked rather than dropped, so that this cannot go on for ever and never unwinds.
pub(crate) fn discard(payload: Payload) {
    if cfg!(zeropool_broken = "discard_uncaught") {
        return drop(payload);
    }
    if let Err(second) = drop_caught(payload) {
        std::mem::forget(second);
    }
}

/// Drops a value that nobody will use, because of a failure that its destructor's panic would come after.
#[cfg(not(zeropool_loom))]
#[cold]
#[inline(never)]
pub(crate) fn skip<T>(value: T) {
    if cfg!(zeropool_broken = "skip_uncaught") {
        return drop(value);
    }
    if cfg!(zeropool_broken = "skip_forgets") {
        return std::mem::forget(value);
    }
    if let Err(payload) = drop_caught(value) {
        discard(payload);
    }
}

/// A value that a failure leaves over: dropped while unwinding, where a second panic must not escape.
#[cfg(not(zeropool_loom))]
pub(crate) struct LeftOver<T>(Option<T>);

#[cfg(not(zeropool_loom))]
// Joins hold these. What is inlined without optimisation takes room in their frames, which lie on the stack level by level.
impl<T> LeftOver<T> {
    #[cfg_attr(debug_assertions, inline)]
    #[cfg_attr(not(debug_assertions), inline(always))]
    pub(crate) fn new(value: T) -> Self {
        Self(Some(value))
    }

    #[cfg_attr(debug_assertions, inline)]
    #[cfg_attr(not(debug_assertions), inline(always))]
    pub(crate) fn take(mut self) -> T {
        match self.0.take() {
            Some(value) => value,
            None => unreachable!("taken once, by value"),
        }
    }

    #[inline(always)]
    pub(crate) fn get(&self) -> &T {
        match &self.0 {
            Some(value) => value,
            None => unreachable!("taken by value only"),
        }
    }

    #[inline(always)]
    pub(crate) fn get_mut(&mut self) -> &mut T {
        match &mut self.0 {
            Some(value) => value,
            None => unreachable!("taken by value only"),
        }
    }

    /// The result, after the value was dropped; if its destructor panics, that goes on instead.
    pub(crate) fn drop_before<R>(self, result: R) -> R {
        if let Err(payload) = drop_caught(self.take()) {
            skip(result);
            std::panic::resume_unwind(payload);
        }
        result
    }
}

#[cfg(not(zeropool_loom))]
impl<T> Drop for LeftOver<T> {
    #[cfg_attr(debug_assertions, inline)]
    #[cfg_attr(not(debug_assertions), inline(always))]
    fn drop(&mut self) {
        // The compiler does not look into `skip`: without this, a join with nothing to drop has landing pads, and its frame
        // keeps for them what its arms return.
        if needs_drop::<T>()
            && let Some(value) = self.0.take()
        {
            skip(value);
        }
    }
}

/// Drops all these values of the user's, whatever their destructors do; the first panic resumes afterwards, unless the
/// thread is unwinding already.
#[cfg(not(zeropool_loom))]
pub(crate) fn drop_each<T>(values: impl Iterator<Item = T>) {
    let mut first = None;
    for value in values {
        if let Err(payload) = drop_caught(value) {
            match first {
                None => first = Some(payload),
                Some(_) => discard(payload),
            }
        }
    }
    match first {
        None => {}
        Some(payload) if thread::panicking() => discard(payload),
        Some(payload) => std::panic::resume_unwind(payload),
    }
}

/// Aborts the process when dropped: held across code that must not unwind because others hold pointers
/// into this frame.
#[must_use]
pub(crate) struct Bomb(pub(crate) &'static str);

impl Bomb {
    /// The dangerous stretch is over.
    pub(crate) fn defuse(self) {
        std::mem::forget(self);
    }
}

impl Drop for Bomb {
    fn drop(&mut self) {
        eprintln!("zeropool: unexpected panic while {}; aborting", self.0);
        std::process::abort();
    }
}
