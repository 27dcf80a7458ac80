//! What the policies do to a store.
// covers B15

pub(super) mod random;
pub(super) mod store;

use super::*;
use random::Random;
use store::{Choose, Plain, Store};

const KIB: usize = 1024;

/// Classes from 16 KiB up; a doubling has four.
fn classes(count: usize) -> Vec<Class> {
    let all = Class::all().filter(|c| c.size() > 16 * KIB);
    all.take(count).collect()
}

fn bytes(classes: &[Class]) -> usize {
    classes.iter().map(|c| c.size()).sum()
}

fn hits<C: Choose>(mut store: Store<C>, trace: &[Class]) -> usize {
    for &class in trace {
        store.touch(class);
    }
    store.hits
}

/// The hits of (LIFO, CLOCK-Pro) in a store of that many bytes.
fn hits_of_both(limit: usize, trace: &[Class]) -> (usize, usize) {
    (
        hits(Store::new(limit, Plain::lifo()), trace),
        hits(Store::new(limit, Plain::clock_pro(limit)), trace),
    )
}

fn rounds() -> usize {
    if cfg!(miri) { 6 } else { 100 }
}

/// One set of classes in a random order, again and again.
fn phase(random: &mut Random, classes: &[Class]) -> Vec<Class> {
    (0..rounds() * classes.len())
        .map(|_| classes[random.below(classes.len())])
        .collect()
}

#[test]
fn clock_pro_follows_a_change_of_phase_and_lifo_does_not() {
    let classes = classes(24);
    // What is wanted in either phase has room, but not both: the first phase leaves none.
    let (second, first) = classes.split_at(12);
    let limit = bytes(first);
    let random = &mut Random(1);
    let trace = [phase(random, first), phase(random, second)].concat();
    let (lifo, clock_pro) = hits_of_both(limit, &trace);
    assert!(lifo < clock_pro, "{lifo} and {clock_pro} hits");
    if !cfg!(miri) {
        assert!(lifo * 10 < trace.len() * 6, "{lifo} hits");
        assert!(clock_pro * 10 > trace.len() * 9, "{clock_pro} hits");
    }
}

#[test]
fn lifo_keeps_most_of_a_loop_that_does_not_fit() {
    let classes = classes(16);
    let trace = classes.repeat(rounds());
    // All but the largest fit.
    let limit = bytes(&classes[..15]);
    let (lifo, clock_pro) = hits_of_both(limit, &trace);
    assert!(lifo > clock_pro, "{lifo} and {clock_pro} hits");
    // Discarding what was used longest ago would have no hit at all: of each round, all would be gone before the next.
    if !cfg!(miri) {
        assert!(clock_pro * 2 > trace.len(), "{clock_pro} hits");
    }
}

#[test]
fn a_hot_set_survives_a_scan() {
    let classes = classes(if cfg!(miri) { 20 } else { 40 });
    let (hot, scan) = classes.split_at(8);
    let limit = bytes(hot) * 5 / 4 + scan.last().unwrap().size();
    let mut store = Store::new(limit, Plain::clock_pro(limit));
    // Enough other things that what comes again is told from what does not.
    for &other in scan {
        for &class in hot {
            store.touch(class);
        }
        store.touch(other);
    }
    // Nothing of the hot set is used while the scan passes.
    let before = store.discards.len();
    for &class in scan {
        store.touch(class);
    }
    let discards = &store.discards[before..];
    assert!(discards.len() >= scan.len() / 2, "the scan fits");
    assert!(discards.iter().all(|(class, _)| scan.contains(class)));
    for &class in hot {
        assert_eq!(store.at_rest(class), 1, "{class:?} went");
    }
}

