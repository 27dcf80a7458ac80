//! Sorting slices.
//!
//! Stable: both halves are sorted, in parallel, then merged (`merge.rs`). Unstable: quicksort, whose parts are sorted in parallel. Short
//! parts are sorted by the standard library.

use super::merge::merge;
use crate::runtime::parallel;
use std::cmp::Ordering;
use std::mem::MaybeUninit;

/// Slices of fewer items are sorted by one thread.
const SORTED_ALONE: usize = if cfg!(miri) { 16 } else { 4096 };

/// Items of so many bytes are swapped in vain rather than with a branch.
const SWAPPED_ALWAYS: usize = 32;

/// Each worker's share is divided into so many parts. Those of quicksort are unequal; each halving of the others costs a merge.
const UNSTABLE_PARTS: usize = 8;
const STABLE_PARTS: usize = 2;

/// Sorts, keeping equal items in order; see [`slice::sort`], whose parallel form this is. Allocates a buffer as large as the slice if
/// that has more than a few thousand items, and what [`slice::sort`] needs for its parts. Blocks and wakes as [`zp::join`](crate::join())
/// does; a slice of few items is sorted by the calling thread.
///
/// # Examples
///
/// ```
/// let mut words = ["pear", "fig", "apple"];
/// zp::sort(&mut words);
/// assert_eq!(words, ["apple", "fig", "pear"]);
/// ```
///
/// # Panics
/// If a comparison panics; the slice then holds the same items in some order. Or if the [global pool](crate::global) is needed and
/// cannot be started.
pub fn sort<T: Ord + Send>(items: &mut [T]) {
    stable(items, T::lt, |part| part.sort());
}

/// As [`sort`], in the order that `compare` says. Costs the same.
///
/// # Examples
///
/// ```
/// let mut numbers = [2.5, -1.0, 9.0];
/// zp::sort_by(&mut numbers, |a, b| f64::total_cmp(b, a));
/// assert_eq!(numbers, [9.0, 2.5, -1.0]);
/// ```
///
/// # Panics
/// If a comparison panics, as [`sort`].
pub fn sort_by<T, F>(items: &mut [T], compare: F)
where
    T: Send,
    F: Fn(&T, &T) -> Ordering + Sync,
{
    stable(
        items,
        |a, b| compare(a, b) == Ordering::Less,
        |part| part.sort_by(&compare),
    );
}

/// As [`sort`], by a key that is computed for each comparison. Costs the same, and the keys.
///
/// # Examples
///
/// ```
/// let mut words = ["pear", "fig", "apple"];
/// zp::sort_by_key(&mut words, |word| word.len());
/// assert_eq!(words, ["fig", "pear", "apple"]);
/// ```
///
/// # Panics
/// If a comparison or `key` panics, as [`sort`].
pub fn sort_by_key<T, K, F>(items: &mut [T], key: F)
where
    T: Send,
    K: Ord,
    F: Fn(&T) -> K + Sync,
{
    stable(items, |a, b| key(a) < key(b), |part| part.sort_by_key(&key));
}

/// Sorts in place; equal items may change places. See [`slice::sort_unstable`], whose parallel form this is. Allocates nothing. Blocks and
/// wakes as [`zp::join`](crate::join()) does; a slice of few items is sorted by the calling thread.
///
/// # Examples
///
/// ```
/// let mut numbers = vec![3, 1, 2];
/// zp::sort_unstable(&mut numbers);
/// assert_eq!(numbers, [1, 2, 3]);
/// ```
///
/// # Panics
/// If a comparison panics; the slice then holds the same items in some order. Or if the [global pool](crate::global) is needed and
/// cannot be started.
pub fn sort_unstable<T: Ord + Send>(items: &mut [T]) {
    unstable(items, T::lt, |part| part.sort_unstable());
}

/// As [`sort_unstable`], in the order that `compare` says. Costs the same.
///
/// # Examples
///
/// ```
/// let mut numbers = [3, 1, 2];
/// zp::sort_unstable_by(&mut numbers, |a, b| b.cmp(a));
/// assert_eq!(numbers, [3, 2, 1]);
/// ```
///
/// # Panics
/// If a comparison panics, as [`sort_unstable`].
pub fn sort_unstable_by<T, F>(items: &mut [T], compare: F)
where
    T: Send,
    F: Fn(&T, &T) -> Ordering + Sync,
{
    unstable(
        items,
        |a, b| compare(a, b) == Ordering::Less,
        |part| part.sort_unstable_by(&compare),
    );
}

/// As [`sort_unstable`], by a key that is computed for each comparison. Costs the same, and the keys.
///
/// # Examples
///
/// ```
/// let mut numbers = [-3, 1, 2];
/// zp::sort_unstable_by_key(&mut numbers, |n: &i32| n.abs());
/// assert_eq!(numbers, [1, 2, -3]);
/// ```
///
/// # Panics
/// If a comparison or `key` panics, as [`sort_unstable`].
pub fn sort_unstable_by_key<T, K, F>(items: &mut [T], key: F)
where
    T: Send,
    K: Ord,
    F: Fn(&T) -> K + Sync,
{
    unstable(
        items,
        |a, b| key(a) < key(b),
        |part| part.sort_unstable_by_key(&key),
    );
}

