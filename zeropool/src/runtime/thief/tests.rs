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

#[test]
fn a_thief_takes_what_is_worth_it_and_what_nobody_is_at() {
    let (tiny, long) = (Duration::ZERO, TINY);
    for (time, at_it) in [(long, true), (tiny, false)] {
        let thief = Thief::new();
        thief.has_run_task(tiny, true);
        assert!(!thief.task_hold_off.get().is_zero());
        thief.has_run_task(time, at_it);
        assert!(thief.task_hold_off.get().is_zero() && !thief.holds_off_tasks());
    }
}
