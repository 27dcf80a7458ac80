//! The one race of a slot: its lessee puts and takes while another thread sweeps it.

use super::*;
use crate::sync::{model, thread};
use std::sync::Arc;

/// A slot, and blocks for it; each block has the number of its frame.
struct Shop {
    attention: Attention,
    slot: Slot,
    frames: Vec<Frame>,
}

fn class() -> Class {
    Class::of(64).unwrap()
}

impl Shop {
    fn new(blocks: u32) -> Arc<Self> {
        let frames = (0..blocks).map(|index| {
            let frame = Frame::new();
            frame.set_index(index);
            frame
        });
        Arc::new(Self {
            attention: Attention::new(),
            slot: Slot::new_leased(),
            frames: frames.collect(),
        })
    }

    fn put(&self, index: u32) -> bool {
        let (slot, attention) = (NonNull::from(&self.slot), NonNull::from(&self.attention));
        let frame = NonNull::from(&self.frames[index as usize]);
        // SAFETY: 1. each test has one lessee. 2. it holds the frame; the shop stays.
        unsafe { Slot::put(slot, attention, class(), 2, frame) }.is_ok()
    }

    fn take(&self) -> Option<u32> {
        // SAFETY: 1. and 2. as above.
        unsafe { self.slot.take(&self.attention, class()) }.map(number)
    }

    /// What a sweeper finds, if it gets in.
    fn sweep(&self) -> Option<Vec<u32>> {
        let mut found = Vec::new();
        let raised = self.attention.raise();
        let swept = raised.lets_sweep()
            // SAFETY: 1. raised, and it lets us. 2. each test has one sweeper.
            && unsafe { self.slot.sweep(|_, frame| found.push(number(frame))) };
        swept.then_some(found)
    }

    /// What the lessee finds in the end.
    fn rest(&self) -> Vec<u32> {
        let mut found = Vec::new();
        // SAFETY: 1. and 2. in the end there is one thread.
        unsafe {
            self.slot.clear_locked(|_, frame| found.push(number(frame)));
        }
        found
    }
}

fn number(frame: NonNull<Frame>) -> u32 {
    // SAFETY: of a shop that is still there.
    unsafe { frame.as_ref() }.index()
}

/// Catches `slot_busy_ignored`, `barrier_light` and `barrier_heavy`.
#[test]
fn a_block_has_one_owner_while_the_slot_is_swept() {
    model(|| {
        let shop = Shop::new(3);
        assert!(shop.put(0));
        let sweeper = thread::spawn({
            let shop = Arc::clone(&shop);
            move || shop.sweep().unwrap_or_default()
        });
        let mut mine = Vec::new();
        mine.extend(shop.take());
        if !shop.put(1) {
            mine.push(1);
        }
        mine.extend(sweeper.join().unwrap());
        mine.extend(shop.rest());
        mine.sort();
        assert_eq!(mine, [0, 1]);
    });
}

/// Catches `slot_lower_relaxed`: the lessee comes back to stacks as the sweeper left them.
#[test]
fn a_lessee_after_a_sweep_finds_the_slot_empty() {
    model(|| {
        let shop = Shop::new(2);
        assert!(shop.put(0));
        let sweeper = thread::spawn({
            let shop = Arc::clone(&shop);
            move || shop.sweep().unwrap_or_default()
        });
        let mut all = Vec::from_iter(shop.take());
        all.extend(shop.take());
        all.extend(sweeper.join().unwrap());
        all.extend(shop.rest());
        assert_eq!(all, [0]);
    });
}

#[test]
fn a_slot_that_is_swept_for_good_takes_nothing_any_more() {
    model(|| {
        let shop = Shop::new(2);
        let closer = thread::spawn({
            let shop = Arc::clone(&shop);
            move || {
                shop.attention.raise().for_good();
                let mut found = shop.sweep();
                while found.is_none() {
                    thread::yield_now();
                    found = shop.sweep();
                }
                found.unwrap()
            }
        });
        let mut mine = Vec::new();
        for index in [0, 1] {
            if !shop.put(index) {
                mine.push(index);
            }
        }
        mine.extend(closer.join().unwrap());
        mine.sort();
        assert_eq!(mine, [0, 1]);
        assert!(!shop.put(0));
        assert!(shop.rest().is_empty());
    });
}

#[test]
fn a_slot_changes_hands_with_what_its_former_lessee_did() {
    model(|| {
        let shop = Shop::new(2);
        assert!(shop.put(0));
        let next = thread::spawn({
            let shop = Arc::clone(&shop);
            move || {
                if !shop.slot.try_lease() {
                    return;
                }
                assert_eq!(shop.take(), None);
                assert!(shop.put(1));
                assert_eq!(shop.take(), Some(1));
            }
        });
        assert_eq!(shop.rest(), [0]);
        // SAFETY: 1. leased since the beginning.
        unsafe { shop.slot.end_lease() };
        next.join().unwrap();
    });
}

/// Whoever finds a block may free the slot: Miri sees whether the lessee touches it afterwards.
#[test]
fn a_slot_may_be_freed_as_soon_as_its_block_is_found() {
    model(|| {
        let frame = Arc::new(Frame::new());
        let attention = Arc::new(Attention::new());
        let slot = NonNull::from(Box::leak(Box::new(Slot::new_leased())));
        let address = AtomicPtr::new(slot.as_ptr());
        let sweeper = thread::spawn({
            let attention = Arc::clone(&attention);
            move || {
                let slot = address.load(Relaxed);
                let mut found = 0;
                let raised = attention.raise();
                assert!(raised.lets_sweep());
                for _ in 0..if cfg!(zeropool_loom) { 2 } else { 1000 } {
                    // SAFETY: freed below only.
                    let slot = unsafe { &*slot };
                    // SAFETY: 1. raised. 2. the only sweeper.
                    let swept = unsafe { slot.sweep(|_, _| found += 1) };
                    if swept {
                        break;
                    }
                    thread::yield_now();
                }
                if found > 0 {
                    // SAFETY: leaked above; the lessee has given up its block.
                    drop(unsafe { Box::from_raw(slot) });
                }
                found
            }
        });
        let (attention, block) = (NonNull::from(&*attention), NonNull::from(&*frame));
        // SAFETY: 1. the only lessee. 2. `frame` is held here.
        let kept = unsafe { Slot::put(slot, attention, class(), 1, block) }.is_ok();
        if sweeper.join().unwrap() == 0 {
            // SAFETY: leaked above, and not freed by the sweeper.
            drop(unsafe { Box::from_raw(slot.as_ptr()) });
        } else {
            assert!(kept);
        }
    });
}
