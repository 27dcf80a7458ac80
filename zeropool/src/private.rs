//! All that generated code may name. Not public API: anything here may change in any release.
//!
//! Generated code contains no `unsafe` and no logic worth reading twice; what it needs is here, in safe functions
//! that check types by their bounds.

pub use crate::batch::{
    Body, ChunksMut, ChunksRef, EachMut, EachOwned, EachRef, LengthError, PerIndex, PerItem,
    PerTask, Source, Times, Zip, chunks_mut, chunks_ref, each_mut, each_owned, each_ref,
    times_source as times, zip, zipped,
};
pub use crate::buffer::{Buf, BufUninit};
pub use crate::runtime::{CallSite, JoinSite, Level, pcall};
use crate::task::Slots;
pub use crate::task::{Context, Priority, Task};
pub use std::vec::Vec;
pub use zeropool_macros::{join_arms, pcall_call, try_join_arms};

/// Stands where the worker will supply a parameter: `_` in `zp::join!(load(&path, _), …)` becomes this.
#[derive(Debug, Clone, Copy)]
pub struct LentByWorker;

/// A task made by a call with `_` among its arguments. Not the task itself: the compiler proposes every function that returns
/// a struct to those who cannot write its literal.
#[derive(Debug)]
pub struct Call<T>(pub T);

/// What a `#[buf(LEN)]` parameter can be, or refer to.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a buffer that a worker can lend",
    label = "not a lent buffer",
    note = "the type of a `#[buf(LEN)]` parameter is `&mut [u8]`, `&mut zp::Buf`, `zp::Buf` or `zp::BufUninit`"
)]
pub trait Lend {
    /// Takes `len` bytes from the executing pool's buffers.
    #[track_caller]
    fn lend(cx: &mut Context<'_>, len: usize) -> Self;
}

impl Lend for Buf {
    #[inline]
    fn lend(cx: &mut Context<'_>, len: usize) -> Self {
        cx.buffer(len)
    }
}

impl Lend for BufUninit {
    #[inline]
    fn lend(cx: &mut Context<'_>, len: usize) -> Self {
        cx.buffer_uninit(len)
    }
}

/// The bytes of a lent buffer.
#[inline]
pub fn bytes(buffer: &mut Buf) -> &mut [u8] {
    buffer
}

/// `zp::write_indexed!`. A function, so that `Slots` are found behind any number of references.
#[inline]
#[track_caller]
pub fn write_indexed<T>(slots: &Slots<'_, T>, index: usize, value: T) {
    if let Err(error) = slots.write(index, value) {
        error.raise();
    }
}

/// Does nothing; compiles only for what may travel to another thread.
#[inline]
pub fn argument_is_send<T: Send>() {}

/// The same for a reference to `T`, of which the compiler otherwise proposes to take away the `&`.
#[inline]
pub fn referent_is_sync<T: ?Sized + Sync>() {}

/// What all calls of a batch can get a copy of.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be shared by the calls of a batch: it is not `Copy`",
    label = "every call gets a copy of this",
    note = "share a reference, as `&T` or `&[T]`; or mark the parameter `#[each]` if each call has its own"
)]
pub trait Shared: Copy {}

// An error names what is to be shared, not what in it is not `Copy`.
#[diagnostic::do_not_recommend]
impl<T: Copy> Shared for T {}

/// Does nothing; compiles only for what all items of a batch may share. (What is `Copy` and `Sync` is hardly ever not `Send`, and then
/// the bounds of the batch's body say so; here it would be a second error about the same type.)
#[inline]
pub fn argument_is_shared<T: Shared + Sync>() {}

/// The batch of a `#[zp::batch]` function. Its methods demand more of the types; the constructors do not, so that a mistake in a
/// signature is reported once, where it is.
#[inline]
pub fn batch<S, B>(source: S, body: B) -> crate::Batch<S, B> {
    crate::Batch::new(source, body)
}

/// What the closure of a join arm returns. `return` and `?` in an arm find this instead of a type they know, so
/// neither can end the arm alone.
#[derive(Debug)]
pub struct JoinArm<T> {
    value: T,
}

impl<T> JoinArm<T> {
    /// An arm that has come to its end.
    #[inline]
    pub fn of(value: T) -> Self {
        Self { value }
    }

    /// What the arm evaluated to.
    #[inline]
    pub fn value(self) -> T {
        self.value
    }
}

/// Runs a task as a part of whatever the current thread is doing.
#[inline]
pub fn run_here<T: Task>(call: Call<T>) -> T::Output {
    crate::runtime::with_context(|cx| call.0.run(cx))
}

/// Two arms of `zp::join!`.
#[inline(always)]
pub fn run_arms<A, B, RA, RB>(site: &'static JoinSite, a: A, b: B) -> (RA, RB)
where
    A: FnOnce() -> RA + Send,
    B: FnOnce() -> RB + Send,
    RA: Send,
    RB: Send,
{
    crate::runtime::join_at(site, a, b)
}

/// Two arms of `zp::try_join!`: the leftmost failure wins, be it an error or a panic.
#[inline(always)]
pub fn run_fallible_arms<A, B, RA, RB, E>(
    site: &'static JoinSite,
    a: A,
    b: B,
) -> Result<(RA, RB), E>
where
    A: FnOnce() -> JoinArm<Result<RA, E>> + Send,
    B: FnOnce() -> JoinArm<Result<RB, E>> + Send,
    RA: Send,
    RB: Send,
    E: Send,
{
    crate::runtime::try_join(site, || a().value, || b().value)
}

/// The builder that the environment makes; for fuzz/, which makes environments.
#[cfg(fuzzing)]
pub fn builder_from_variables(
    variable: impl Fn(&str) -> Option<String>,
    complain: impl FnMut(String),
) -> crate::Builder {
    crate::Builder::from_variables(variable, complain)
}
