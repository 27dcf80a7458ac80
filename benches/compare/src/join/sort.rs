//! Sorting a million numbers.

use crate::contest::{Entries, Kernel, Place, Work};
use crate::group::{Kind, Needs, Row};
use crate::peers::{Cx, Join};
use crate::random::{numbers, scatter};

/// Uneven halves, all the work before the join: the first split of the million is sequential for everybody.
pub(super) const QUICK: Row = Row {
    name: "quicksort-1m",
    shows: "quicksort of 1 000 000 u32, in place: uneven halves, the work comes before the join",
    size: 1_000_000,
    tiny: 2_000,
    needs: Needs::One,
    kind: Kind::Hot,
    make: |pools, size| {
        Entries::new(pools, Place::Inside, Sort::<true>::new(size))
            .all_that_join()
            .close()
    },
};

/// Even halves, all the work after the join: whoever waits for the other half holds up its merge.
pub(super) const MERGE: Row = Row {
    name: "mergesort-1m",
    shows: "mergesort of 1 000 000 u32: even halves, the work comes after the join",
    size: 1_000_000,
    tiny: 2_000,
    needs: Needs::One,
    kind: Kind::Hot,
    make: |pools, size| {
        Entries::new(pools, Place::Inside, Sort::<false>::new(size))
            .all_that_join()
            .close()
    },
};

/// Slices up to this length are sorted by insertion: what every sort does, and still some 20 ns to a few hundred per join.
const SHORT: usize = 32;

struct Sort<const QUICK: bool> {
    input: Vec<u32>,
    work: Vec<u32>,
    spare: Vec<u32>,
    expected: u64,
}

impl<const QUICK: bool> Sort<QUICK> {
    fn new(len: usize) -> Self {
        let input = numbers(42, len);
        Self {
            work: input.clone(),
            spare: vec![0; len],
            expected: sum_of_scattered(&input),
            input,
        }
    }
}

/// The same for every order of the same numbers, and hardly ever for others.
fn sum_of_scattered(numbers: &[u32]) -> u64 {
    numbers
        .iter()
        .map(|&number| scatter(number.into()))
        .fold(0, u64::wrapping_add)
}

fn insertion_sort(v: &mut [u32]) {
    for end in 1..v.len() {
        let new = v[end];
        let mut at = end;
        while at > 0 && v[at - 1] > new {
            v[at] = v[at - 1];
            at -= 1;
        }
        v[at] = new;
    }
}

/// Splits around the median of three; returns its place.
fn partition(v: &mut [u32]) -> usize {
    let (middle, last) = (v.len() / 2, v.len() - 1);
    for (a, b) in [(0, middle), (0, last), (middle, last)] {
        if v[b] < v[a] {
            v.swap(a, b);
        }
    }
    v.swap(middle, last);
    let pivot = v[last];
    let mut below = 0;
    for at in 0..last {
        let number = v[at];
        v.swap(at, below);
        below += usize::from(number < pivot);
    }
    v.swap(below, last);
    below
}

fn quicksort<J: Join>(cx: Cx<'_, '_, J>, v: &mut [u32]) {
    if v.len() <= SHORT {
        return insertion_sort(v);
    }
    let pivot = partition(v);
    let (left, right) = v.split_at_mut(pivot);
    J::join(
        cx,
        |cx| quicksort::<J>(cx, left),
        |cx| quicksort::<J>(cx, &mut right[1..]),
    );
}

fn merge(left: &[u32], right: &[u32], into: &mut [u32]) {
    let (mut l, mut r) = (0, 0);
    for place in into {
        let take_left = r == right.len() || (l < left.len() && left[l] <= right[r]);
        if take_left {
            *place = left[l];
            l += 1;
        } else {
            *place = right[r];
            r += 1;
        }
    }
}

fn mergesort<J: Join>(cx: Cx<'_, '_, J>, v: &mut [u32], spare: &mut [u32]) {
    if v.len() <= SHORT {
        return insertion_sort(v);
    }
    let middle = v.len() / 2;
    let (left, right) = v.split_at_mut(middle);
    let (spare_left, spare_right) = spare.split_at_mut(middle);
    J::join(
        cx,
        |cx| mergesort::<J>(cx, left, spare_left),
        |cx| mergesort::<J>(cx, right, spare_right),
    );
    merge(left, right, spare);
    v.copy_from_slice(spare);
}

impl<const QUICK: bool> Work for Sort<QUICK> {
    const PREPARES: bool = true;

    fn prepare(&mut self) {
        self.work.copy_from_slice(&self.input);
    }

    fn digest(&self) -> u64 {
        let sum = sum_of_scattered(&self.work);
        // Any other number than the expected one will do.
        if self.work.is_sorted() { sum } else { !sum }
    }

    fn expected(&self) -> u64 {
        self.expected
    }
}

impl<const QUICK: bool> Kernel for Sort<QUICK> {
    fn run<J: Join>(&mut self, cx: Cx<'_, '_, J>) -> u64 {
        if QUICK {
            quicksort::<J>(cx, &mut self.work);
        } else {
            mergesort::<J>(cx, &mut self.work, &mut self.spare);
        }
        0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_wrong_order_or_number_has_another_digest() {
        let mut sort = Sort::<true>::new(1000);
        assert_ne!(sort.digest(), sort.expected());
        sort.work.sort_unstable();
        assert_eq!(sort.digest(), sort.expected());
        sort.work[0] = sort.work[1];
        assert_ne!(sort.digest(), sort.expected());
    }
}
