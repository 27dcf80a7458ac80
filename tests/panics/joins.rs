//! Panics of join arms, run by the caller or by a thief.

use crate::support::{LIMIT, Ledger, Token, on_worker, payload_of, pool, times, within};
use std::panic::panic_any;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};
use std::thread;

/// Where the arms run.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Arms {
    /// All on one thread: a pool of one worker, from inside.
    Inline,
    /// Each on a thread of its own: none goes on before all have begun.
    Stolen,
}

/// Lets no arm go on before all have begun, if they are to be stolen.
#[derive(Debug)]
struct Start {
    missing: AtomicUsize,
}

impl Start {
    fn new(arms: Arms, count: usize) -> Self {
        let missing = if arms == Arms::Stolen { count } else { 0 };
        Self {
            missing: AtomicUsize::new(missing),
        }
    }

    fn here(&self) {
        if self.missing.load(SeqCst) > 0 {
            self.missing.fetch_sub(1, SeqCst);
            while self.missing.load(SeqCst) > 0 {
                thread::yield_now();
            }
        }
    }
}

/// The payload of an arm's panic.
#[derive(Debug)]
struct Arm(
    usize,
    #[allow(dead_code, reason = "dropped with the payload")] Token,
);

/// One set of arms: each has an argument and a result, and panics if its bit is set.
struct Case {
    ledger: Ledger,
    start: Start,
    failing: usize,
    begun: AtomicUsize,
}

impl Case {
    fn new(arms: Arms, count: usize, failing: usize) -> Self {
        Self {
            ledger: Ledger::new(),
            start: Start::new(arms, count),
            failing,
            begun: AtomicUsize::new(0),
        }
    }

    fn arm(&self, index: usize, argument: Token) -> Token {
        self.begun.fetch_or(1 << index, SeqCst);
        self.start.here();
        let result = self.ledger.token();
        if self.failing >> index & 1 == 1 {
            panic_any(Arm(index, self.ledger.token()));
        }
        drop(argument);
        result
    }

    fn check(self, join: impl FnOnce(&Self)) {
        if self.failing == 0 {
            join(&self);
        } else {
            let payload = payload_of(|| join(&self));
            let Arm(index, _) = *payload.downcast::<Arm>().unwrap();
            assert_eq!(
                index,
                self.failing.trailing_zeros() as usize,
                "the leftmost panic"
            );
        }
        self.ledger.assert_balanced();
    }
}

fn two(arms: Arms, failing: usize) {
    Case::new(arms, 2, failing).check(|case| {
        let [a, b] = [(); 2].map(|()| case.ledger.token());
        zp::join(|| case.arm(0, a), || case.arm(1, b));
    });
    Case::new(arms, 2, failing).check(|case| {
        let [a, b] = [(); 2].map(|()| case.ledger.token());
        zp::join!(case.arm(0, a), case.arm(1, b));
    });
}

fn five(arms: Arms, failing: usize) {
    Case::new(arms, 5, failing).check(|case| {
        let [a, b, c, d, e] = [(); 5].map(|()| case.ledger.token());
        zp::join!(
            case.arm(0, a),
            case.arm(1, b),
            case.arm(2, c),
            case.arm(3, d),
            case.arm(4, e)
        );
    });
}

fn five_tried(arms: Arms, failing: usize) {
    Case::new(arms, 5, failing).check(|case| {
        let [a, b, c, d, e] = [(); 5].map(|()| case.ledger.token());
        let ok: Result<_, ()> = zp::try_join!(
            Ok(case.arm(0, a)),
            Ok(case.arm(1, b)),
            Ok(case.arm(2, c)),
            Ok(case.arm(3, d)),
            Ok(case.arm(4, e))
        );
        assert!(ok.is_ok());
    });
}

