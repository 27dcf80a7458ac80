//! Who runs what: kernels, which are the work of a row, and contenders, which are a library at that work.

use crate::peers::{
    Chili, Cx, FirstFirst, Join, Library, Loops, Order, Orx, Paralight, Plain, Pools, Rayon, Role,
    SecondFirst, StdChunks, ZeroPool, Zp,
};
use std::cell::RefCell;
use std::fmt;
use std::hint::black_box;
use std::rc::Rc;
use std::time::{Duration, Instant};

/// The data of a row, and how results are checked.
pub trait Work: Send {
    /// True if the work changes its input: [`prepare`](Self::prepare) is then called before each run, untimed, and
    /// [`digest`](Self::digest) after the last one of a batch.
    const PREPARES: bool = false;

    /// Restores the input.
    fn prepare(&mut self) {}

    /// The value of what a run has left in memory, for work that prepares.
    fn digest(&self) -> u64 {
        0
    }

    /// What a run returns, or what `digest` returns for work that prepares.
    fn expected(&self) -> u64;

    /// How many joins one run makes, if that is known.
    fn joins(&self) -> Option<u64> {
        None
    }
}

/// Work that joins, written once for all libraries.
pub trait Kernel: Work {
    /// The work itself, which is timed.
    fn run<J: Join>(&mut self, cx: Cx<'_, '_, J>) -> u64;
}

/// Work in a loop, written once for all libraries.
pub trait LoopKernel: Work {
    /// The work itself, which is timed.
    fn run<L: Loops>(&mut self, cx: Cx<'_, '_, L>) -> u64;
}

/// From where the libraries are called.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Place {
    /// Where their own tasks run, which is entered once per batch.
    Inside,
    /// From a thread that does not belong to them, anew for each operation.
    Outside,
}

/// So many operations in a row.
#[derive(Debug, Clone, Copy)]
pub struct Batch {
    /// Operations before the clock starts.
    pub warm: u64,
    /// Operations that are timed, at least one.
    pub timed: u64,
}

/// A batch that has run.
#[derive(Debug, Clone, Copy)]
pub struct Done {
    /// How long the timed operations took, all together.
    pub time: Duration,
    /// Their result; if one of them was wrong, that of a wrong one.
    pub got: u64,
}

/// Runs a batch. Not inlined, so that `ci/instructions.sh` can count what happens in here and nothing else.
#[inline(never)]
pub(crate) fn measured_batch<K: Work>(
    kernel: &mut K,
    batch: Batch,
    mut op: impl FnMut(&mut K) -> u64,
) -> Done {
    for _ in 0..batch.warm {
        kernel.prepare();
        black_box(op(black_box(kernel)));
    }
    if K::PREPARES {
        let mut time = Duration::ZERO;
        for _ in 0..batch.timed {
            kernel.prepare();
            let begin = Instant::now();
            black_box(op(black_box(kernel)));
            time += begin.elapsed();
        }
        return Done {
            time,
            got: kernel.digest(),
        };
    }
    let expected = kernel.expected();
    let mut got = expected;
    let begin = Instant::now();
    for _ in 0..batch.timed {
        let value = black_box(op(black_box(kernel)));
        if value != expected {
            got = value;
        }
    }
    Done {
        time: begin.elapsed(),
        got,
    }
}

/// A library at the work of a row.
pub struct Contender<'p> {
    /// What it is called in tables.
    pub name: &'static str,
    /// What it is to the others.
    pub role: Role,
    /// Which arm it runs first, and so with which sequential run it is compared.
    pub order: Order,
    run: Box<dyn FnMut(Batch) -> Done + 'p>,
}

impl Contender<'_> {
    /// Runs a batch.
    pub fn run(&mut self, batch: Batch) -> Done {
        (self.run)(batch)
    }
}

impl fmt::Debug for Contender<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Contender")
            .field("name", &self.name)
            .finish_non_exhaustive()
    }
}

/// All contenders of a row.
#[derive(Debug)]
pub struct Contest<'p> {
    /// The sequential ones first, then we, then the peers.
    pub contenders: Vec<Contender<'p>>,
    /// The one right result.
    pub expected: u64,
    /// How many joins one operation makes, if that is known.
    pub joins: Option<u64>,
}

/// A contest that contenders still enter.
pub struct Entries<'p, K> {
    pools: &'p Pools,
    kernel: Rc<RefCell<K>>,
    place: Place,
    contest: Contest<'p>,
}

