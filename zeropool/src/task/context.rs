//! What a running task can ask about where it runs.

use crate::buffer::{Buf, BufUninit, BufferPool};
use std::marker::PhantomData;

/// The executing thread, as a task sees it: worker index, buffers, cancellation.
///
/// A task gets it through a `#[cx] cx: &mut zp::Context<'_>` parameter or as an argument of [`Task::run`].
/// It belongs to the executing thread and is neither `Send` nor `Sync`.
///
/// [`Task::run`]: crate::Task::run
pub struct Context<'a> {
    buffers: &'a BufferPool,
    not_send: PhantomData<*mut ()>,
}

impl Context<'_> {
    /// Lends a zeroed buffer of `len` bytes from the executing pool.
    pub fn buffer(&mut self, len: usize) -> Buf {
        self.buffers.get(len)
    }

    /// Lends a buffer of `len` bytes that must be written before it can be read.
    pub fn buffer_uninit(&mut self, len: usize) -> BufUninit {
        self.buffers.get_uninit(len)
    }
}