/// Every subset of failing arms, many times over on the same pool, which has to stay usable.
fn all(arms: Arms, count: usize, run: fn(Arms, usize)) {
    let workers = if arms == Arms::Inline { 1 } else { count };
    let pool = pool(workers);
    for _ in 0..times(5, 1) {
        for failing in 0..1 << count {
            on_worker(&pool, move || run(arms, failing));
            if arms == Arms::Stolen {
                // The caller from outside is one of the threads.
                pool.install(|| run(arms, failing));
            }
        }
    }
    assert_eq!(on_worker(&pool, || zp::join!(1, 2)), (1, 2));
}

#[test]
fn arms_of_a_pair_panic_inline() {
    within(LIMIT, || all(Arms::Inline, 2, two));
}

#[test]
fn arms_of_a_pair_panic_when_stolen() {
    within(LIMIT, || all(Arms::Stolen, 2, two));
}

#[test]
fn arms_of_many_panic_inline() {
    within(LIMIT, || all(Arms::Inline, 5, five));
}

#[test]
fn arms_of_many_panic_when_stolen() {
    within(LIMIT, || all(Arms::Stolen, 5, five));
}

#[test]
fn arms_of_try_join_panic_inline() {
    within(LIMIT, || all(Arms::Inline, 5, five_tried));
}

#[test]
fn arms_of_try_join_panic_when_stolen() {
    within(LIMIT, || all(Arms::Stolen, 5, five_tried));
}

#[test]
fn a_panic_keeps_a_second_arm_from_starting_if_nobody_has_it() {
    within(LIMIT, || {
        let begun = on_worker(&pool(1), || {
            let case = Arc::new(Case::new(Arms::Inline, 2, 1));
            let [a, b] = [(); 2].map(|()| case.ledger.token());
            let payload = payload_of(|| zp::join(|| case.arm(0, a), || case.arm(1, b)));
            drop(payload);
            case.ledger.assert_balanced();
            case.begun.load(SeqCst)
        });
        assert_eq!(begun, 1);
    });
}

/// Errors and panics mixed: the leftmost failure of either kind wins.
fn mixed(arms: Arms) {
    for kinds in 0..27_usize {
        let kind = |at: u32| kinds / 3_usize.pow(at) % 3;
        let start = Start::new(arms, 3);
        let ledger = Ledger::new();
        let arm = |at: u32| {
            start.here();
            let token = ledger.token();
            match kind(at) {
                0 => Ok(token),
                1 => Err((at, token)),
                _ => panic_any(Arm(at as usize, token)),
            }
        };
        let run = || zp::try_join!(arm(0), arm(1), arm(2));
        match (0..3).find(|&at| kind(at) > 0) {
            None => assert!(run().is_ok()),
            Some(at) if kind(at) == 1 => assert_eq!(run().unwrap_err().0, at),
            Some(at) => {
                let payload = payload_of(run);
                assert_eq!(payload.downcast::<Arm>().unwrap().0, at as usize);
            }
        }
        ledger.assert_balanced();
    }
}

#[test]
fn the_leftmost_failure_wins_be_it_an_error_or_a_panic() {
    within(LIMIT, || {
        on_worker(&pool(1), || mixed(Arms::Inline));
        let pool = pool(3);
        on_worker(&pool, || mixed(Arms::Stolen));
        pool.install(|| mixed(Arms::Stolen));
    });
}

#[test]
fn a_panic_deep_in_a_tree_reaches_the_top() {
    fn tree(depth: u32, leaf: u32, ledger: &Ledger) -> Token {
        if depth == 0 {
            assert_ne!(leaf, 11, "the eleventh leaf");
            return ledger.token();
        }
        let held = ledger.token();
        let (a, b) = zp::join!(
            tree(depth - 1, leaf * 2, ledger),
            tree(depth - 1, leaf * 2 + 1, ledger)
        );
        drop((held, a));
        b
    }
    within(LIMIT, || {
        for workers in [1, 2, 4] {
            let pool = pool(workers);
            for _ in 0..times(100, 2) {
                let ledger = Ledger::new();
                let payload = payload_of(|| pool.install(|| tree(5, 0, &ledger)));
                let text = crate::support::message(&*payload);
                assert!(text.contains("the eleventh leaf"), "{text}");
                ledger.assert_balanced();
            }
        }
    });
}