impl<'p, K: Work + 'p> Entries<'p, K> {
    /// A contest in `kernel`, of which there is one for all, so that all work on the same data.
    pub fn new(pools: &'p Pools, place: Place, kernel: K) -> Self {
        let contest = Contest {
            contenders: Vec::new(),
            expected: kernel.expected(),
            joins: kernel.joins(),
        };
        Self {
            pools,
            kernel: Rc::new(RefCell::new(kernel)),
            place,
            contest,
        }
    }

    /// A library at the work in its own words, called from where the contest says.
    pub fn library<L: Library>(
        self,
        op: impl for<'a, 'b> Fn(Cx<'a, 'b, L>, &mut K) -> u64 + Sync + 'p,
    ) -> Self {
        self.library_called::<L>(L::NAME, op)
    }

    /// The same with a name that says how the library is used.
    pub fn library_called<L: Library>(
        self,
        name: &'static str,
        op: impl for<'a, 'b> Fn(Cx<'a, 'b, L>, &mut K) -> u64 + Sync + 'p,
    ) -> Self {
        self.enter::<L>(name, Order::First, op)
    }

    fn enter<L: Library>(
        mut self,
        name: &'static str,
        order: Order,
        op: impl for<'a, 'b> Fn(Cx<'a, 'b, L>, &mut K) -> u64 + Sync + 'p,
    ) -> Self {
        if !L::can_have(self.pools.workers()) {
            return self;
        }
        let (pools, kernel, place) = (self.pools, Rc::clone(&self.kernel), self.place);
        let run = move |batch| {
            let (kernel, op) = (&mut *kernel.borrow_mut(), &op);
            match place {
                Place::Inside => L::inside(pools, |mut cx| {
                    measured_batch(kernel, batch, |kernel| op(L::again(&mut cx), kernel))
                }),
                Place::Outside => measured_batch(kernel, batch, |kernel| {
                    L::outside(pools, |cx| op(cx, kernel))
                }),
            }
        };
        self.contest.contenders.push(Contender {
            name,
            role: L::ROLE,
            order,
            run: Box::new(run),
        });
        self
    }

    /// zeropool at the work in its own way, from outside its pool and without entering it.
    pub fn us(self, name: &'static str, op: impl Fn(&'p Pools, &mut K) -> u64 + 'p) -> Self {
        self.measured(name, Role::Us, move |pools, kernel, batch| {
            measured_batch(kernel, batch, |kernel| op(pools, kernel))
        })
    }

    /// A peer that does the same work in its own way, from outside its pool.
    pub fn peer(self, name: &'static str, op: impl Fn(&'p Pools, &mut K) -> u64 + 'p) -> Self {
        self.measured(name, Role::Peer, move |pools, kernel, batch| {
            measured_batch(kernel, batch, |kernel| op(pools, kernel))
        })
    }

    /// Somebody who measures by themselves.
    pub fn measured(
        mut self,
        name: &'static str,
        role: Role,
        run: impl Fn(&'p Pools, &mut K, Batch) -> Done + 'p,
    ) -> Self {
        let (pools, kernel) = (self.pools, Rc::clone(&self.kernel));
        let run = move |batch| run(pools, &mut *kernel.borrow_mut(), batch);
        self.contest.contenders.push(Contender {
            name,
            role,
            order: Order::First,
            run: Box::new(run),
        });
        self
    }

    /// Entries are closed.
    pub fn close(self) -> Contest<'p> {
        self.contest
    }
}

impl<'p, K: Kernel + 'p> Entries<'p, K> {
    /// The two sequential runs, zeropool, and every library that joins.
    pub fn all_that_join(self) -> Self {
        let entries = self
            .join::<FirstFirst>()
            .join::<SecondFirst>()
            .join::<Zp>()
            .join::<Rayon>()
            .join::<Chili>();
        #[cfg(feature = "forte")]
        let entries = entries.join::<crate::peers::Forte>();
        entries
    }

    /// One library that joins, unless it cannot have so many workers.
    pub fn join<J: Join>(self) -> Self {
        self.enter::<J>(J::NAME, J::ORDER, |cx, kernel| kernel.run::<J>(cx))
    }
}

impl<'p, K: LoopKernel + 'p> Entries<'p, K> {
    /// The plain loop, zeropool, and every library that loops.
    pub fn all_that_loop(self) -> Self {
        self.looped::<Plain>()
            .looped::<Zp>()
            .looped::<Rayon>()
            .looped::<Chili>()
            .looped::<Paralight>()
            .looped::<Orx>()
            .looped::<ZeroPool>()
            .looped::<StdChunks>()
    }

    /// One library that loops, unless it cannot have so many workers.
    pub fn looped<L: Loops>(self) -> Self {
        self.enter::<L>(L::NAME, Order::First, |cx, kernel| kernel.run::<L>(cx))
    }
}

impl<K> fmt::Debug for Entries<'_, K> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Entries")
            .field("contest", &self.contest)
            .finish_non_exhaustive()
    }
}
