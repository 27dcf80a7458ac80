#![allow(unsafe_code)] // Fences: bitwise copies of items between a slice and its merge buffer.
//! Merging two sorted runs, in parallel.
//!
//! The runs lie side by side in one slice. Their items are copied, bit by bit, in order, to a buffer, and then all of them back.
//! Until the last comparison is over the slice still owns every item: a comparison that panics leaves it as it was, and the
//! buffer, which drops nothing, is forgotten. A comparison that changes an item through a cell does no harm, as an item is not
//! compared again once it was copied.

use crate::runtime::parallel;
use std::mem::MaybeUninit;
use std::ptr;

/// Runs that are shorter together are merged by one thread, in items.
const MERGED_ALONE: usize = if cfg!(miri) { 16 } else { 8192 };

/// Merges `items[..middle]` and `items[middle..]`, both sorted, keeping equal items in order. `buffer` is as long as `items`.
pub(super) fn merge<T, F>(
    items: &mut [T],
    middle: usize,
    buffer: &mut [MaybeUninit<T>],
    is_less: &F,
) where
    T: Send,
    F: Fn(&T, &T) -> bool + Sync,
{
    assert!(items.len() == buffer.len(), "a buffer for each item");
    let (left, right) = items.split_at_mut(middle);
    copy_merged(left, right, buffer, is_less);
    // SAFETY: 1. `copy_merged` has returned, so each item has its copy there, once; nothing has been compared since.
    unsafe { copy_back(items, buffer) };
}

/// Copies the items of both runs to `out` in order, each once.
fn copy_merged<T, F>(left: &mut [T], right: &mut [T], out: &mut [MaybeUninit<T>], is_less: &F)
where
    T: Send,
    F: Fn(&T, &T) -> bool + Sync,
{
    if out.len() <= MERGED_ALONE {
        return copy_merged_alone(left, right, out, is_less);
    }
    // Split the longer run in half, and the other so that what is equal stays in order.
    let (l, r) = if left.len() >= right.len() {
        let l = left.len() / 2;
        (l, right.partition_point(|item| is_less(item, &left[l])))
    } else {
        let r = right.len() / 2;
        (left.partition_point(|item| !is_less(&right[r], item)), r)
    };
    let (left, left_behind) = left.split_at_mut(l);
    let (right, right_behind) = right.split_at_mut(r);
    let (out, out_behind) = out.split_at_mut(l + r);
    parallel::fork(
        || copy_merged(left, right, out, is_less),
        || copy_merged(left_behind, right_behind, out_behind, is_less),
        |()| false,
    );
}

fn copy_merged_alone<T, F>(left: &[T], right: &[T], out: &mut [MaybeUninit<T>], is_less: &F)
where
    F: Fn(&T, &T) -> bool,
{
    assert!(
        out.len() == left.len() + right.len(),
        "a place for each item"
    );
    let (mut l, mut r, mut o) = (0, 0, 0);
    while l < left.len() && r < right.len() && o < out.len() {
        // Without a branch: which run is next cannot be predicted.
        let from_right = is_less(&right[r], &left[l]);
        out[o] = copy_of(if from_right { &right[r] } else { &left[l] });
        r += usize::from(from_right);
        l += usize::from(!from_right);
        o += 1;
    }
    for (place, item) in out[o..].iter_mut().zip(left[l..].iter().chain(&right[r..])) {
        *place = copy_of(item);
    }
}

/// The bits of an item, which go on belonging to the item.
#[inline(always)]
fn copy_of<T>(item: &T) -> MaybeUninit<T> {
    // SAFETY: it is valid for reads, and a `MaybeUninit` may hold any bits.
    unsafe { ptr::from_ref(item).cast::<MaybeUninit<T>>().read() }
}

/// Moves the items back from the buffer.
///
/// # Safety
/// 1. `buffer` holds a bitwise copy of each of the items, once, taken after the last time it was changed.
unsafe fn copy_back<T: Send>(items: &mut [T], buffer: &mut [MaybeUninit<T>]) {
    if buffer.len() <= MERGED_ALONE {
        let to = items.as_mut_ptr();
        // SAFETY: both have the same length and do not overlap. By 1, all halves together, `items` holds the same items as before,
        // in another order; nothing was dropped, and nothing runs in between that could panic.
        unsafe { ptr::copy_nonoverlapping(buffer.as_ptr().cast::<T>(), to, buffer.len()) };
        return;
    }
    let middle = items.len() / 2;
    let (items, items_behind) = items.split_at_mut(middle);
    let (buffer, buffer_behind) = buffer.split_at_mut(middle);
    parallel::fork(
        // SAFETY: 1 is the caller's, for both halves.
        || unsafe { copy_back(items, buffer) },
        // SAFETY: as above.
        || unsafe { copy_back(items_behind, buffer_behind) },
        |()| false,
    );
}
