#![allow(unsafe_code)] // Fences: a block's bytes as slices, and which of them are exposed.
//! The guard of a lent block, [`Buf`].

#[cfg(feature = "bytes")]
mod freeze;
mod interop;
mod io;
mod read;
mod uninit;

pub use uninit::BufUninit;

use super::home::Loan;
use std::borrow::{Borrow, BorrowMut};
use std::fmt;
use std::hint::black_box;
use std::mem;
use std::ops::{Deref, DerefMut};
use std::ptr::{self, NonNull};
use std::slice;

/// A buffer on loan from a [`BufferPool`]: an owned `[u8]` that goes back to its pool when dropped.
///
/// It may be sent to other threads, outlive its pool's last handle, and be dropped anywhere, at thread exit too.
/// Dropping never panics. Its cost is that of wiping what the buffer exposed, the longest length
/// it had. It waits for nobody; only while others wait at the cap does it take the lock of its pool, for a moment.
///
/// # Examples
///
/// ```
/// let pool = zp::BufferPool::new();
/// let mut buf = pool.get(4);
/// buf.copy_from_slice(b"ping");
/// assert_eq!(*buf, *b"ping");
/// drop(buf);
/// assert_eq!(*pool.get(4), [0; 4]); // the same memory, wiped
/// ```
///
/// # As a slice, and as a stream
///
/// Where a slice is wanted, a buffer is all of its bytes: `file.read(&mut buf)` writes from the start on and leaves the
/// [position](Buf::position) at 0. As a `Read` or `Write` it goes on at the position: `io::copy(&mut file, &mut buf)` moves that, does not
/// change the length, and fails with `WriteZero` when the buffer is full and more comes. [`BufUninit::read_from`] returns a buffer as long as what it
/// has read.
///
/// ```
/// use std::io::{self, ErrorKind, Read};
///
/// let pool = zp::BufferPool::new();
/// let mut buf = pool.get(8);
/// let mut file: &[u8] = b"as a slice";
/// assert_eq!(file.read(&mut buf)?, 8);
/// assert_eq!((&buf[..], buf.position()), (&b"as a sli"[..], 0));
///
/// let mut file: &[u8] = b"stream";
/// assert_eq!(io::copy(&mut file, &mut buf)?, 6);
/// assert_eq!((&buf[..], buf.position()), (&b"streamli"[..], 6));
/// let mut file: &[u8] = b"too much";
/// assert_eq!(io::copy(&mut file, &mut buf).unwrap_err().kind(), ErrorKind::WriteZero);
///
/// let buf = pool.get_uninit(8).read_from(&b"short"[..])?;
/// assert_eq!((&buf[..], buf.len()), (&b"short"[..], 5));
/// # Ok::<(), io::Error>(())
/// ```
///
/// [`BufferPool`]: crate::BufferPool
pub struct Buf {
    /// Start of the block, or dangling without one. Every byte of it is initialised, except that there may be uninitialised ones
    /// below `exposed` in a [`BufUninit`], and beyond `len` in a pool that does not wipe.
    start: NonNull<u8>,
    /// At most the block's capacity.
    len: usize,
    /// Bytes from here on are zero: how much somebody could have written, in this loan or, in a pool that does not wipe, an earlier
    /// one. At most the block's capacity.
    exposed: usize,
    /// The block. None in an empty buffer that has none.
    loan: Option<Loan>,
    /// Of the cursor for reading and writing. Any number.
    position: u64,
}

// SAFETY: a buffer owns its bytes as a `Box<[u8]>` does; nothing about them belongs to a thread.
unsafe impl Send for Buf {}
// SAFETY: a shared buffer only lets its bytes be read.
unsafe impl Sync for Buf {}

/// Writes zeros over `len` bytes, in a way that no optimisation removes.
///
/// A compiler may drop stores to memory that is freed before anybody reads it, and this one does. The
/// address goes through `black_box`, which the compiler has to treat as code that may read whatever the
/// address leads to, so the zeros have to be there by then. (`black_box` promises no more than best
/// effort across backends; in rustc's it is an empty piece of assembly with access to memory.) The stores
/// themselves remain one plain `memset`.
///
/// # Safety
/// 1. The caller owns `len` bytes from `start` on.
#[inline]
unsafe fn wipe(start: NonNull<u8>, len: usize) {
    if len == 0 {
        return;
    }
    // SAFETY: 1. is the caller's.
    unsafe { ptr::write_bytes(start.as_ptr(), 0, len) };
    black_box(start);
}

impl Buf {
    /// A loan of `len` bytes, to be wrapped in a [`BufUninit`]. `len` is at most the block's capacity.
    #[inline]
    pub(super) fn unexposed(loan: Loan, len: usize) -> Self {
        let frame = loan.frame();
        assert!(len <= frame.capacity());
        Self {
            start: frame.start(),
            len,
            exposed: frame.dirty(),
            loan: Some(loan),
            position: 0,
        }
    }

    /// A loan of `len` bytes, all zero. `len` is at most the block's capacity.
    #[inline]
    pub(super) fn zeroed(loan: Loan, len: usize) -> Self {
        let mut buf = Self::unexposed(loan, len);
        if buf.exposed > 0 {
            buf.clean(0, len);
        }
        buf.exposed = buf.exposed.max(len);
        buf
    }

    #[inline]
    fn expose(mut self) -> Self {
        self.exposed = self.exposed.max(self.len);
        self
    }

