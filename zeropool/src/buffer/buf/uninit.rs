#![allow(unsafe_code)] // Fences: which of a block's bytes are initialised.
//! The guard of a lent block whose bytes cannot be read before they are written.

use super::Buf;
use std::fmt;
use std::mem::MaybeUninit;
use std::slice;

/// A buffer on loan that has to be written before it can be read.
///
/// Safe code fills it and gets a [`Buf`]. Dropped untouched it costs no wiping, which is its advantage over
/// [`BufferPool::get`]; after [`BufUninit::as_uninit_mut`] it is wiped like any other.
///
/// # Examples
///
/// ```
/// let pool = zp::BufferPool::new();
/// let buf = pool.get_uninit(5).write_from_slice(b"hello");
/// assert_eq!(*buf, *b"hello");
/// ```
///
/// [`BufferPool::get`]: crate::BufferPool::get
#[derive(Default)]
pub struct BufUninit {
    /// Not read as bytes in here.
    inner: Buf,
}

impl BufUninit {
    /// `inner` comes from [`Buf::unexposed`].
    #[inline]
    pub(in crate::buffer) fn new(inner: Buf) -> Self {
        Self { inner }
    }

    /// How long the buffer is, in bytes.
    ///
    /// # Examples
    ///
    /// ```
    /// assert_eq!(zp::BufferPool::new().get_uninit(1000).len(), 1000);
    /// ```
    #[inline]
    #[must_use]
    pub fn len(&self) -> usize {
        self.inner.len
    }

    /// True if the buffer has no bytes.
    ///
    /// # Examples
    ///
    /// ```
    /// assert!(zp::BufUninit::default().is_empty());
    /// ```
    #[inline]
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.inner.len == 0
    }

    /// How long the [`Buf`] that comes of it can be made.
    ///
    /// # Examples
    ///
    /// ```
    /// assert!(zp::BufferPool::new().get_uninit(1000).capacity() >= 1000);
    /// ```
    #[inline]
    #[must_use]
    pub fn capacity(&self) -> usize {
        self.inner.capacity()
    }

    /// The bytes, to be written one by one or handed to a function that fills them; then
    /// [`BufUninit::assume_init`].
    ///
    /// # Examples
    ///
    /// ```
    /// let mut uninit = zp::BufferPool::new().get_uninit(3);
    /// for (byte, value) in uninit.as_uninit_mut().iter_mut().zip(1..) {
    ///     byte.write(value);
    /// }
    /// // SAFETY: the loop has written every byte.
    /// let buf = unsafe { uninit.assume_init() };
    /// assert_eq!(*buf, [1, 2, 3]);
    /// ```
    #[inline]
    pub fn as_uninit_mut(&mut self) -> &mut [MaybeUninit<u8>] {
        self.inner.exposed = self.inner.exposed.max(self.inner.len);
        let start = self.inner.start.cast::<MaybeUninit<u8>>().as_ptr();
        // SAFETY: the block has `len` bytes, by the invariant of `len`; any are valid as `MaybeUninit`; and
        // `&mut self` makes this the only borrow.
        unsafe { slice::from_raw_parts_mut(start, self.inner.len) }
    }

    /// Copies `bytes` in.
    ///
    /// # Examples
    ///
    /// ```
    /// let buf = zp::BufferPool::new().get_uninit(2).write_from_slice(&[1, 2]);
    /// assert_eq!(*buf, [1, 2]);
    /// ```
    ///
    /// # Panics
    ///
    /// If `bytes` has another length than the buffer, as `copy_from_slice` does.
    #[must_use]
    #[track_caller]
    pub fn write_from_slice(mut self, bytes: &[u8]) -> Buf {
        assert!(
            bytes.len() == self.len(),
            "a slice of {} bytes cannot fill a buffer of {}",
            bytes.len(),
            self.len(),
        );
        let start = bytes.as_ptr().cast::<MaybeUninit<u8>>();
        // SAFETY: the bytes of `bytes`, borrowed as long; one that is initialised is a `MaybeUninit` too.
        let bytes = unsafe { slice::from_raw_parts(start, bytes.len()) };
        self.as_uninit_mut().copy_from_slice(bytes);
        // SAFETY: 1. every byte has just been written.
        unsafe { self.assume_init() }
    }

    /// Sets every byte to `value`.
    ///
    /// # Examples
    ///
    /// ```
    /// assert_eq!(*zp::BufferPool::new().get_uninit(3).fill(7), [7; 3]);
    /// ```
    #[must_use]
    pub fn fill(mut self, value: u8) -> Buf {
        self.as_uninit_mut().fill(MaybeUninit::new(value));
        // SAFETY: 1. every byte has just been written.
        unsafe { self.assume_init() }
    }

    /// Sets every byte to what `f` returns, called once for each in order.
    ///
    /// If `f` panics the buffer is wiped and returned.
    ///
    /// # Examples
    ///
    /// ```
    /// let mut values = 1..;
    /// let buf = zp::BufferPool::new().get_uninit(3).fill_with(|| values.next().unwrap());
    /// assert_eq!(*buf, [1, 2, 3]);
    /// ```
    #[must_use]
    pub fn fill_with(mut self, mut f: impl FnMut() -> u8) -> Buf {
        for byte in self.as_uninit_mut() {
            byte.write(f());
        }
        // SAFETY: 1. the loop has written every byte.
        unsafe { self.assume_init() }
    }

    /// Makes every byte zero. Free, unless [`BufUninit::as_uninit_mut`] was used: pooled memory is zero at rest.
    ///
    /// # Examples
    ///
    /// ```
    /// assert_eq!(*zp::BufferPool::new().get_uninit(3).zeroed(), [0; 3]);
    /// ```
    #[inline]
    #[must_use]
    pub fn zeroed(mut self) -> Buf {
        // Does nothing if nothing was exposed. What was exposed may have been made uninitialised again: a safe
        // caller can write `MaybeUninit::uninit()`.
        self.inner.clean(0, self.inner.len);
        self.inner.expose()
    }

    /// Declares every byte written. Free.
    ///
    /// # Examples
    ///
    /// See [`BufUninit::as_uninit_mut`].
    ///
    /// # Safety
    ///
    /// 1. Every byte that [`BufUninit::as_uninit_mut`] gave out is initialised.
    #[inline]
    #[must_use]
    pub unsafe fn assume_init(self) -> Buf {
        // By 1. the invariant of `Buf::start` holds without its exception.
        self.inner.expose()
    }
}

/// Length and capacity.
impl fmt::Debug for BufUninit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("BufUninit")
            .field("len", &self.inner.len)
            .field("capacity", &self.inner.capacity())
            .finish_non_exhaustive()
    }
}
