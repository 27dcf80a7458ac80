//! Numbered items for the tests of this folder.

use super::Item;
use std::ptr;

impl Item {
    /// An item that says `n` in both words.
    pub(super) fn sample(n: u64) -> Self {
        Self {
            ptr: ptr::without_provenance_mut(n as usize),
            tag: n,
        }
    }

    /// The number of a sample; fails if its words are of two different items.
    pub(super) fn number(self) -> u64 {
        assert_eq!(self.ptr.addr() as u64, self.tag, "two halves of different items");
        self.tag
    }
}

/// Fails unless the parts together are `1..=count`, each once.
pub(super) fn assert_each_once(count: u64, parts: &[&[u64]]) {
    let mut all = parts.concat();
    all.sort_unstable();
    assert!(all.iter().copied().eq(1..=count), "not each once: {all:?}");
}
