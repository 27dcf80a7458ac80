//! sharded-slab, mempool and lifeguard.

use crate::buffers::lent::Lent;
use crate::buffers::source::{Plan, Source};
use lifeguard::{MaxSize, Recycleable, StartingSize, Supplier};
use std::cell::{RefCell, RefMut};
use std::sync::Arc;

/// A buffer that its pool makes empty, and that we make as long as it should be when we first get it.
#[derive(Default)]
pub(crate) struct Slot<const ZEROES: bool>(Vec<u8>);

impl<const ZEROES: bool> Slot<ZEROES> {
    #[inline]
    fn grow(&mut self, len: usize) {
        if self.0.len() != len {
            self.0 = vec![0; len];
        }
    }

    #[inline]
    fn returned(&mut self) {
        if ZEROES {
            self.0.fill(0);
        }
    }
}

impl<const ZEROES: bool> sharded_slab::Clear for Slot<ZEROES> {
    #[inline]
    fn clear(&mut self) {
        self.returned();
    }
}

impl<const ZEROES: bool> Recycleable for Slot<ZEROES> {
    fn new() -> Self {
        Self::default()
    }

    #[inline]
    fn reset(&mut self) {
        self.returned();
    }
}

/// sharded-slab.
pub(crate) struct ShardedSlab<const ZEROES: bool> {
    pool: Arc<sharded_slab::Pool<Slot<ZEROES>>>,
    len: usize,
}

const SHARDED_SLAB_IS_FULL: &str = "sharded-slab has room for more than memory has";

impl<const ZEROES: bool> Source for ShardedSlab<ZEROES> {
    type Lent<'s> = ShardedSlabLent<'s, ZEROES>;

    const NAME: &'static str = match ZEROES {
        true => "sharded-slab, zeroes on return",
        false => "sharded-slab, never zeroes",
    };
    const ZEROES: bool = ZEROES;

    fn new(plan: Plan) -> Self {
        Self {
            pool: Arc::new(sharded_slab::Pool::new()),
            len: plan.len,
        }
    }

    #[inline]
    fn get(&self) -> Self::Lent<'_> {
        let mut slot = self.pool.create().expect(SHARDED_SLAB_IS_FULL);
        slot.grow(self.len);
        ShardedSlabLent {
            pool: &self.pool,
            slot: Some(slot),
        }
    }
}

/// A guard alone does not give anything back: the pool keeps it for whoever has its key.
pub(crate) struct ShardedSlabLent<'s, const ZEROES: bool> {
    pool: &'s sharded_slab::Pool<Slot<ZEROES>>,
    /// Some until it is dropped.
    slot: Option<sharded_slab::pool::RefMut<'s, Slot<ZEROES>>>,
}

impl<const ZEROES: bool> Drop for ShardedSlabLent<'_, ZEROES> {
    #[inline]
    fn drop(&mut self) {
        // In this order: it cannot be cleared before it is given up.
        if let Some(slot) = self.slot.take() {
            let key = slot.key();
            drop(slot);
            self.pool.clear(key);
        }
    }
}

impl<const ZEROES: bool> Lent for ShardedSlabLent<'_, ZEROES> {
    type Byte = u8;

    #[inline]
    fn len(&self) -> usize {
        self.slot.as_ref().map_or(0, |slot| slot.0.len())
    }

    #[inline]
    fn bytes(&mut self) -> &mut [u8] {
        self.slot.as_mut().map_or(&mut [], |slot| &mut slot.0)
    }
}

/// sharded-slab with guards that may go to other threads.
pub(crate) struct ShardedSlabOwned<const ZEROES: bool>(ShardedSlab<ZEROES>);

impl<const ZEROES: bool> Source for ShardedSlabOwned<ZEROES> {
    type Lent<'s> = ShardedSlabOwnedLent<'s, ZEROES>;

