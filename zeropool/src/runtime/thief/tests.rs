//! When a thief holds off from tasks.

use super::*;

#[test]
fn tiny_tasks_of_a_busy_owner_are_left_alone_longer_each_time() {
    let (thief, mut now) = (Thief::new(), Instant::now());
    let mut before = Duration::ZERO;
    for _ in 0..20 {
        thief.hold_off_tasks(now);
        let hold_off = thief.task_hold_off.get();
        assert!(hold_off > before || hold_off == TASK_HOLD_OFF_MAX);
        assert_eq!(thief.no_task_before.get(), Some(now + hold_off));
        before = hold_off;
        now += hold_off;
    }
    assert_eq!(before, TASK_HOLD_OFF_MAX);
    // What was long ago is forgotten.
    thief.hold_off_tasks(now + 2 * TASK_MEMORY);
    assert_eq!(thief.task_hold_off.get(), HOLD_OFF_MIN);
}

/// A thief that steals and runs tasks on a clock of its own.
struct Run {
    thief: Thief,
    now: Instant,
}

impl Run {
    fn new() -> Self {
        Self {
            thief: Thief::new(),
            now: Instant::now(),
        }
    }

    /// A task of the thread in `slot` runs for `time`, after a pause; the deque there has moved to `next` by its end.
    fn task(&mut self, slot: usize, pause: Duration, time: Duration, next: [u64; 2]) -> Duration {
        let mut look = |next, after| {
            self.now += after;
            let at = self.now;
            Sight { slot, next, at }
        };
        let (before, after) = (look(next[0], pause), look(next[1], time));
        self.thief.has_run_task(before, after);
        self.thief.task_hold_off.get()
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
    run.task(3, TICK, TICK, [10, 11]);
    // Of another deque nothing is known yet, and this one still moved.
    assert_eq!(run.task(4, TICK, TICK, [10, 10]), HOLD_OFF_MIN);
    // That one stays where it is.
    assert!(run.task(4, TICK, TICK, [10, 10]).is_zero());
    assert!(!run.thief.holds_off_tasks());
    // One task now and then.
    for next in 11..20 {
        assert!(run.task(4, AT_IT * 2, TICK, [next, next]).is_zero());
    }
}

#[test]
fn what_is_not_tiny_is_taken_at_once() {
    let mut run = Run::new();
    assert_eq!(run.task(3, TICK, TICK, [10, 11]), HOLD_OFF_MIN);
    assert!(run.task(3, TICK, TINY, [11, 15]).is_zero());
    assert!(!run.thief.holds_off_tasks());
}
