//! zeropool 0.7, opool, object-pool and lockfree-object-pool.

use crate::buffers::lent::Lent;
use crate::buffers::source::{Plan, Source};
use std::mem::MaybeUninit;
use std::sync::Arc;

/// What zeropool 0.7 keeps per size class if nobody says anything, on machines with fewer than 16 hardware threads.
const ZEROPOOL_07_KEEPS: usize = 32;

/// zeropool 0.7 of crates.io, zeroed buffers.
pub(crate) struct Zeropool07 {
    pool: Arc<zeropool_07::ZeroPool>,
    len: usize,
}

impl Zeropool07 {
    fn pool(plans: &[Plan]) -> Arc<zeropool_07::ZeroPool> {
        let most = plans.iter().map(|plan| plan.buffers).max().unwrap_or(0);
        let pool = zeropool_07::ZeroPool::new();
        Arc::new(pool.max_buffers_per_class(most.max(ZEROPOOL_07_KEEPS)))
    }
}

impl Source for Zeropool07 {
    type Lent<'s> = zeropool_07::Buf<'s>;

    const NAME: &'static str = "zeropool 0.7, zeroes on get";
    const ZEROES: bool = true;

    fn new(plan: Plan) -> Self {
        Self {
            pool: Self::pool(&[plan]),
            len: plan.len,
        }
    }

    #[inline]
    fn get(&self) -> zeropool_07::Buf<'_> {
        self.pool.alloc(self.len)
    }

    fn family(plans: &[Plan]) -> Vec<Self> {
        let pool = Self::pool(plans);
        let with = |plan: &Plan| Self {
            pool: Arc::clone(&pool),
            len: plan.len,
        };
        plans.iter().map(with).collect()
    }
}

impl Lent for zeropool_07::Buf<'_> {
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

/// zeropool 0.7 of crates.io, uninitialised buffers.
pub(crate) struct Zeropool07Uninit(Zeropool07);

impl Source for Zeropool07Uninit {
    type Lent<'s> = zeropool_07::BufUninit<'s>;

    const NAME: &'static str = "zeropool 0.7, never zeroes";
    const ZEROES: bool = false;

    fn new(plan: Plan) -> Self {
        Self(Zeropool07::new(plan))
    }

    #[inline]
    fn get(&self) -> zeropool_07::BufUninit<'_> {
        self.0.pool.alloc_uninit(self.0.len)
    }

    fn family(plans: &[Plan]) -> Vec<Self> {
        let family = Zeropool07::family(plans);
        family.into_iter().map(Self).collect()
    }
}

impl Lent for zeropool_07::BufUninit<'_> {
    type Byte = MaybeUninit<u8>;

    #[inline]
    fn len(&self) -> usize {
        self.len()
    }

    #[inline]
    fn bytes(&mut self) -> &mut [MaybeUninit<u8>] {
        self.as_uninit_mut()
    }
}

/// opool.
pub(crate) struct Opool<const ZEROES: bool>(opool::Pool<OpoolHooks<ZEROES>, Vec<u8>>);

/// What opool calls: to make a buffer of so many bytes, and before it lends one again.
pub(crate) struct OpoolHooks<const ZEROES: bool>(usize);

impl<const ZEROES: bool> opool::PoolAllocator<Vec<u8>> for OpoolHooks<ZEROES> {
    fn allocate(&self) -> Vec<u8> {
        vec![0; self.0]
    }

    #[inline]
    fn reset(&self, bytes: &mut Vec<u8>) {
        if ZEROES {
            bytes.fill(0);
        }
    }
}

impl<const ZEROES: bool> Source for Opool<ZEROES> {
    type Lent<'s> = opool::RefGuard<'s, OpoolHooks<ZEROES>, Vec<u8>>;

    const NAME: &'static str = match ZEROES {
        true => "opool, zeroes on get",
        false => "opool, never zeroes",
    };
    const ZEROES: bool = ZEROES;

    fn new(plan: Plan) -> Self {
        Self(opool::Pool::new(plan.buffers, OpoolHooks(plan.len)))
    }

    #[inline]
    fn get(&self) -> Self::Lent<'_> {
        self.0.get()
    }
}

impl<const ZEROES: bool> Lent for opool::RefGuard<'_, OpoolHooks<ZEROES>, Vec<u8>> {
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

/// object-pool.
pub(crate) struct ObjectPool<const ZEROES: bool> {
    pool: object_pool::Pool<Vec<u8>>,
    len: usize,
}

impl<const ZEROES: bool> Source for ObjectPool<ZEROES> {
    type Lent<'s> = object_pool::Reusable<'s, Vec<u8>>;

    const NAME: &'static str = match ZEROES {
        true => "object-pool, zeroes on get (by hand)",
        false => "object-pool, never zeroes",
    };
    const ZEROES: bool = ZEROES;

    fn new(plan: Plan) -> Self {
        Self {
            pool: object_pool::Pool::new(plan.buffers, || vec![0; plan.len]),
            len: plan.len,
        }
    }

    #[inline]
    fn get(&self) -> Self::Lent<'_> {
        let mut lent = self.pool.pull(|| vec![0; self.len]);
        if ZEROES {
            lent.fill(0);
        }
        lent
    }
}

impl Lent for object_pool::Reusable<'_, Vec<u8>> {
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

/// lockfree-object-pool, the pool without a lock.
pub(crate) struct LockfreeObjectPool<const ZEROES: bool>(
    Arc<lockfree_object_pool::LinearObjectPool<Vec<u8>>>,
);

impl<const ZEROES: bool> Source for LockfreeObjectPool<ZEROES> {
    type Lent<'s> = lockfree_object_pool::LinearReusable<'s, Vec<u8>>;

    const NAME: &'static str = match ZEROES {
        true => "lockfree-object-pool, zeroes on return",
        false => "lockfree-object-pool, never zeroes",
    };
    const ZEROES: bool = ZEROES;

    fn new(plan: Plan) -> Self {
        let new = move || vec![0; plan.len];
        let reset = |bytes: &mut Vec<u8>| {
            if ZEROES {
                bytes.fill(0);
            }
        };
        Self(Arc::new(lockfree_object_pool::LinearObjectPool::new(
            new, reset,
        )))
    }

    #[inline]
    fn get(&self) -> Self::Lent<'_> {
        self.0.pull()
    }
}

impl Lent for lockfree_object_pool::LinearReusable<'_, Vec<u8>> {
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
