//! zeropool.

use crate::buffers::lent::Lent;
use crate::buffers::source::{Plan, Source};
use crate::peers::Role;
use std::mem::MaybeUninit;

/// The one place where our pools are made, for all rows: with the defaults, whatever is planned.
fn pool(zeroing: zp::Zeroing) -> zp::BufferPool {
    match zp::BufferPool::builder().zeroing(zeroing).build() {
        Ok(pool) => pool,
        Err(error) => panic!("the defaults are valid: {error}"),
    }
}

/// Lends zeroed buffers.
pub(crate) struct Ours {
    pool: zp::BufferPool,
    len: usize,
}

impl Source for Ours {
    type Lent<'s> = zp::Buf;

    const NAME: &'static str = "zeropool, wipes on return";
    const ROLE: Role = Role::Us;
    const ZEROES: bool = true;

    fn new(plan: Plan) -> Self {
        Self {
            pool: pool(zp::Zeroing::OnReturn),
            len: plan.len,
        }
    }

    #[inline]
    fn get(&self) -> zp::Buf {
        self.pool.get(self.len)
    }

    fn family(plans: &[Plan]) -> Vec<Self> {
        let pool = pool(zp::Zeroing::OnReturn);
        let with = |plan: &Plan| Self {
            pool: pool.clone(),
            len: plan.len,
        };
        plans.iter().map(with).collect()
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

/// Lends buffers that have to be written before they are read, from a pool that does not wipe.
pub(crate) struct OursNever(Ours);

impl Source for OursNever {
    type Lent<'s> = zp::BufUninit;

    const NAME: &'static str = "zeropool, Zeroing::Never, never zeroes";
    const ROLE: Role = Role::Us;
    const ZEROES: bool = false;

    fn new(plan: Plan) -> Self {
        Self(Ours {
            pool: pool(zp::Zeroing::Never),
            len: plan.len,
        })
    }

    #[inline]
    fn get(&self) -> zp::BufUninit {
        self.0.pool.get_uninit(self.0.len)
    }

    fn family(plans: &[Plan]) -> Vec<Self> {
        let pool = pool(zp::Zeroing::Never);
        let with = |plan: &Plan| {
            Self(Ours {
                pool: pool.clone(),
                len: plan.len,
            })
        };
        plans.iter().map(with).collect()
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
