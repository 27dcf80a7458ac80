//! How many ways there are to place n queens.

use crate::contest::{Entries, Kernel, Place, Work};
use crate::group::{Kind, Needs, Row};
use crate::peers::{Cx, Join};

/// A search tree whose branches end at any depth, some ten nanoseconds of bit arithmetic between joins.
pub(super) const ROW: Row = Row {
    name: "queens-11",
    shows: "all solutions of 11 queens: a ragged search tree, little work between joins",
    size: 11,
    tiny: 6,
    needs: Needs::One,
    kind: Kind::Hot,
    make: |pools, size| {
        Entries::new(pools, Place::Inside, Queens(size as u32))
            .all_that_join()
            .close()
    },
};

struct Queens(u32);

/// A board with queens in its upper rows: what they attack in the next one.
#[derive(Clone, Copy)]
struct Board {
    all: u32,
    columns: u32,
    falling: u32,
    rising: u32,
}

impl Board {
    fn empty(n: u32) -> Self {
        Self {
            all: (1 << n) - 1,
            columns: 0,
            falling: 0,
            rising: 0,
        }
    }

    fn with(self, queen: u32) -> Self {
        Self {
            all: self.all,
            columns: self.columns | queen,
            falling: (self.falling | queen) << 1,
            rising: (self.rising | queen) >> 1,
        }
    }

    fn free(self) -> u32 {
        self.all & !(self.columns | self.falling | self.rising)
    }
}

/// The solutions with a queen in the next row.
fn place<J: Join>(cx: Cx<'_, '_, J>, board: Board) -> u64 {
    if board.columns == board.all {
        return 1;
    }
    any_of::<J>(cx, board, board.free())
}

/// The solutions with the next queen on one of `free`: a join of its first place with the others.
fn any_of<J: Join>(cx: Cx<'_, '_, J>, board: Board, free: u32) -> u64 {
    let queen = free & free.wrapping_neg();
    let others = free ^ queen;
    if free == 0 {
        return 0;
    }
    if others == 0 {
        return place::<J>(cx, board.with(queen));
    }
    let (with, without) = J::join(
        cx,
        |cx| place::<J>(cx, board.with(queen)),
        |cx| any_of::<J>(cx, board, others),
    );
    with + without
}

/// The same, row by row and without bits.
fn solutions(queens: &mut Vec<u32>, n: u32) -> u64 {
    let row = queens.len() as u32;
    if row == n {
        return 1;
    }
    let mut count = 0;
    for column in 0..n {
        let attacked = (0u32..)
            .zip(queens.iter())
            .any(|(at, &queen)| queen == column || queen.abs_diff(column) == row - at);
        if !attacked {
            queens.push(column);
            count += solutions(queens, n);
            queens.pop();
        }
    }
    count
}

impl Work for Queens {
    fn expected(&self) -> u64 {
        // Known; counting them takes longer than a batch.
        match self.0 {
            11 => 2680,
            n => solutions(&mut Vec::new(), n),
        }
    }
}

impl Kernel for Queens {
    fn run<J: Join>(&mut self, cx: Cx<'_, '_, J>) -> u64 {
        place::<J>(cx, Board::empty(self.0))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn solutions_are_the_known_ones() {
        let counts: Vec<u64> = (4..=8).map(|n| solutions(&mut Vec::new(), n)).collect();
        assert_eq!(counts, [2, 10, 4, 40, 92]);
    }
}
