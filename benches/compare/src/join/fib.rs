//! The Fibonacci numbers by the definition.

use crate::contest::{Entries, Kernel, Place, Work};
use crate::group::{Kind, Needs, Row};
use crate::peers::{Cx, Join};

/// Three million joins around nothing, with no memory to wait for: the bare price of a join, and whether a deep recursion
/// can be left in peace once everybody has work.
pub(super) const ROW: Row = Row {
    name: "fib-32",
    shows: "fib(32) without cut-off: the bare price of a join, no memory involved",
    size: 32,
    tiny: 12,
    needs: Needs::One,
    kind: Kind::Hot,
    make: |pools, size| {
        Entries::new(pools, Place::Inside, Fib(size as u32))
            .all_that_join()
            .close()
    },
};

struct Fib(u32);

fn fib<J: Join>(cx: Cx<'_, '_, J>, n: u32) -> u64 {
    if n < 2 {
        return u64::from(n);
    }
    let (a, b) = J::join(cx, |cx| fib::<J>(cx, n - 1), |cx| fib::<J>(cx, n - 2));
    a + b
}

/// The same in n steps.
fn fib_by_adding(n: u32) -> u64 {
    (0..n).fold((0, 1), |(a, b), _| (b, a + b)).0
}

impl Work for Fib {
    fn expected(&self) -> u64 {
        fib_by_adding(self.0)
    }

    fn joins(&self) -> Option<u64> {
        Some(fib_by_adding(self.0 + 1) - 1)
    }
}

impl Kernel for Fib {
    fn run<J: Join>(&mut self, cx: Cx<'_, '_, J>) -> u64 {
        fib::<J>(cx, self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fib_and_its_joins_are_right() {
        assert_eq!(Fib(20).expected(), 6765);
        assert_eq!(Fib(20).joins(), Some(10_945));
        assert_eq!(Fib(2).joins(), Some(1));
    }
}
