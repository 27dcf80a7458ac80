//! `join` in the words of each library.

use super::{Context, Cx, Join, Library, Order, Pools, Role};
use crate::join::tree::{Node, sums};
use std::panic::resume_unwind;
use std::thread;

/// No library: the first arm, then the second.
#[derive(Debug)]
pub struct FirstFirst;

impl<Life> Context<Life> for FirstFirst {
    type Cx = ();
}

impl Library for FirstFirst {
    const NAME: &'static str = "sequential, first arm first";
    const ROLE: Role = Role::Sequential;

    #[inline(always)]
    fn again<'x, 'a, 'b>(_: &'x mut Cx<'a, 'b, Self>) -> Cx<'x, 'b, Self> {}

    fn inside<F: FnOnce(()) -> R + Send, R: Send>(_: &Pools, f: F) -> R {
        f(())
    }
}

impl Join for FirstFirst {
    const ORDER: Order = Order::First;

    #[inline(always)]
    fn join<A, B, RA, RB>((): (), a: A, b: B) -> (RA, RB)
    where
        A: FnOnce(()) -> RA + Send,
        B: FnOnce(()) -> RB + Send,
        RA: Send,
        RB: Send,
    {
        let ra = a(());
        let rb = b(());
        (ra, rb)
    }

    fn sum_of_tree((): (), node: &Node) -> u64 {
        sums::first_first(node)
    }
}

/// No library: the second arm, then the first.
#[derive(Debug)]
pub struct SecondFirst;

impl<Life> Context<Life> for SecondFirst {
    type Cx = ();
}

impl Library for SecondFirst {
    const NAME: &'static str = "sequential, second arm first";
    const ROLE: Role = Role::Sequential;

    #[inline(always)]
    fn again<'x, 'a, 'b>(_: &'x mut Cx<'a, 'b, Self>) -> Cx<'x, 'b, Self> {}

    fn inside<F: FnOnce(()) -> R + Send, R: Send>(_: &Pools, f: F) -> R {
        f(())
    }
}

impl Join for SecondFirst {
    const ORDER: Order = Order::Second;

    #[inline(always)]
    fn join<A, B, RA, RB>((): (), a: A, b: B) -> (RA, RB)
    where
        A: FnOnce(()) -> RA + Send,
        B: FnOnce(()) -> RB + Send,
        RA: Send,
        RB: Send,
    {
        let rb = b(());
        let ra = a(());
        (ra, rb)
    }

    fn sum_of_tree((): (), node: &Node) -> u64 {
        sums::second_first(node)
    }
}

/// zeropool. Inside means in a spawned task; outside, in a thread that uses the pool as its current one.
#[derive(Debug)]
pub struct Zp;

impl<Life> Context<Life> for Zp {
    type Cx = ();
}

impl Library for Zp {
    const NAME: &'static str = "zeropool";
    const ROLE: Role = Role::Us;

    #[inline(always)]
    fn again<'x, 'a, 'b>(_: &'x mut Cx<'a, 'b, Self>) -> Cx<'x, 'b, Self> {}

    fn inside<F: FnOnce(()) -> R + Send, R: Send>(pools: &Pools, f: F) -> R {
        pools.zp().scope(|s| s.spawn(move || f(())).join())
    }

    fn outside<F: FnOnce(()) -> R + Send, R: Send>(pools: &Pools, f: F) -> R {
        pools.zp().install(|| f(()))
    }
}

impl Join for Zp {
    const ORDER: Order = Order::First;

    #[inline(always)]
    fn join<A, B, RA, RB>((): (), a: A, b: B) -> (RA, RB)
    where
        A: FnOnce(()) -> RA + Send,
        B: FnOnce(()) -> RB + Send,
        RA: Send,
        RB: Send,
    {
        zp::join(move || a(()), move || b(()))
    }

    fn sum_of_tree((): (), node: &Node) -> u64 {
        sums::zp(node)
    }
}

/// rayon.
#[derive(Debug)]
pub struct Rayon;

