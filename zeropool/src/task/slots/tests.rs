use super::claims::Claims;
use crate::sync::{UnsafeCell, model, thread};
use std::sync::Arc;

/// Cells that notice when two write one of them, or when they are read before the write has ended.
struct Guarded<const N: usize> {
    claims: Claims,
    cells: [UnsafeCell<usize>; N],
}

// SAFETY: only who has claimed an index writes its cell, and reads come after all writers: what these tests are to find out.
unsafe impl<const N: usize> Sync for Guarded<N> {}

impl<const N: usize> Guarded<N> {
    fn new() -> Arc<Self> {
        Arc::new(Self {
            claims: Claims::new(N),
            cells: std::array::from_fn(|_| UnsafeCell::new(0)),
        })
    }

    /// Adds, so that a value says how often it was written.
    fn write(&self, index: usize, value: usize) -> bool {
        let won = self.claims.take(index);
        if won {
            // SAFETY: claimed.
            self.cells[index].with_mut(|cell| unsafe { *cell += value });
        }
        won
    }

    /// For when all writers have ended.
    fn read(&self, index: usize) -> usize {
        // SAFETY: nobody writes any more.
        self.cells[index].with(|cell| unsafe { *cell })
    }
}

/// Runs both at the same time.
fn race<A, B>(a: impl FnOnce() -> A + Send + 'static, b: impl FnOnce() -> B) -> (A, B)
where
    A: Send + 'static,
{
    let a = thread::spawn(a);
    let b = b();
    (a.join().unwrap(), b)
}

/// Catches `slots_claim_by_store`: two writers of one slot, of whom one wins; who has joined both reads what it wrote.
#[test]
fn model_slots_one_of_two_writers_wins() {
    model(|| {
        let slots = Guarded::<2>::new();
        let other = Arc::clone(&slots);
        let (a, b) = race(move || other.write(1, 1), || slots.write(1, 2));
        assert!(a != b, "both have won, or neither");
        assert_eq!(slots.read(1), if a { 1 } else { 2 });
        assert!(slots.claims.is_taken(1) && !slots.claims.is_taken(0));
        assert!(!slots.claims.take(1), "written a second time, later");
    });
}

/// Catches `slots_claim_by_store`: two neighbours are claimed at the same time, and neither claim is forgotten.
#[test]
fn model_slots_neighbours_are_both_written() {
    model(|| {
        let slots = Guarded::<2>::new();
        let other = Arc::clone(&slots);
        assert_eq!(
            race(move || other.write(0, 1), || slots.write(1, 2)),
            (true, true)
        );
        assert_eq!((slots.read(0), slots.read(1)), (1, 2));
        assert_eq!(slots.claims.count(), 2, "a claim is lost");
    });
}

/// Three threads, each with two of three slots.
#[test]
fn model_slots_three_writers_in_a_ring() {
    model(|| {
        let slots = Guarded::<3>::new();
        let write_two = |slots: &Guarded<3>, n: usize| {
            usize::from(slots.write(n, 1)) + usize::from(slots.write((n + 1) % 3, 1))
        };
        let threads = [0, 1].map(|n| {
            let slots = Arc::clone(&slots);
            thread::spawn(move || write_two(&slots, n))
        });
        let mut won = write_two(&slots, 2);
        for thread in threads {
            won += thread.join().unwrap();
        }
        assert_eq!(won, 3);
        assert!((0..3).all(|n| slots.read(n) == 1));
    });
}

#[cfg(not(zeropool_loom))]
#[test]
fn claims_at_the_borders_of_words_are_distinct() {
    let large: &[usize] = if cfg!(miri) {
        &[129]
    } else {
        &[1023, 1024, 1025, 5000]
    };
    for &len in [1, 63, 64, 65].iter().chain(large) {
        let claims = Claims::new(len);
        let indices = [0, 1, 62, 63, 64, 65, 127, 128, 1023, 1024, len - 1];
        let mut taken = Vec::new();
        for index in indices.into_iter().filter(|&index| index < len) {
            assert_eq!(
                claims.take(index),
                !taken.contains(&index),
                "{index} of {len}"
            );
            taken.push(index);
        }
        taken.sort_unstable();
        taken.dedup();
        assert_eq!(claims.count(), taken.len());
        assert!((0..len).all(|index| claims.is_taken(index) == taken.contains(&index)));
    }
}

/// The real thing on real memory, for Miri and the sanitizers.
#[cfg(not(zeropool_loom))]
mod slices {
    use super::super::{SlotError, Slots};
    use crate::sync::{model, thread};

    #[test]
    fn values_of_the_winners_are_in_place() {
        model(|| {
            // More than the inline claims hold under Miri.
            let mut values = vec![String::from("former"); 70];
            let slots = Slots::new(&mut values);
            let wins = thread::scope(|s| {
                let threads = [0, 1].map(|name: usize| {
                    let slots = &slots;
                    s.spawn(move || {
                        // From both ends, so that they meet.
                        let wins = (0..slots.len()).filter(|&n| {
                            let index = if name == 0 { n } else { 69 - n };
                            match slots.write(index, format!("{name} at {index}")) {
                                Ok(()) => true,
                                Err(SlotError::AlreadyWritten { index: at, value }) => {
                                    assert_eq!((at, value), (index, format!("{name} at {index}")));
                                    false
                                }
                                Err(error) => panic!("{error}"),
                            }
                        });
                        wins.count()
                    })
                });
                threads.map(|thread| thread.join().unwrap())
            });
            assert_eq!(slots.written(), 70);
            let by_name = [0, 1].map(|name: usize| {
                let of_name = |(n, value): (usize, &String)| *value == format!("{name} at {n}");
                values.iter().enumerate().filter(|&x| of_name(x)).count()
            });
            assert_eq!(by_name, wins);
            assert_eq!(wins[0] + wins[1], 70);
        });
    }

    #[test]
    fn a_former_value_may_be_dropped_by_another_thread() {
        // `Cell` is `Send` and not `Sync`.
        let mut values = [const { std::cell::Cell::new(1) }; 3];
        let slots = Slots::new(&mut values);
        thread::scope(|s| {
            s.spawn(|| slots.write(0, std::cell::Cell::new(2)));
            s.spawn(|| slots.write(2, std::cell::Cell::new(3)));
        });
        assert_eq!(values.map(|value| value.get()), [2, 1, 3]);
    }
}
