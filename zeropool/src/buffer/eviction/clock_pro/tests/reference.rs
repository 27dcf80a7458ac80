//! The rules of CLOCK-Pro a second time: one list, no bookkeeping, everything counted anew whenever it is asked for.

use super::{Seen, Snapshot};
use crate::buffer::class::Class;
use std::collections::BTreeSet;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Hot,
    ColdInTest,
    Cold,
}

#[derive(Debug, Clone, Copy)]
struct Page {
    /// Names the place on the clock, whatever page is there.
    id: u64,
    class: Class,
    number: usize,
    kind: Kind,
    resident: usize,
    ghosts: usize,
}

impl Page {
    fn is_resident_cold(&self) -> bool {
        self.kind != Kind::Hot && self.resident > 0
    }

    fn tested_bytes(&self) -> usize {
        (self.resident + self.ghosts) * self.class.size()
    }
}

pub(super) struct Reference {
    memory: usize,
    /// Oldest first: HANDhot is at the first, and the list head is behind the last.
    clock: Vec<Page>,
    hand_cold: Option<u64>,
    hand_test: Option<u64>,
    cold_target: usize,
    reference_bits: BTreeSet<(usize, usize)>,
    ids: u64,
}

impl Reference {
    pub(super) fn new(memory: usize) -> Self {
        Self {
            memory,
            clock: Vec::new(),
            hand_cold: None,
            hand_test: None,
            cold_target: memory / 64,
            reference_bits: BTreeSet::new(),
            ids: 0,
        }
    }

    fn ranks_per_page(&self, class: Class) -> usize {
        let mut ranks = 1;
        while ranks * class.size() < self.memory.div_ceil(64) {
            ranks *= 2;
        }
        ranks
    }

    fn page_of(&self, class: Class, rank: usize) -> usize {
        ((rank - 1) / self.ranks_per_page(class)).min(63)
    }

    fn resident(&self, class: Class) -> usize {
        let of_class = self.clock.iter().filter(|p| p.class == class);
        of_class.map(|p| p.resident).sum()
    }

    fn hot_bytes(&self) -> usize {
        let hot = self.clock.iter().filter(|p| p.kind == Kind::Hot);
        hot.map(|p| p.resident * p.class.size()).sum()
    }

    fn ghost_bytes(&self) -> usize {
        self.clock.iter().map(|p| p.ghosts * p.class.size()).sum()
    }

    fn find(&self, class: Class, number: usize) -> Option<usize> {
        let mut pages = self.clock.iter();
        pages.position(|p| p.class == class && p.number == number)
    }

    fn index(&self, id: Option<u64>) -> usize {
        let mut pages = self.clock.iter();
        pages.position(|p| Some(p.id) == id).unwrap()
    }

    /// What a hand at `index` points to when it has moved on.
    fn after(&self, index: usize) -> Option<u64> {
        Some(self.clock[(index + 1) % self.clock.len()].id)
    }

    fn clear_bit(&mut self, page: Page) -> bool {
        self.reference_bits
            .remove(&(page.class.index(), page.number))
    }

    fn hands_leave(&mut self, index: usize) {
        let (id, next) = (Some(self.clock[index].id), self.after(index));
        for hand in [&mut self.hand_cold, &mut self.hand_test] {
            if *hand == id {
                *hand = next;
            }
        }
    }

    fn remove(&mut self, index: usize) {
        self.hands_leave(index);
        self.clock.remove(index);
        if self.clock.is_empty() {
            (self.hand_cold, self.hand_test) = (None, None);
        }
    }

    fn move_to_head(&mut self, index: usize) {
        self.hands_leave(index);
        let page = self.clock.remove(index);
        self.clock.push(page);
    }

    pub(super) fn mark(&mut self, class: Class, rank: usize) {
        let number = self.page_of(class, rank);
        self.reference_bits.insert((class.index(), number));
    }

    pub(super) fn fault(&mut self, class: Class) {
        let number = self.page_of(class, self.resident(class) + 1);
        let Some(index) = self.find(class, number) else {
            self.ids += 1;
            let page = Page {
                id: self.ids,
                class,
                number,
                kind: Kind::ColdInTest,
                resident: 1,
                ghosts: 0,
            };
            self.clear_bit(page);
            self.clock.push(page);
            self.hand_cold = self.hand_cold.or(Some(page.id));
            self.hand_test = self.hand_test.or(Some(page.id));
            return;
        };
        let was_ghost = self.clock[index].ghosts > 0;
        self.clock[index].resident += 1;
        if was_ghost {
            self.clock[index].ghosts -= 1;
            self.clear_bit(self.clock[index]);
            self.turn_hot(index);
        } else {
            self.run_hand_hot();
        }
    }

    fn turn_hot(&mut self, index: usize) {
        self.cold_target += self.clock[index].tested_bytes();
        self.cold_target = self.cold_target.min(self.memory);
        self.clock[index].kind = Kind::Hot;
        self.clock[index].ghosts = 0;
        self.move_to_head(index);
        self.run_hand_hot();
    }

    fn run_hand_hot(&mut self) {
        let mut has_moved = false;
        while self.hot_bytes() > self.memory - self.cold_target {
            self.turn_one_cold();
            has_moved = true;
        }
        if has_moved {
            self.stop_at_hot();
        }
    }

    fn turn_one_cold(&mut self) {
        loop {
            let page = self.clock[0];
            if page.kind != Kind::Hot {
                self.hand_hot_passes_cold();
                continue;
            }
            let is_spared = self.clear_bit(page);
            self.clock.rotate_left(1);
            if !is_spared {
                self.clock.last_mut().unwrap().kind = Kind::Cold;
                return;
            }
        }
    }

