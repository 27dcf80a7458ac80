//! One thread, one buffer at a time.

use super::lent::{Lent, fill, touch_first, touch_pages};
use super::source::{BUFFERS, Job, Plan, Source, check, timed};
use super::sources::{that_do_not_zero, that_zero};
use crate::contest::{Batch, Contest, Done, Entries, Place, Work};
use crate::group::{Kind, Needs, Row};
use crate::peers::{Pools, Role};
use std::hint::black_box;
use std::marker::PhantomData;

/// What there is to a loan.
pub(super) const UNINIT_4K: Row = Row {
    name: "uninit-4k",
    shows: "get a buffer of 4 KiB that nobody zeroes and drop it unwritten, warm; baseline: nothing",
    size: 4 << 10,
    tiny: 100,
    needs: Needs::Nothing,
    kind: Kind::Baseline,
    make: uninit,
};

/// The same if it is not small.
pub(super) const UNINIT_64K: Row = Row {
    name: "uninit-64k",
    shows: "get a buffer of 64 KiB that nobody zeroes and drop it unwritten, warm; baseline: nothing",
    size: 64 << 10,
    ..UNINIT_4K
};

/// The same if it is large.
pub(super) const UNINIT_1M: Row = Row {
    name: "uninit-1m",
    shows: "get a buffer of 1 MiB that nobody zeroes and drop it unwritten, warm; baseline: nothing",
    size: 1 << 20,
    ..UNINIT_4K
};

/// Memory twice over, and what there is to a loan.
pub(super) const OVERWRITE_4K: Row = Row {
    name: "overwrite-4k",
    shows: "get 4 KiB of zeroes, write every byte, drop; baseline: two memsets of that length",
    make: |pools, len| {
        zeroed::<Overwrite>(
            pools,
            len,
            |entries| that_zero!(entries; OursUninit, ShardedSlab<true>, Mempool<true>, Lifeguard<true>),
        )
    },
    ..UNINIT_4K
};

/// The same if it does not fit the first cache.
pub(super) const OVERWRITE_64K: Row = Row {
    name: "overwrite-64k",
    shows: "get 64 KiB of zeroes, write every byte, drop; baseline: two memsets of that length",
    size: 64 << 10,
    ..OVERWRITE_4K
};

/// The same if it fits the second cache at best.
pub(super) const OVERWRITE_1M: Row = Row {
    name: "overwrite-1m",
    shows: "get 1 MiB of zeroes, write every byte, drop; baseline: two memsets of that length",
    size: 1 << 20,
    ..OVERWRITE_4K
};

/// Few bytes are written, and all might have been.
pub(super) const TOUCH: Row = Row {
    name: "touch-64k",
    shows: "get 64 KiB of zeroes, write a byte in each page, drop; baseline: that and one memset",
    size: 64 << 10,
    make: |pools, len| {
        zeroed::<Touch>(
            pools,
            len,
            |entries| that_zero!(entries; ShardedSlab<true>, Mempool<true>, Lifeguard<true>),
        )
    },
    ..UNINIT_4K
};

/// Where a thread's cache belongs to one pool at a time, this is where it fails.
pub(super) const TWO_POOLS: Row = Row {
    name: "two-pools",
    shows: "4 KiB of zeroes from one pool, then from another: get, write the first byte, drop; baseline: with one memset each",
    make: |pools, len| two_pools::<true>(pools, len),
    ..UNINIT_4K
};

/// The same without the memsets.
pub(super) const TWO_POOLS_DIRTY: Row = Row {
    name: "two-pools-dirty",
    shows: "4 KiB that nobody has to zero from one pool, then from another: get, write the first byte, drop",
    make: |pools, len| two_pools::<false>(pools, len),
    ..UNINIT_4K
};

/// What is done with a buffer.
trait Use: Send + 'static {
    fn on(lent: &mut impl Lent);
}

struct Nothing;

impl Use for Nothing {
    #[inline]
    fn on(lent: &mut impl Lent) {
        black_box(lent);
    }
}

struct First;

impl Use for First {
    #[inline]
    fn on(lent: &mut impl Lent) {
        touch_first(lent);
    }
}

struct Touch;

impl Use for Touch {
    #[inline]
    fn on(lent: &mut impl Lent) {
        touch_pages(lent);
    }
}

