//! zeropool.

use crate::buffers::lent::Lent;
use crate::buffers::source::{Plan, Source};
use crate::peers::Role;
use std::mem::MaybeUninit;

/// The one place where our pool is made, for all rows: with its defaults, except that what is planned for can rest.
fn pool(plans: &[Plan], zeroing: zp::Zeroing) -> zp::BufferPool {
    let defaults = zp::PoolConfig::new();
    let buffers = plans.iter().map(|plan| plan.buffers).sum();
    // A buffer may take a quarter more than its length.
    let bytes = plans.iter().map(|plan| plan.buffers * plan.len / 4 * 5);
    zp::BufferPool::builder()
        .max_buffers_per_shard(defaults.max_buffers_per_shard().max(buffers))
        .max_idle_bytes(defaults.max_idle_bytes().max(bytes.sum()))
        .zeroing(zeroing)
        .build()
        .unwrap_or_else(|error| panic!("zeropool: {error}"))
}

/// Lends zeroed buffers.
pub(crate) struct Ours {
    pool: zp::BufferPool,
    len: usize,
}

impl Ours {
    /// One for each plan, all with the same pool.
    fn made(plans: &[Plan], zeroing: zp::Zeroing) -> Vec<Self> {
        let pool = pool(plans, zeroing);
        let with = |plan: &Plan| Self {
            pool: pool.clone(),
            len: plan.len,
        };
        plans.iter().map(with).collect()
    }
}

impl Source for Ours {
    type Lent<'s> = zp::Buf;

    const NAME: &'static str = "zeropool, wipes on return";
    const ROLE: Role = Role::Us;
    const ZEROES: bool = true;

    fn new(plan: Plan) -> Self {
        Self::made(&[plan], zp::Zeroing::OnReturn).remove(0)
    }

    #[inline]
    fn get(&self) -> zp::Buf {
        self.pool.get(self.len)
    }

    fn family(plans: &[Plan]) -> Vec<Self> {
        Self::made(plans, zp::Zeroing::OnReturn)
    }
}

impl Lent for zp::Buf {
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

/// Lends buffers that have to be written before they are read. Wipes what was given out to be written.
pub(crate) struct OursUninit(Ours);

impl Source for OursUninit {
    type Lent<'s> = zp::BufUninit;

    const NAME: &'static str = "zeropool, get_uninit, wipes what was exposed on return";
    const ROLE: Role = Role::Us;
    const ZEROES: bool = false;

    fn new(plan: Plan) -> Self {
        Self(Ours::new(plan))
    }

    #[inline]
    fn get(&self) -> zp::BufUninit {
        self.0.pool.get_uninit(self.0.len)
    }
}

/// The same from a pool that does not wipe.
pub(crate) struct OursNever(Ours);

impl Source for OursNever {
    type Lent<'s> = zp::BufUninit;

    const NAME: &'static str = "zeropool, Zeroing::Never, never zeroes";
    const ROLE: Role = Role::Us;
    const ZEROES: bool = false;

    fn new(plan: Plan) -> Self {
        Self(Ours::made(&[plan], zp::Zeroing::Never).remove(0))
    }

    #[inline]
    fn get(&self) -> zp::BufUninit {
        self.0.pool.get_uninit(self.0.len)
    }

    fn family(plans: &[Plan]) -> Vec<Self> {
        let family = Ours::made(plans, zp::Zeroing::Never);
        family.into_iter().map(Self).collect()
    }
}

impl Lent for zp::BufUninit {
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