    /// Zeroes the bytes from `from` to `to`, as far as they are exposed. `to` is at most the capacity.
    fn clean(&mut self, from: usize, to: usize) {
        let to = to.min(self.exposed);
        if from < to {
            // SAFETY: within the block, since `exposed` is.
            let start = unsafe { self.start.add(from) };
            // SAFETY: 1. as above, and `&mut self` is the only way to them.
            unsafe { wipe(start, to - from) };
        }
    }

    /// How long the buffer is, in bytes.
    ///
    /// # Examples
    ///
    /// ```
    /// assert_eq!(zp::BufferPool::new().get(1000).len(), 1000);
    /// ```
    #[inline]
    #[must_use]
    pub fn len(&self) -> usize {
        self.len
    }

    /// True if the buffer has no bytes.
    ///
    /// # Examples
    ///
    /// ```
    /// assert!(zp::Buf::default().is_empty());
    /// ```
    #[inline]
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len == 0
    }

    /// How long [`Buf::resize`] can make the buffer; at least the length that was asked for.
    ///
    /// # Examples
    ///
    /// ```
    /// let buf = zp::BufferPool::new().get(1000);
    /// assert!((1000..=1250).contains(&buf.capacity()));
    /// ```
    #[inline]
    #[must_use]
    pub fn capacity(&self) -> usize {
        self.loan.as_ref().map_or(0, |loan| loan.frame().capacity())
    }

    /// Makes the buffer `new_len` bytes long, in place. New bytes read zero, also where the buffer was once
    /// longer and has been written.
    ///
    /// Never allocates. Costs nothing, except for growth over bytes that were exposed before: they are wiped.
    ///
    /// # Examples
    ///
    /// ```
    /// let mut buf = zp::BufferPool::new().get(4);
    /// buf.fill(7);
    /// buf.resize(2);
    /// buf.resize(6);
    /// assert_eq!(*buf, [7, 7, 0, 0, 0, 0]);
    /// ```
    ///
    /// # Panics
    ///
    /// If `new_len` is greater than [`Buf::capacity`].
    #[track_caller]
    pub fn resize(&mut self, new_len: usize) {
        assert!(
            new_len <= self.capacity(),
            "a buffer with a capacity of {} bytes cannot be resized to {new_len}; a buffer does not grow, get one of that length",
            self.capacity(),
        );
        let old_len = mem::replace(&mut self.len, new_len);
        self.clean(old_len, new_len);
        self.exposed = self.exposed.max(new_len);
    }

    /// Makes the buffer `len` bytes long if it is longer. The bytes cut off are wiped with the others, when the
    /// buffer is dropped.
    ///
    /// # Examples
    ///
    /// ```
    /// let mut buf = zp::BufferPool::new().get(4);
    /// buf.truncate(2);
    /// buf.truncate(3);
    /// assert_eq!(buf.len(), 2);
    /// ```
    #[inline]
    pub fn truncate(&mut self, len: usize) {
        self.len = self.len.min(len);
    }

    /// Takes the bytes out of the pool's care: they are copied to a vector of their own, which nobody wipes, and
    /// the buffer is returned.
    ///
    /// Costs an allocation and a copy.
    ///
    /// # Examples
    ///
    /// ```
    /// let mut buf = zp::BufferPool::new().get(2);
    /// buf[1] = 7;
    /// let bytes: Vec<u8> = buf.into_vec();
    /// assert_eq!(bytes, [0, 7]);
    /// ```
    #[must_use]
    pub fn into_vec(self) -> Vec<u8> {
        self.to_vec()
    }
}

impl Deref for Buf {
    type Target = [u8];

    #[inline]
    fn deref(&self) -> &[u8] {
        // SAFETY: the block has `len` bytes, by the invariant of `len`; they are initialised, by that of `start`,
        // since a `BufUninit` never reads its inner buffer; and borrowed as `self` is.
        unsafe { slice::from_raw_parts(self.start.as_ptr(), self.len) }
    }
}

impl DerefMut for Buf {
    #[inline]
    fn deref_mut(&mut self) -> &mut [u8] {
        // SAFETY: as in `deref`, and `&mut self` makes it the only borrow.
        unsafe { slice::from_raw_parts_mut(self.start.as_ptr(), self.len) }
    }
}

impl Drop for Buf {
    #[inline]
    fn drop(&mut self) {
        let Some(loan) = self.loan.take() else {
            return;
        };
        let exposed = if cfg!(zeropool_broken = "buffer_wipe_len_only") {
            self.len
        } else {
            self.exposed
        };
        if loan.home().wipes {
            // SAFETY: 1. the block is ours until the loan ends.
            unsafe { wipe(self.start, exposed) };
        } else {
            loan.frame().set_dirty(exposed);
        }
        loan.end();
    }
}

/// No bytes, and no pool.
impl Default for Buf {
    fn default() -> Self {
        Self {
            start: NonNull::dangling(),
            len: 0,
            exposed: 0,
            loan: None,
            position: 0,
        }
    }
}

/// Length and capacity; never the bytes, which may be secret.
impl fmt::Debug for Buf {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Buf")
            .field("len", &self.len)
            .field("capacity", &self.capacity())
            .finish_non_exhaustive()
    }
}

impl AsRef<[u8]> for Buf {
    #[inline]
    fn as_ref(&self) -> &[u8] {
        self
    }
}

impl AsMut<[u8]> for Buf {
    #[inline]
    fn as_mut(&mut self) -> &mut [u8] {
        self
    }
}

impl Borrow<[u8]> for Buf {
    #[inline]
    fn borrow(&self) -> &[u8] {
        self
    }
}

impl BorrowMut<[u8]> for Buf {
    #[inline]
    fn borrow_mut(&mut self) -> &mut [u8] {
        self
    }
}
