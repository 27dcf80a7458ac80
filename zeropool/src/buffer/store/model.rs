//! The races of a bin, small enough to be searched exhaustively.

use super::*;
use crate::sync::{model, thread};
use std::sync::Arc;

/// A shard with its frames, as a pool has them.
struct Shop {
    frames: Frames,
    shard: Shard,
}

const SIZE: usize = 64;
const CUT: Cut = Cut {
    block: SIZE,
    blocks: 1,
    bytes: SIZE,
};

fn class() -> Class {
    Class::of(SIZE).unwrap()
}

impl Shop {
    fn new() -> Self {
        Self {
            frames: Frames::new(),
            shard: Shard::new(),
        }
    }

    /// New frames, as blocks of the class, with numbers in place of bytes.
    fn make(&self, n: usize) -> Chain<'_> {
        let mut chain = Chain::new();
        for _ in 0..n {
            let index = self.frames.acquire();
            let frame = frame(&self.frames, index);
            frame.set_index(index);
            chain.push(frame);
        }
        chain
    }

    fn put(&self, chain: Chain<'_>) {
        self.shard.put(&self.frames, class(), CUT, chain);
    }

    fn take(&self, max: usize) -> Chain<'_> {
        let mut chain = Chain::new();
        let n = self.shard.take(&self.frames, class(), CUT, max, &mut chain);
        assert_eq!(chain.len(), n);
        // No taker has subtracted what was not added yet.
        assert!(self.shard.pages() < 10 && self.shard.bin(class()).len() < 10);
        chain
    }

    fn numbers(chain: &Chain<'_>) -> Vec<u32> {
        chain.iter().map(Frame::index).collect()
    }
}

/// Catches `slab_untagged` and `bin_count_after_put`: one thread takes both at once, the other takes two and gives the first back
/// meanwhile.
#[test]
fn no_block_is_lost_or_found_twice() {
    model(|| {
        let shop = Arc::new(Shop::new());
        shop.put(shop.make(2));
        let other = thread::spawn({
            let shop = Arc::clone(&shop);
            move || {
                let (first, second) = (shop.take(1), shop.take(1));
                let kept = Shop::numbers(&second);
                shop.put(first);
                kept
            }
        });
        let mine = shop.take(2);
        let mut all = Shop::numbers(&mine);
        all.extend(other.join().unwrap());
        all.extend(Shop::numbers(&shop.take(2)));
        all.sort();
        assert_eq!(all, [0, 1]);
        assert_eq!((shop.shard.pages(), shop.shard.bytes()), (0, 0));
    });
}

/// Catches `slab_release_relaxed`.
#[test]
fn the_taker_sees_what_the_putter_wrote() {
    model(|| {
        let shop = Arc::new(Shop::new());
        let other = thread::spawn({
            let shop = Arc::clone(&shop);
            move || {
                let chain = shop.make(2);
                for frame in chain.iter() {
                    frame.set_dirty(7);
                }
                shop.put(chain);
            }
        });
        let taken = shop.take(2);
        assert!(taken.iter().all(|frame| frame.dirty() == 7));
        other.join().unwrap();
    });
}

#[test]
fn the_newest_block_comes_first_and_the_least_length_is_known() {
    model(|| {
        let shop = Shop::new();
        let bin = shop.shard.bin(class());
        shop.put(shop.make(3));
        assert_eq!(bin.reset_low(), 0);
        let one = shop.take(1);
        assert_eq!(Shop::numbers(&one), [2]);
        shop.put(one);
        assert_eq!(bin.reset_low(), 2);
        assert_eq!(bin.reset_low(), 3);
        assert_eq!(Shop::numbers(&shop.take(3)), [2, 1, 0]);
        assert_eq!(bin.reset_low(), 0);
    });
}