#[test]
fn lifo_discards_newcomers_only_and_clock_pro_others_too() {
    let classes = classes(16);
    let trace = phase(&mut Random(2), &classes);
    let limit = bytes(&classes[..13]);
    let discards = |plain| {
        let mut store = Store::new(limit, plain);
        for &class in &trace {
            store.touch(class);
        }
        assert!(!store.discards.is_empty());
        store.discards
    };
    let lifo = discards(Plain::lifo());
    assert!(lifo.iter().all(|&(_, is_newcomer)| is_newcomer));
    let clock_pro = discards(Plain::clock_pro(limit));
    assert!(clock_pro.iter().any(|&(_, is_newcomer)| !is_newcomer));
    assert_ne!(lifo, clock_pro);
}

#[test]
fn without_a_newcomer_lifo_gives_up_the_largest() {
    let classes = classes(3);
    let mut lifo = Plain::lifo();
    let all_but = |none: Class| move |class: Class| usize::from(class != none);
    let largest = Class::all().last().unwrap();
    assert_eq!(lifo.victim(&|_| 1, None), Some(largest));
    assert_eq!(lifo.victim(&|_| 1, Some(classes[0])), Some(classes[0]));
    assert_ne!(lifo.victim(&all_but(largest), None), Some(largest));
    assert_eq!(lifo.victim(&|_| 0, None), None);
}

#[test]
fn blocks_that_are_out_are_no_victims() {
    let class = classes(1)[0];
    let limit = 4 * class.size();
    let mut store = Store::new(limit, Plain::clock_pro(limit));
    (0..8).for_each(|_| store.get(class));
    (0..2).for_each(|_| store.put(class));
    // The store itself checks that what is chosen is at rest.
    (0..2).for_each(|_| assert!(!store.discard(None)));
    assert_eq!(store.bytes_at_rest(), 0);
    assert_eq!(store.choose.victim(&|_| 0, None), None);
}

#[test]
fn as_many_are_kept_as_are_wanted_at_once() {
    // Three of one class at a time, twelve of the other once in a while.
    let [few, many] = classes(2)[..] else {
        unreachable!("two were asked for")
    };
    let limit = 8 * many.size();
    let mut store = Store::new(limit, Plain::clock_pro(limit));
    let burst = |store: &mut Store<Plain>, class, count| {
        (0..count).for_each(|_| store.get(class));
        (0..count).for_each(|_| store.put(class));
    };
    for round in 0..64 {
        burst(&mut store, few, 3);
        if round % 8 == 7 {
            burst(&mut store, many, 12);
        }
    }
    assert!(!store.discards.is_empty());
    assert!(store.at_rest(few) >= 3, "{} are left", store.at_rest(few));
}

#[test]
fn ranks_share_pages_without_end() {
    let capacity = 1 << 20;
    let paging = Paging::new(capacity);
    for class in Class::all().step_by(if cfg!(miri) { 19 } else { 1 }) {
        let index = class.index();
        assert_eq!(paging.page(class, 1), 0);
        assert_eq!(paging.page(class, usize::MAX), PAGES - 1);
        for page in (0..PAGES).step_by(if cfg!(miri) { 21 } else { 1 }) {
            let first = paging.ranks_before(class, page) + 1;
            assert_eq!(paging.page(class, first), page);
            assert_eq!(paging.page(class, first - 1), page.saturating_sub(1));
        }
        // All pages together hold the capacity, and pages with half as many ranks would not, or have one rank.
        let held = (PAGES << paging.0[index]) * class.size();
        assert!(held >= capacity);
        assert!(held / 2 < capacity || paging.0[index] == 0);
    }
}

#[test]
fn a_mark_stays_until_it_is_taken() {
    let referenced = Referenced::new(0);
    let (a, b) = (Class::of(64).unwrap(), Class::of(65).unwrap());
    for rank in [1, 64, 65, usize::MAX] {
        referenced.mark(a, rank);
        referenced.mark(a, rank);
    }
    assert!(referenced.take(a, 0));
    assert!(!referenced.take(a, 0));
    assert!(!referenced.take(a, 1));
    assert!(!referenced.take(b, 63));
    assert!(referenced.take(a, 63));
    assert!(!referenced.take(a, 63));
}
