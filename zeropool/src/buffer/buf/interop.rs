//! A buffer in the company of slices and vectors.

use super::Buf;
use std::slice;

/// Takes the bytes out of the pool's care, as [`Buf::into_vec`].
impl From<Buf> for Vec<u8> {
    fn from(buf: Buf) -> Self {
        buf.into_vec()
    }
}

impl<'a> IntoIterator for &'a Buf {
    type Item = &'a u8;
    type IntoIter = slice::Iter<'a, u8>;

    #[inline]
    fn into_iter(self) -> Self::IntoIter {
        self.iter()
    }
}

impl<'a> IntoIterator for &'a mut Buf {
    type Item = &'a mut u8;
    type IntoIter = slice::IterMut<'a, u8>;

    #[inline]
    fn into_iter(self) -> Self::IntoIter {
        self.iter_mut()
    }
}

/// Equal bytes; capacity, position and pool do not count.
///
/// Stops at the first difference, as comparing slices does: how long it takes says something about the bytes. Compare secrets in
/// constant time, with a crate made for it.
///
/// # Examples
///
/// ```
/// let pool = zp::BufferPool::new();
/// let buf = pool.get_uninit(2).fill(7);
/// assert_eq!(buf, [7, 7]);
/// assert_ne!(buf, pool.get(2));
/// ```
impl PartialEq for Buf {
    #[inline]
    fn eq(&self, other: &Self) -> bool {
        **self == **other
    }
}

impl Eq for Buf {}

impl PartialEq<[u8]> for Buf {
    #[inline]
    fn eq(&self, other: &[u8]) -> bool {
        **self == *other
    }
}

impl PartialEq<&[u8]> for Buf {
    #[inline]
    fn eq(&self, other: &&[u8]) -> bool {
        **self == **other
    }
}

impl<const N: usize> PartialEq<[u8; N]> for Buf {
    #[inline]
    fn eq(&self, other: &[u8; N]) -> bool {
        **self == *other
    }
}

impl<const N: usize> PartialEq<&[u8; N]> for Buf {
    #[inline]
    fn eq(&self, other: &&[u8; N]) -> bool {
        **self == **other
    }
}

impl PartialEq<Vec<u8>> for Buf {
    #[inline]
    fn eq(&self, other: &Vec<u8>) -> bool {
        **self == **other
    }
}
