//! The sources. Where a pool has buffers of one length, there is a pool for each length.
//!
//! | source | limit that is set | zeroes, if it has to |
//! |---|---|---|
//! | zeropool | `max_buffers_per_shard` and `max_idle_bytes`, at least their defaults | on return, by itself, unless told never to |
//! | `vec!`, `Vec`, bytes | no pool | when made |
//! | zeropool 0.7 | `max_buffers_per_class`, at least its default of 32; its thread caches as it wants | on get, by itself |
//! | opool | its size | on get, in its `reset` |
//! | object-pool | filled with so many, unbounded | on get, by hand: it has no hook |
//! | lockfree-object-pool | none, it grows | on return, in its `reset` |
//! | sharded-slab | none, it grows | on return, in its `Clear` |
//! | mempool | one buffer a thread, for ever | on get, by hand |
//! | lifeguard | `MaxSize` | on return, in its `reset` |
//!
//! zeropool 0.7 and bytes zero by themselves because that is what the function does that is called. The others are shown in
//! both ways: told to zero, as the table says, and not.

mod libraries;
mod ours;
mod plain;
mod slabs;

pub(super) use libraries::{LockfreeObjectPool, ObjectPool, Opool, Zeropool07, Zeropool07Uninit};
pub(super) use ours::{Ours, OursNever, OursUninit};
pub(super) use plain::{BytesCapacity, BytesZeroed, VecCapacity, VecZeroed};
pub(super) use slabs::{Lifeguard, Mempool, ShardedSlab, ShardedSlabOwned};

/// Ours and all pools that zero, but for those that do not do in every row: these are said.
macro_rules! that_zero {
    ($entries:expr; $($more:ty),* $(,)?) => {{
        use $crate::buffers::sources::*;
        $crate::buffers::source::enter_each!(
            $entries; Ours, VecZeroed, BytesZeroed, Zeropool07, Opool<true>, ObjectPool<true>, LockfreeObjectPool<true>, $($more),*
        )
    }};
}
pub(super) use that_zero;

/// All pools without zeroing, but for those that do not do in every row; these are said, ours first.
macro_rules! that_do_not_zero {
    ($entries:expr; $ours:ty, $($more:ty),* $(,)?) => {{
        use $crate::buffers::sources::*;
        $crate::buffers::source::enter_each!(
            $entries; $ours, OursNever, VecCapacity, BytesCapacity, Zeropool07Uninit, Opool<false>, ObjectPool<false>,
            LockfreeObjectPool<false>, $($more),*
        )
    }};
}
pub(super) use that_do_not_zero;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::buffers::lent::Lent;
    use crate::buffers::source::{Plan, Source};
    use std::collections::HashSet;

    /// How many different places in memory a thousand loans of two buffers at a time are from.
    fn places<S: Source>(at_a_time: usize) -> usize {
        let source = S::new(Plan {
            len: 100_000,
            buffers: 4,
        });
        let mut places = HashSet::new();
        for _ in 0..1000 {
            let mut lent: Vec<_> = (0..at_a_time).map(|_| source.get()).collect();
            for lent in &mut lent {
                places.insert(lent.bytes().as_ptr().addr());
            }
        }
        places.len()
    }

    macro_rules! assert_pooled {
        ($at_a_time:expr; $($source:ty),*) => {
            $(assert!(places::<$source>($at_a_time) <= 64, "{}", <$source>::NAME);)*
        };
    }

    #[test]
    fn what_is_returned_is_lent_again() {
        assert_pooled!(
            2; Ours, OursUninit, OursNever, Zeropool07, Zeropool07Uninit, Opool<true>, Opool<false>, ObjectPool<true>, ObjectPool<false>,
            LockfreeObjectPool<true>, LockfreeObjectPool<false>, ShardedSlab<true>, ShardedSlab<false>, ShardedSlabOwned<true>,
            ShardedSlabOwned<false>, Lifeguard<true>, Lifeguard<false>
        );
        assert_pooled!(1; Mempool<true>, Mempool<false>);
    }
}
