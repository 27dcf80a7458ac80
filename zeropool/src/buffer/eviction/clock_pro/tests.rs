//! CLOCK-Pro in lockstep with a reference, over random traces; and what has to hold after each step.

mod reference;

use super::super::Policy;
use super::super::tests::random::Random;
use super::super::tests::store::{Choose, Plain, Store};
use super::*;
use reference::Reference;

/// A page on the clock, as seen from outside.
#[derive(Debug, PartialEq, Eq)]
struct Seen {
    class: Class,
    page: usize,
    kind: &'static str,
    blocks: usize,
    ghosts: usize,
    referenced: bool,
}

/// All that a policy remembers.
#[derive(Debug, PartialEq, Eq)]
struct Snapshot {
    /// Oldest first.
    pages: Vec<Seen>,
    /// Indices into `pages`.
    hand_cold: Option<usize>,
    hand_test: Option<usize>,
    cold_share: usize,
}

impl ClockPro {
    fn snapshot(&self, referenced: &Referenced) -> Snapshot {
        let places = self.ring.places();
        let hand = |hand| {
            let at = self.ring.at(hand);
            places.iter().position(|&place| place == at)
        };
        let pages = places.iter().map(|&place| {
            let entry = self.ring[place];
            let (class, page) = (entry.class, usize::from(entry.page));
            let kind = match entry.status {
                Status::Hot => "hot",
                Status::Test => "test",
                Status::Cold => "cold",
            };
            let bit = referenced.take(class, page);
            if bit {
                referenced.set(class, page);
            }
            Seen {
                class,
                page,
                kind,
                blocks: entry.blocks,
                ghosts: entry.ghosts,
                referenced: bit,
            }
        });
        Snapshot {
            pages: pages.collect(),
            hand_cold: hand(Hand::Cold),
            hand_test: hand(Hand::Test),
            cold_share: self.cold_share,
        }
    }

    fn check(&self) {
        let places = self.ring.places();
        let entries = || places.iter().map(|&place| (place, self.ring[place]));

        let hot = entries().filter(|(_, e)| e.status == Status::Hot);
        assert_eq!(self.hot_bytes, hot.map(|(_, e)| e.bytes()).sum::<usize>());
        assert!(self.hot_bytes <= self.hot_share(), "too much is hot");

        let ghosts = entries().map(|(_, e)| e.ghost_bytes()).sum::<usize>();
        assert_eq!(self.ghost_bytes, ghosts);
        assert!(ghosts <= self.capacity, "more ghosts than the capacity");
        for (place, entry) in entries() {
            assert!(entry.blocks + entry.ghosts > 0, "{entry:?} is nothing");
            assert!(entry.ghosts == 0 || entry.status == Status::Test);
            assert_eq!(self.place(entry.class, usize::from(entry.page)), place);
        }

        let share_min = self.capacity / COLD_SHARE_MIN;
        assert!((share_min..=self.capacity).contains(&self.cold_share));

        // The ranks with blocks are a prefix: each page has all of its ranks that are in it, and no page is missing.
        for (_, entry) in entries() {
            let blocks = self.blocks[entry.class.index()];
            let upto = |page| match page {
                PAGES => blocks,
                page => self.paging.ranks_before(entry.class, page).min(blocks),
            };
            let page = usize::from(entry.page);
            assert_eq!(entry.blocks, upto(page + 1) - upto(page), "{entry:?}");
        }
        let blocks = entries().map(|(_, e)| e.blocks).sum::<usize>();
        assert_eq!(blocks, self.blocks.iter().sum());
    }
}

/// Asks both, and compares what they say and what they remember.
struct Lockstep {
    plain: Plain,
    reference: Reference,
    /// After how many steps there were some: a trace that never meets a ghost tests little.
    ghosts_seen: usize,
    hot_seen: usize,
}

impl Lockstep {
    fn new(capacity: usize) -> Self {
        Self {
            plain: Plain::clock_pro(capacity),
            reference: Reference::new(capacity),
            ghosts_seen: 0,
            hot_seen: 0,
        }
    }

    fn compare(&mut self) {
        let Policy::ClockPro(clock) = &self.plain.policy else {
            unreachable!("made so")
        };
        let snapshot = clock.snapshot(&self.plain.referenced);
        assert_eq!(snapshot, self.reference.snapshot());
        clock.check();
        let has = |f: fn(&Seen) -> bool| usize::from(snapshot.pages.iter().any(f));
        self.ghosts_seen += has(|page| page.blocks == 0);
        self.hot_seen += has(|page| page.kind == "hot");
    }
}

