//! No pool: a new vector or `BytesMut` each time, from the global allocator.

use crate::buffers::lent::Lent;
use crate::buffers::source::{Plan, Source};
use bytes::BytesMut;
use std::hint::black_box;
use std::mem::MaybeUninit;

/// `vec![0; n]`. The allocator zeroes, or the system does, page by page, when they are first written.
pub(crate) struct VecZeroed(usize);

impl Source for VecZeroed {
    type Lent<'s> = Vec<u8>;

    const NAME: &'static str = "vec![0; n], zeroes on get";
    const ZEROES: bool = true;

    fn new(plan: Plan) -> Self {
        Self(plan.len)
    }

    #[inline]
    fn get(&self) -> Vec<u8> {
        // Or an allocation that nobody looks at is left out altogether.
        black_box(vec![0; self.0])
    }
}

/// `Vec::with_capacity(n)`.
pub(crate) struct VecCapacity(usize);

/// A vector without bytes, and for how many it has room.
pub(crate) struct Room<T> {
    of: T,
    len: usize,
}

impl Source for VecCapacity {
    type Lent<'s> = Room<Vec<u8>>;

    const NAME: &'static str = "Vec::with_capacity, never zeroes";
    const ZEROES: bool = false;

    fn new(plan: Plan) -> Self {
        Self(plan.len)
    }

    #[inline]
    fn get(&self) -> Room<Vec<u8>> {
        Room {
            of: black_box(Vec::with_capacity(self.0)),
            len: self.0,
        }
    }
}

impl Lent for Room<Vec<u8>> {
    type Byte = MaybeUninit<u8>;

    #[inline]
    fn len(&self) -> usize {
        self.of.capacity().min(self.len)
    }

    #[inline]
    fn bytes(&mut self) -> &mut [MaybeUninit<u8>] {
        &mut self.of.spare_capacity_mut()[..self.len]
    }
}

/// `BytesMut::zeroed(n)`.
pub(crate) struct BytesZeroed(usize);

impl Source for BytesZeroed {
    type Lent<'s> = BytesMut;

    const NAME: &'static str = "bytes, zeroes on get";
    const ZEROES: bool = true;

    fn new(plan: Plan) -> Self {
        Self(plan.len)
    }

    #[inline]
    fn get(&self) -> BytesMut {
        black_box(BytesMut::zeroed(self.0))
    }
}

impl Lent for BytesMut {
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

/// `BytesMut::with_capacity(n)`.
pub(crate) struct BytesCapacity(usize);

impl Source for BytesCapacity {
    type Lent<'s> = Room<BytesMut>;

    const NAME: &'static str = "bytes, never zeroes";
    const ZEROES: bool = false;

    fn new(plan: Plan) -> Self {
        Self(plan.len)
    }

    #[inline]
    fn get(&self) -> Room<BytesMut> {
        Room {
            of: black_box(BytesMut::with_capacity(self.0)),
            len: self.0,
        }
    }
}

impl Lent for Room<BytesMut> {
    type Byte = MaybeUninit<u8>;

    #[inline]
    fn len(&self) -> usize {
        self.of.capacity().min(self.len)
    }

    #[inline]
    fn bytes(&mut self) -> &mut [MaybeUninit<u8>] {
        &mut self.of.spare_capacity_mut()[..self.len]
    }
}
