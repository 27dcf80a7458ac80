//! What a pool lends: bytes that can be written, whatever is known of what they were before.

use std::cell::RefMut;
use std::hint::black_box;
use std::mem::MaybeUninit;

/// One byte is written per so many: all that makes a page of the system's real.
const PAGE: usize = 4096;

/// What is written.
const MARK: u8 = 0xAB;

/// A place for a byte.
pub(super) trait Byte {
    fn put(&mut self, value: u8);

    /// None if it may be uninitialised.
    fn read(&self) -> Option<u8>;
}

impl Byte for u8 {
    #[inline]
    fn put(&mut self, value: u8) {
        *self = value;
    }

    fn read(&self) -> Option<u8> {
        Some(*self)
    }
}

impl Byte for MaybeUninit<u8> {
    #[inline]
    fn put(&mut self, value: u8) {
        self.write(value);
    }

    fn read(&self) -> Option<u8> {
        None
    }
}

/// A buffer on loan. It goes back when it is dropped.
pub(super) trait Lent {
    type Byte: Byte;

    /// As many bytes as were asked for; more only if the pool cannot help it.
    fn len(&self) -> usize;

    fn bytes(&mut self) -> &mut [Self::Byte];
}

/// Writes the first byte.
#[inline]
pub(super) fn touch_first(lent: &mut impl Lent) {
    let bytes = lent.bytes();
    if let Some(byte) = bytes.first_mut() {
        byte.put(MARK);
    }
    black_box(bytes);
}

/// Writes a byte in every page.
#[inline]
pub(super) fn touch_pages(lent: &mut impl Lent) {
    let bytes = lent.bytes();
    for byte in bytes.iter_mut().step_by(PAGE) {
        byte.put(MARK);
    }
    black_box(bytes);
}

/// Writes every byte.
#[inline]
pub(super) fn fill(lent: &mut impl Lent, value: u8) {
    let bytes = lent.bytes();
    for byte in bytes.iter_mut() {
        byte.put(value);
    }
    black_box(bytes);
}

/// True if no byte is known to be anything but zero.
pub(super) fn is_clean(lent: &mut impl Lent) -> bool {
    let bytes = lent.bytes();
    bytes.iter().all(|byte| byte.read().unwrap_or(0) == 0)
}

/// The two bytes at the ends, if they can be read.
pub(super) fn ends(lent: &mut impl Lent) -> [Option<u8>; 2] {
    let bytes = black_box(lent.bytes());
    [bytes.first(), bytes.last()].map(|byte| byte.and_then(Byte::read))
}

impl Lent for Vec<u8> {
    type Byte = u8;

    #[inline]
    fn len(&self) -> usize {
        self.len()
    }

    #[inline]
    fn bytes(&mut self) -> &mut [u8] {
        self
    }
}

impl Lent for RefMut<'_, Vec<u8>> {
    type Byte = u8;

    #[inline]
    fn len(&self) -> usize {
        Vec::len(self)
    }

    #[inline]
    fn bytes(&mut self) -> &mut [u8] {
        self
    }
}