    fn stop_at_hot(&mut self) {
        while self.clock.iter().any(|p| p.kind == Kind::Hot) && self.clock[0].kind != Kind::Hot {
            self.hand_hot_passes_cold();
        }
    }

    fn hand_hot_passes_cold(&mut self) {
        if !self.end_test(0) {
            self.clock.rotate_left(1);
        }
    }

    /// Says whether the page left the clock.
    fn end_test(&mut self, index: usize) -> bool {
        let page = self.clock[index];
        if page.kind != Kind::ColdInTest {
            return false;
        }
        let target = self.cold_target.saturating_sub(page.tested_bytes());
        self.cold_target = target.max(self.memory / 64);
        self.clock[index].kind = Kind::Cold;
        self.clock[index].ghosts = 0;
        if page.resident == 0 {
            self.remove(index);
        }
        page.resident == 0
    }

    pub(super) fn victim(&mut self, at_rest: &dyn Fn(Class) -> usize) -> Option<Class> {
        let mut pages = self.clock.iter();
        if !pages.any(|p| p.resident > 0 && at_rest(p.class) > 0) {
            return None;
        }
        loop {
            let mut passed = 0;
            while passed < self.clock.len() {
                let index = self.index(self.hand_cold);
                let page = self.clock[index];
                if page.is_resident_cold() && self.clear_bit(page) {
                    passed = 0;
                    if page.kind == Kind::ColdInTest {
                        self.turn_hot(index);
                    } else {
                        self.move_to_head(index);
                    }
                    continue;
                }
                if page.is_resident_cold() && self.some_at_rest(page, at_rest) {
                    return Some(page.class);
                }
                self.hand_cold = self.after(index);
                passed += 1;
            }
            self.turn_one_cold();
            self.stop_at_hot();
        }
    }

    /// Ranks are out from the lowest up; what is at rest are the highest of those that are resident.
    fn some_at_rest(&self, page: Page, at_rest: &dyn Fn(Class) -> usize) -> bool {
        let resident = self.resident(page.class);
        let lowest_at_rest = resident.saturating_sub(at_rest(page.class)) + 1;
        lowest_at_rest <= resident && page.number >= self.page_of(page.class, lowest_at_rest)
    }

    pub(super) fn discarded(&mut self, class: Class) {
        let here = self.index(self.hand_cold);
        assert_eq!(self.clock[here].class, class);
        let last_number = self.page_of(class, self.resident(class));
        let there = self.find(class, last_number).unwrap();
        if here != there {
            self.swap_pages(here, there);
        }
        self.clock[here].resident -= 1;
        if self.clock[here].kind == Kind::ColdInTest {
            self.clock[here].ghosts += 1;
        }
        self.forget_if_empty(here);
        self.hand_cold_stops();
        self.run_hand_test();
        self.run_hand_hot();
    }

    fn swap_pages(&mut self, here: usize, there: usize) {
        let (a, b) = (self.clock[here], self.clock[there]);
        let (a_bit, b_bit) = (self.clear_bit(a), self.clear_bit(b));
        (self.clock[here].number, self.clock[there].number) = (b.number, a.number);
        (self.clock[here].resident, self.clock[there].resident) = (b.resident, a.resident);
        (self.clock[here].ghosts, self.clock[there].ghosts) = (b.ghosts, a.ghosts);
        for index in [here, there] {
            if self.clock[index].kind != Kind::ColdInTest {
                self.clock[index].ghosts = 0;
            }
        }
        let class = a.class.index();
        if a_bit {
            self.reference_bits.insert((class, b.number));
        }
        if b_bit {
            self.reference_bits.insert((class, a.number));
        }
    }

    fn forget_if_empty(&mut self, index: usize) {
        let page = self.clock[index];
        if page.resident == 0 {
            self.clear_bit(page);
            if page.ghosts == 0 {
                self.remove(index);
            }
        }
    }

    fn hand_cold_stops(&mut self) {
        if self.clock.iter().any(Page::is_resident_cold) {
            while !self.clock[self.index(self.hand_cold)].is_resident_cold() {
                self.hand_cold = self.after(self.index(self.hand_cold));
            }
        }
    }

    fn run_hand_test(&mut self) {
        if self.ghost_bytes() <= self.memory {
            return;
        }
        while self.ghost_bytes() > self.memory {
            let index = self.index(self.hand_test);
            if !self.end_test(index) {
                self.hand_test = self.after(index);
            }
        }
        if self.clock.iter().any(|p| p.kind == Kind::ColdInTest) {
            while self.clock[self.index(self.hand_test)].kind != Kind::ColdInTest {
                self.hand_test = self.after(self.index(self.hand_test));
            }
        }
    }

    pub(super) fn gone(&mut self, class: Class) {
        let number = self.page_of(class, self.resident(class));
        let index = self.find(class, number).unwrap();
        self.clock[index].resident -= 1;
        self.forget_if_empty(index);
    }

    pub(super) fn snapshot(&self) -> Snapshot {
        let pages = self.clock.iter().map(|p| {
            let kind = match p.kind {
                Kind::Hot => "hot",
                Kind::ColdInTest => "test",
                Kind::Cold => "cold",
            };
            let bits = &self.reference_bits;
            Seen {
                class: p.class,
                page: p.number,
                kind,
                blocks: p.resident,
                ghosts: p.ghosts,
                referenced: bits.contains(&(p.class.index(), p.number)),
            }
        });
        Snapshot {
            pages: pages.collect(),
            hand_cold: self.hand_cold.map(|id| self.index(Some(id))),
            hand_test: self.hand_test.map(|id| self.index(Some(id))),
            cold_share: self.cold_target,
        }
    }
}