impl<Life> Context<Life> for Rayon {
    type Cx = ();
}

impl Library for Rayon {
    const NAME: &'static str = "rayon";
    const ROLE: Role = Role::Peer;

    #[inline(always)]
    fn again<'x, 'a, 'b>(_: &'x mut Cx<'a, 'b, Self>) -> Cx<'x, 'b, Self> {}

    fn inside<F: FnOnce(()) -> R + Send, R: Send>(pools: &Pools, f: F) -> R {
        pools.rayon().install(|| f(()))
    }
}

impl Join for Rayon {
    const ORDER: Order = Order::First;

    #[inline(always)]
    fn join<A, B, RA, RB>((): (), a: A, b: B) -> (RA, RB)
    where
        A: FnOnce(()) -> RA + Send,
        B: FnOnce(()) -> RB + Send,
        RA: Send,
        RB: Send,
    {
        rayon::join(move || a(()), move || b(()))
    }

    fn sum_of_tree((): (), node: &Node) -> u64 {
        sums::rayon(node)
    }
}

/// chili. It offers the first arm and runs the second, always in that order. A scope is made per call of `inside`.
#[derive(Debug)]
pub struct Chili;

impl<'a, 'b> Context<&'a &'b ()> for Chili {
    type Cx = &'a mut chili::Scope<'b>;
}

impl Library for Chili {
    const NAME: &'static str = "chili";
    const ROLE: Role = Role::Peer;

    #[inline(always)]
    fn again<'x, 'a, 'b>(cx: &'x mut Cx<'a, 'b, Self>) -> Cx<'x, 'b, Self> {
        cx
    }

    fn inside<F, R>(pools: &Pools, f: F) -> R
    where
        F: for<'a, 'b> FnOnce(&'a mut chili::Scope<'b>) -> R + Send,
        R: Send,
    {
        f(&mut pools.chili().scope())
    }
}

impl Join for Chili {
    const ORDER: Order = Order::Second;

    #[inline(always)]
    fn join<A, B, RA, RB>(cx: Cx<'_, '_, Self>, a: A, b: B) -> (RA, RB)
    where
        A: for<'a, 'b> FnOnce(&'a mut chili::Scope<'b>) -> RA + Send,
        B: for<'a, 'b> FnOnce(&'a mut chili::Scope<'b>) -> RB + Send,
        RA: Send,
        RB: Send,
    {
        cx.join(a, b)
    }

    fn sum_of_tree(cx: Cx<'_, '_, Self>, node: &Node) -> u64 {
        sums::chili(cx, node)
    }
}

/// forte. While fewer than four joins are open on a thread it runs the second arm first, below that the first: nearly all
/// joins of a large tree are below.
#[cfg(feature = "forte")]
#[derive(Debug)]
pub struct Forte;

#[cfg(feature = "forte")]
impl<'a> Context<&'a &()> for Forte {
    type Cx = &'a forte::Worker;
}

#[cfg(feature = "forte")]
impl Library for Forte {
    const NAME: &'static str = "forte";
    const ROLE: Role = Role::Peer;

    #[inline(always)]
    fn again<'x, 'a, 'b>(cx: &'x mut Cx<'a, 'b, Self>) -> Cx<'x, 'b, Self> {
        cx
    }

    fn inside<F, R>(pools: &Pools, f: F) -> R
    where
        F: for<'a, 'b> FnOnce(Cx<'a, 'b, Self>) -> R + Send,
        R: Send,
    {
        pools.forte().with_worker(|worker| f(worker))
    }

    /// A pool has 32 seats.
    fn can_have(workers: usize) -> bool {
        workers <= 32
    }
}

#[cfg(feature = "forte")]
impl Join for Forte {
    const ORDER: Order = Order::First;