/// How long a part has to be for several threads, of a slice so long; `None`: nothing is to be shared.
fn part_length(n: usize, workers: usize, parts_per_worker: usize) -> Option<usize> {
    (workers > 1 && n >= SORTED_ALONE)
        .then(|| n.div_ceil(parts_per_worker * workers).max(SORTED_ALONE))
}

fn stable<T: Send>(
    items: &mut [T],
    is_less: impl Fn(&T, &T) -> bool + Sync,
    alone: impl Fn(&mut [T]) + Sync,
) {
    if items.len() < SORTED_ALONE || size_of::<T>() == 0 {
        return alone(items);
    }
    parallel::enter(None, |workers| {
        let Some(part) = part_length(items.len(), workers, STABLE_PARTS) else {
            return alone(items);
        };
        let mut buffer = Vec::with_capacity(items.len());
        let buffer = &mut buffer.spare_capacity_mut()[..items.len()];
        stable_part(items, buffer, part, &is_less, &alone);
    });
}

fn stable_part<T: Send>(
    items: &mut [T],
    buffer: &mut [MaybeUninit<T>],
    part: usize,
    is_less: &(impl Fn(&T, &T) -> bool + Sync),
    alone: &(impl Fn(&mut [T]) + Sync),
) {
    if items.len() <= part {
        return alone(items);
    }
    let middle = items.len() / 2;
    {
        let (left, right) = items.split_at_mut(middle);
        let (left_buffer, right_buffer) = buffer.split_at_mut(middle);
        parallel::fork(
            || stable_part(left, left_buffer, part, is_less, alone),
            || stable_part(right, right_buffer, part, is_less, alone),
            |()| false,
        );
    }
    if is_less(&items[middle], &items[middle - 1]) {
        merge(items, middle, buffer, is_less);
    }
}

fn unstable<T: Send>(
    items: &mut [T],
    is_less: impl Fn(&T, &T) -> bool + Sync,
    alone: impl Fn(&mut [T]) + Sync,
) {
    if items.len() < SORTED_ALONE || size_of::<T>() == 0 || in_order(items, &is_less) {
        return alone(items);
    }
    parallel::enter(None, |workers| {
        let Some(part) = part_length(items.len(), workers, UNSTABLE_PARTS) else {
            return alone(items);
        };
        // A good partition halves; after twice as many as that takes, they are bad ones.
        let tries = 2 * (items.len() / part).ilog2() + 2;
        unstable_part(items, part, tries, &is_less, &alone);
    });
}

/// Are all items in order, forwards or backwards? Then the standard library is done in one pass.
fn in_order<T>(items: &[T], is_less: &impl Fn(&T, &T) -> bool) -> bool {
    let mut pairs = items.windows(2);
    let descends = |pair: &[T]| is_less(&pair[1], &pair[0]);
    match pairs.next() {
        Some(first) if descends(first) => pairs.all(descends),
        _ => !pairs.any(descends),
    }
}

fn unstable_part<T: Send>(
    items: &mut [T],
    part: usize,
    tries: u32,
    is_less: &(impl Fn(&T, &T) -> bool + Sync),
    alone: &(impl Fn(&mut [T]) + Sync),
) {
    if items.len() <= part || tries == 0 {
        return alone(items);
    }
    let pivot = median_of_nine(items, is_less);
    items.swap(0, pivot);
    let less = partition(items, |item, pivot| is_less(item, pivot));
    // The pivot's place is between both parts.
    items.swap(0, less);
    let (left, rest) = items.split_at_mut(less);
    let right = if less < rest.len() / 8 {
        // Perhaps many are equal to the pivot: those that are have their places.
        let equal = partition(rest, |item, pivot| !is_less(pivot, item));
        &mut rest[equal + 1..]
    } else {
        &mut rest[1..]
    };
    parallel::fork(
        || unstable_part(left, part, tries - 1, is_less, alone),
        || unstable_part(right, part, tries - 1, is_less, alone),
        |()| false,
    );
}

/// Moves the items that are `before` the first one to the front of the others, and returns how many there are.
fn partition<T>(items: &mut [T], before: impl Fn(&T, &T) -> bool) -> usize {
    let Some((pivot, items)) = items.split_first_mut() else {
        return 0;
    };
    let mut front = 0;
    for at in 0..items.len() {
        // `front` is never more than `at`.
        let is_before = before(&items[at], pivot);
        // Without a branch, which cannot be predicted, unless a swap costs more than that.
        if is_before || size_of::<T>() <= SWAPPED_ALWAYS {
            items.swap(front, at);
        }
        front += usize::from(is_before);
    }
    front
}

/// The index of the median of three medians of three, taken from all over the slice.
fn median_of_nine<T>(items: &[T], is_less: &impl Fn(&T, &T) -> bool) -> usize {
    let step = items.len() / 9;
    let median = |[a, b, c]: [usize; 3]| {
        let less = |x: usize, y: usize| is_less(&items[x], &items[y]);
        match (less(a, b), less(b, c), less(a, c)) {
            (true, true, _) | (false, false, _) => b,
            (true, false, true) | (false, true, false) => c,
            (true, false, false) | (false, true, true) => a,
        }
    };
    median([0, 3, 6].map(|first| median([0, 1, 2].map(|at| (first + at) * step + step / 2))))
}
