//! When a thief leaves tasks alone.

use super::*;

#[test]
fn tiny_tasks_of_a_busy_owner_are_left_alone_longer_each_time() {
    let (victim, mut now) = (Victim::new(), Instant::now());
    let mut before = Duration::ZERO;
    for _ in 0..20 {
        let until = victim.leave_alone(now);
        let hold_off = victim.hold_off.get();
        assert!(hold_off > before || hold_off == TASK_HOLD_OFF_MAX);
        assert_eq!(until, now + hold_off);
        before = hold_off;
        now = until;
    }
    assert_eq!(before, TASK_HOLD_OFF_MAX);
    // What was long ago is forgotten.
    victim.leave_alone(now + 2 * TASK_MEMORY);
    assert_eq!(victim.hold_off.get(), HOLD_OFF_MIN);
}

/// A thief that steals and runs tasks on a clock of its own.
struct Run {
    thief: Thief,
    now: Instant,
}

impl Run {
    /// With a clock that is ahead, so that nothing is over before the test is.
    fn new() -> Self {
        Self {
            thief: Thief::new(5),
            now: Instant::now() + Duration::from_secs(3600),
        }
    }

    /// A task of the thread in `slot` runs for `time`, after a pause; the deque there has moved to `next` by its end. How long are the
    /// next ones left alone?
    fn task(&mut self, slot: usize, pause: Duration, time: Duration, next: [u64; 2]) -> Duration {
        let mut look = |next, after| {
            self.now += after;
            let at = self.now;
            Sight { next, at }
        };
        let (before, after) = (look(next[0], pause), look(next[1], time));
        self.thief.has_run_task(slot, before, after);
        let hold_off = self.thief.victims[slot].hold_off.get();
        assert_eq!(self.thief.left_alone().has(slot), !hold_off.is_zero());
        hold_off
    }
}

const TICK: Duration = Duration::from_nanos(50);

#[test]
fn an_owner_that_spawns_is_left_alone_though_its_tasks_end_before_it_spawns_the_next() {
    let (mut run, mut before) = (Run::new(), Duration::ZERO);
    // The first says nothing.
    assert_eq!(run.task(3, TICK, TICK, [10, 10]), before);
    for next in 11..16 {
        let hold_off = run.task(3, TICK * 2, TICK, [next, next]);
        assert!(hold_off > before, "after task {next}");
        before = hold_off;
    }
    // It pops them in the end.
    assert!(run.task(3, TICK * 2, TICK, [14, 14]) > before);
    // One that moves while a task runs is at it, even if it is the first from there.
    let mut run = Run::new();
    assert_eq!(run.task(3, TICK, TICK, [10, 11]), HOLD_OFF_MIN);
}

#[test]
fn what_nobody_is_at_is_taken_at_once() {
    let mut run = Run::new();
    assert_eq!(run.task(4, TICK, TICK, [10, 11]), HOLD_OFF_MIN);
    // It stays where it is.
    assert!(run.task(4, AT_IT, TICK, [11, 11]).is_zero());
    // One task now and then.
    for next in 12..20 {
        assert!(run.task(4, AT_IT * 2, TICK, [next, next]).is_zero());
    }
    assert!(!run.thief.left_alone().has(4));
}

#[test]
fn what_is_not_tiny_is_taken_at_once() {
    let mut run = Run::new();
    assert_eq!(run.task(3, TICK, TICK, [10, 11]), HOLD_OFF_MIN);
    assert!(run.task(3, TICK, TINY, [11, 15]).is_zero());
}

/// Two owners of tiny tasks, by turns, and a third whose deque nobody is at.
#[test]
fn each_owner_is_left_alone_for_itself() {
    let mut run = Run::new();
    for next in 1..8 {
        for slot in [1, 2] {
            let hold_off = run.task(slot, TICK, TICK, [next, next]);
            assert_eq!(hold_off.is_zero(), next == 1);
        }
        assert!(run.task(3, TICK, TICK, [5, 5]).is_zero());
    }
    let left_alone = run.thief.left_alone();
    assert!(left_alone.any());
    let slots: Vec<usize> = (0..5).filter(|&slot| left_alone.has(slot)).collect();
    assert_eq!(slots, [1, 2]);
    let all = run.thief.none_left_alone();
    assert!(!all.any() && !all.has(1));
}

#[test]
fn nobody_is_left_alone_for_ever() {
    let thief = Thief::new(2);
    let at = Instant::now();
    let look = |next| Sight { next, at };
    thief.has_run_task(1, look(1), look(2));
    assert_eq!(thief.victims[1].hold_off.get(), HOLD_OFF_MIN);
    // A microsecond.
    while thief.left_alone().has(1) {}
    assert!(!thief.left_alone().any());
}