    #[inline(always)]
    fn join<A, B, RA, RB>(cx: Cx<'_, '_, Self>, a: A, b: B) -> (RA, RB)
    where
        A: for<'a, 'b> FnOnce(Cx<'a, 'b, Self>) -> RA + Send,
        B: for<'a, 'b> FnOnce(Cx<'a, 'b, Self>) -> RB + Send,
        RA: Send,
        RB: Send,
    {
        cx.join(|w| a(w), |w| b(w))
    }

    fn sum_of_tree(cx: Cx<'_, '_, Self>, node: &Node) -> u64 {
        sums::forte(cx, node)
    }
}

/// bevy_tasks, which has scopes and no join: the second arm is spawned, and the first runs in the scope's body.
#[derive(Debug)]
pub struct Bevy;

impl<'a> Context<&'a &()> for Bevy {
    type Cx = &'a bevy_tasks::TaskPool;
}

impl Library for Bevy {
    const NAME: &'static str = "bevy_tasks";
    const ROLE: Role = Role::Peer;

    #[inline(always)]
    fn again<'x, 'a, 'b>(cx: &'x mut Cx<'a, 'b, Self>) -> Cx<'x, 'b, Self> {
        cx
    }

    fn inside<F, R>(pools: &Pools, f: F) -> R
    where
        F: for<'a> FnOnce(&'a bevy_tasks::TaskPool) -> R + Send,
        R: Send,
    {
        let pool = pools.bevy();
        let mut result = None;
        let place = &mut result;
        pool.scope(move |s| s.spawn(async move { *place = Some(f(pool)) }));
        result.unwrap_or_else(|| unreachable!("a scope ends when its tasks have"))
    }

    fn outside<F, R>(pools: &Pools, f: F) -> R
    where
        F: for<'a> FnOnce(&'a bevy_tasks::TaskPool) -> R + Send,
        R: Send,
    {
        f(pools.bevy())
    }
}

impl Join for Bevy {
    const ORDER: Order = Order::First;

    fn join<A, B, RA, RB>(pool: &bevy_tasks::TaskPool, a: A, b: B) -> (RA, RB)
    where
        A: for<'a> FnOnce(&'a bevy_tasks::TaskPool) -> RA + Send,
        B: for<'a> FnOnce(&'a bevy_tasks::TaskPool) -> RB + Send,
        RA: Send,
        RB: Send,
    {
        let (mut ra, mut rb) = (None, None);
        let (first, second) = (&mut ra, &mut rb);
        pool.scope(move |s| {
            s.spawn(async move { *second = Some(b(pool)) });
            *first = Some(a(pool));
        });
        match (ra, rb) {
            (Some(ra), Some(rb)) => (ra, rb),
            _ => unreachable!("a scope ends when its tasks have"),
        }
    }
}

/// The standard library: a new thread for the second arm of every join. With the standard's stack size: the C library keeps
/// stacks of ended threads for new ones, but not large ones.
#[derive(Debug)]
pub struct StdScope;

impl<Life> Context<Life> for StdScope {
    type Cx = ();
}

impl Library for StdScope {
    const NAME: &'static str = "std::thread::scope";
    const ROLE: Role = Role::Peer;

    #[inline(always)]
    fn again<'x, 'a, 'b>(_: &'x mut Cx<'a, 'b, Self>) -> Cx<'x, 'b, Self> {}

    fn inside<F: FnOnce(()) -> R + Send, R: Send>(_: &Pools, f: F) -> R {
        f(())
    }
}

impl Join for StdScope {
    const ORDER: Order = Order::First;

    fn join<A, B, RA, RB>((): (), a: A, b: B) -> (RA, RB)
    where
        A: FnOnce(()) -> RA + Send,
        B: FnOnce(()) -> RB + Send,
        RA: Send,
        RB: Send,
    {
        thread::scope(|s| {
            let second = thread::Builder::new()
                .stack_size(2 << 20)
                .spawn_scoped(s, move || b(()))
                .unwrap_or_else(|error| panic!("std::thread::scope: {error}"));
            let first = a(());
            match second.join() {
                Ok(second) => (first, second),
                Err(payload) => resume_unwind(payload),
            }
        })
    }
}