    const NAME: &'static str = ShardedSlab::<ZEROES>::NAME;
    const ZEROES: bool = ZEROES;

    fn new(plan: Plan) -> Self {
        Self(ShardedSlab::new(plan))
    }

    #[inline]
    fn get(&self) -> Self::Lent<'_> {
        let pool = Arc::clone(&self.0.pool);
        let mut slot = pool.create_owned().expect(SHARDED_SLAB_IS_FULL);
        slot.grow(self.0.len);
        ShardedSlabOwnedLent {
            pool: &self.0.pool,
            slot: Some(slot),
        }
    }
}

/// As [`ShardedSlabLent`].
pub(crate) struct ShardedSlabOwnedLent<'s, const ZEROES: bool> {
    pool: &'s sharded_slab::Pool<Slot<ZEROES>>,
    /// Some until it is dropped.
    slot: Option<sharded_slab::pool::OwnedRefMut<Slot<ZEROES>>>,
}

impl<const ZEROES: bool> Drop for ShardedSlabOwnedLent<'_, ZEROES> {
    #[inline]
    fn drop(&mut self) {
        // In this order: it cannot be cleared before it is given up.
        if let Some(slot) = self.slot.take() {
            let key = slot.key();
            drop(slot);
            self.pool.clear(key);
        }
    }
}

impl<const ZEROES: bool> Lent for ShardedSlabOwnedLent<'_, ZEROES> {
    type Byte = u8;

    #[inline]
    fn len(&self) -> usize {
        self.slot.as_ref().map_or(0, |slot| slot.0.len())
    }

    #[inline]
    fn bytes(&mut self) -> &mut [u8] {
        self.slot.as_mut().map_or(&mut [], |slot| &mut slot.0)
    }
}

/// mempool 0.3.1: the one that compiles; 0.3.2 does nothing but refuse to. One buffer for each thread.
pub(crate) struct Mempool<const ZEROES: bool>(mempool::Pool<RefCell<Vec<u8>>>);

impl<const ZEROES: bool> Source for Mempool<ZEROES> {
    type Lent<'s> = RefMut<'s, Vec<u8>>;

    const NAME: &'static str = match ZEROES {
        true => "mempool, zeroes on get (by hand)",
        false => "mempool, never zeroes",
    };
    const ZEROES: bool = ZEROES;

    fn new(plan: Plan) -> Self {
        let new = move || RefCell::new(vec![0; plan.len]);
        Self(mempool::Pool::new(Box::new(new)))
    }

    #[inline]
    fn get(&self) -> Self::Lent<'_> {
        let mut lent = self.0.get().borrow_mut();
        if ZEROES {
            lent.fill(0);
        }
        lent
    }
}

/// lifeguard, which works on one thread only.
pub(crate) struct Lifeguard<const ZEROES: bool>(lifeguard::Pool<Slot<ZEROES>>);

impl<const ZEROES: bool> Source for Lifeguard<ZEROES> {
    type Lent<'s> = lifeguard::Recycled<'s, Slot<ZEROES>>;

    const NAME: &'static str = match ZEROES {
        true => "lifeguard, zeroes on return",
        false => "lifeguard, never zeroes",
    };
    const ZEROES: bool = ZEROES;

    fn new(plan: Plan) -> Self {
        let pool = lifeguard::pool()
            .with(StartingSize(0))
            .with(MaxSize(plan.buffers))
            .with(Supplier(move || Slot(vec![0; plan.len])));
        Self(pool.build())
    }

    #[inline]
    fn get(&self) -> Self::Lent<'_> {
        self.0.new()
    }
}

impl<const ZEROES: bool> Lent for lifeguard::Recycled<'_, Slot<ZEROES>> {
    type Byte = u8;

    #[inline]
    fn len(&self) -> usize {
        self.0.len()
    }

    #[inline]
    fn bytes(&mut self) -> &mut [u8] {
        &mut self.as_mut().0
    }
}