impl Choose for Lockstep {
    fn mark(&mut self, class: Class, rank: usize) {
        self.plain.mark(class, rank);
        self.reference.mark(class, rank);
    }

    fn fault(&mut self, class: Class) {
        self.plain.fault(class);
        self.reference.fault(class);
        self.compare();
    }

    fn victim(
        &mut self,
        at_rest: &dyn Fn(Class) -> usize,
        newcomer: Option<Class>,
    ) -> Option<Class> {
        let victim = self.plain.victim(at_rest, newcomer);
        let with_newcomer = |class| at_rest(class) + usize::from(newcomer == Some(class));
        assert_eq!(victim, self.reference.victim(&with_newcomer));
        self.compare();
        victim
    }

    fn discarded(&mut self, class: Class) {
        self.plain.discarded(class);
        self.reference.discarded(class);
        self.compare();
    }

    fn gone(&mut self, class: Class) {
        self.plain.gone(class);
        self.reference.gone(class);
        self.compare();
    }
}

/// A random trace over some lengths: bursts of loans, returns in any order, now and then a trim or a wish for room.
fn run(seed: u64, lens: &[usize], capacity: usize, limit: usize) -> Store<Lockstep> {
    let steps = if cfg!(miri) { 10 } else { 500 };
    let classes: Vec<Class> = lens.iter().map(|&len| Class::of(len).unwrap()).collect();
    let mut random = Random(seed);
    let mut store = Store::new(limit, Lockstep::new(capacity));
    for _ in 0..steps {
        // The lower ones are more popular, so that some turn hot.
        let below = random.below(classes.len()) + 1;
        let class = classes[random.below(below)];
        match random.below(20) {
            0..6 => store.get(class),
            6..8 => (0..random.below(12)).for_each(|_| store.get(class)),
            8..10 => {
                let out = store.out(class);
                (0..out).for_each(|_| store.put(class));
            }
            10..18 if store.out(class) > 0 => store.put(class),
            18 if store.at_rest(class) > 0 => store.trim(class),
            19 if store.bytes_at_rest() > 0 => {
                store.discard(None);
            }
            _ => store.choose.mark(class, random.below(100) + 1),
        }
    }
    store
}

#[test]
fn every_decision_is_that_of_the_reference() {
    // Capacity and limit of the store in bytes. The third and the fourth differ on purpose: nothing has to be discarded that is not
    // hot, and nearly all that is hot has to turn cold. The last has classes with more blocks than pages.
    let kib = 1024;
    let cases: [(&[usize], usize, usize); 5] = [
        (&[1000, 2000, 4000, 8000, 16000, 64000], 64 * kib, 64 * kib),
        (&[64, 100, 320, 5000, 640, 20000], 32 * kib, 32 * kib),
        (&[1000, 2000, 4000, 9000], 256 * kib, 24 * kib),
        (&[1000, 2000, 4000, 9000], 8 * kib, 48 * kib),
        (&[64, 128, 192, 256], kib, 24 * kib),
    ];
    let (mut ghosts_seen, mut hot_seen, mut discards) = (0, 0, 0);
    for seed in 0..3 {
        for (lens, capacity, limit) in cases {
            let store = run(seed, lens, capacity, limit);
            ghosts_seen += store.choose.ghosts_seen;
            hot_seen += store.choose.hot_seen;
            discards += store.discards.len();
            if cfg!(miri) {
                // Too short to have seen much.
                return;
            }
        }
    }
    let least = 500;
    assert!(ghosts_seen > least, "{ghosts_seen} steps with ghosts");
    assert!(hot_seen > least, "{hot_seen} steps with hot pages");
    assert!(discards > least, "{discards} discards");
}

#[test]
fn a_capacity_of_nothing_and_one_without_end() {
    let capacities: &[usize] = match cfg!(miri) {
        true => &[usize::MAX],
        false => &[0, 1, usize::MAX],
    };
    for &capacity in capacities {
        let store = run(7, &[64, 3000, 16 << 20], capacity, 40_000);
        assert!(cfg!(miri) || !store.discards.is_empty());
    }
}

#[test]
fn a_clock_without_pages_names_nothing() {
    let mut clock = Plain::clock_pro(4096);
    let class = Class::of(64).unwrap();
    assert_eq!(clock.victim(&|_| 5, Some(class)), None);
    clock.fault(class);
    assert_eq!(clock.victim(&|_| 0, None), None);
    assert_eq!(clock.victim(&|_| 0, Some(class)), Some(class));
}