struct Overwrite;

impl Use for Overwrite {
    #[inline]
    fn on(lent: &mut impl Lent) {
        fill(lent, 0xAB);
    }
}

/// A buffer is used as `U` says and given back.
struct Loan<U> {
    plan: Plan,
    how: PhantomData<U>,
}

impl<U: Use> Loan<U> {
    fn new(len: usize) -> Self {
        Self {
            plan: Plan {
                len,
                buffers: BUFFERS,
            },
            how: PhantomData,
        }
    }

    /// The same with a buffer that is kept, and wiped after use if `zeroed`.
    fn kept(&self, zeroed: bool, batch: Batch) -> Done {
        let mut buffer = vec![0; self.plan.len];
        timed(self.expected(), batch, || {
            U::on(&mut buffer);
            if zeroed {
                fill(&mut buffer, 0);
            }
            buffer.len() as u64
        })
    }
}

impl<U: Use> Work for Loan<U> {
    fn expected(&self) -> u64 {
        self.plan.len as u64
    }
}

impl<U: Use, S: Source> Job<S> for Loan<U> {
    type State = S;

    fn state(&self) -> S {
        S::new(self.plan)
    }

    fn check(&self, source: &S) {
        check(source, self.plan);
    }

    fn run(&self, source: &S, batch: Batch) -> Done {
        timed(self.plan.len as u64, batch, || {
            let mut lent = source.get();
            U::on(&mut lent);
            lent.len() as u64
        })
    }
}

fn uninit(pools: &Pools, len: usize) -> Contest<'_> {
    let entries = Entries::new(pools, Place::Outside, Loan::<Nothing>::new(len)).measured(
        "baseline: nothing",
        Role::Sequential,
        |_, loan, batch| loan.kept(false, batch),
    );
    that_do_not_zero!(entries; OursUninit, ShardedSlab<false>, Mempool<false>, Lifeguard<false>)
        .close()
}

fn zeroed<U: Use>(
    pools: &Pools,
    len: usize,
    others: impl for<'p> FnOnce(Entries<'p, Loan<U>>) -> Entries<'p, Loan<U>>,
) -> Contest<'_> {
    let entries = Entries::new(pools, Place::Outside, Loan::<U>::new(len)).measured(
        "baseline: kept, wiped after use",
        Role::Sequential,
        |_, loan, batch| loan.kept(true, batch),
    );
    others(entries).close()
}

/// The same with two pools in turn.
struct InTurn(Loan<First>);

impl Work for InTurn {
    fn expected(&self) -> u64 {
        2 * self.0.expected()
    }
}

impl<S: Source> Job<S> for InTurn {
    type State = [S; 2];

    fn state(&self) -> [S; 2] {
        [(); 2].map(|()| S::new(self.0.plan))
    }

    fn check(&self, sources: &[S; 2]) {
        for source in sources {
            check(source, self.0.plan);
        }
    }

    fn run(&self, sources: &[S; 2], batch: Batch) -> Done {
        timed(self.expected(), batch, || {
            let mut sum = 0;
            for source in sources {
                let mut lent = source.get();
                First::on(&mut lent);
                sum += lent.len() as u64;
            }
            sum
        })
    }
}

fn two_pools<const ZEROED: bool>(pools: &Pools, len: usize) -> Contest<'_> {
    let baseline = if ZEROED {
        "baseline: kept, wiped after use"
    } else {
        "baseline: kept"
    };
    let work = InTurn(Loan::new(len));
    let entries = Entries::new(pools, Place::Outside, work).measured(
        baseline,
        Role::Sequential,
        |_, InTurn(loan), batch| {
            let mut buffers = [(); 2].map(|()| vec![0; loan.plan.len]);
            timed(2 * loan.expected(), batch, || {
                let mut sum = 0;
                for buffer in &mut buffers {
                    First::on(buffer);
                    if ZEROED {
                        fill(buffer, 0);
                    }
                    sum += buffer.len() as u64;
                }
                sum
            })
        },
    );
    if ZEROED {
        that_zero!(entries; ShardedSlab<true>, Mempool<true>, Lifeguard<true>).close()
    } else {
        that_do_not_zero!(entries; Ours, ShardedSlab<false>, Mempool<false>, Lifeguard<false>)
            .close()
    }
}
