//! Feature `bytes`: a buffer that many share.

use super::Buf;
use bytes::Bytes;

impl Buf {
    /// Makes the buffer immutable and shared: [`Bytes`], of which clones and slices are free. Needs feature `bytes`.
    ///
    /// Nothing is copied. When the last of them is dropped, on whatever thread, the buffer returns to its pool as if it had been
    /// dropped itself: wiped, and once.
    ///
    /// Costs one small allocation, for the count of those that share it. `Bytes` prints its bytes with `Debug`, which a `Buf`
    /// does not; and what makes a vector or `BytesMut` of it copies.
    ///
    /// # Examples
    ///
    /// ```
    /// let pool = zp::BufferPool::new();
    /// let message = pool.get_uninit(11).write_from_slice(b"hello world");
    /// let address = message.as_ptr();
    ///
    /// let shared: bytes::Bytes = message.freeze();
    /// let word = shared.slice(6..);
    /// drop(shared);
    /// assert_eq!(word, "world");
    /// assert_eq!(word.as_ptr(), address.wrapping_add(6));
    ///
    /// drop(word); // the last: the buffer goes home
    /// let again = pool.get(11);
    /// assert_eq!(again, [0; 11]);
    /// ```
    #[must_use]
    pub fn freeze(self) -> Bytes {
        Bytes::from_owner(self)
    }
}

/// Shares the buffer without a copy, as [`Buf::freeze`]. Needs feature `bytes`.
impl From<Buf> for Bytes {
    fn from(buf: Buf) -> Self {
        buf.freeze()
    }
}
