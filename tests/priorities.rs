//! Priorities (covers C14): what goes before what, and that nothing waits for ever.

use crate::support::{Gate, LIMIT, occupy, on_worker, pool, times, within};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering::SeqCst};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::Duration;
use zp::{Priority, Scheduling, SpawnOptions};

const ALL: [Priority; 3] = [Priority::Low, Priority::Normal, Priority::High];

/// What a low task may have to wait for: five places by turns, one look in 61.
const OTHERS_MAX: usize = 5 * 61;

fn with(priority: Priority) -> SpawnOptions {
    SpawnOptions::new().priority(priority)
}

#[derive(Debug, Clone, Default)]
struct Log(Arc<Mutex<Vec<(Priority, usize)>>>);

impl Log {
    /// A task that says that it has run.
    fn entry(&self, priority: Priority, n: usize) -> impl FnOnce() + Send + 'static {
        let log = self.clone();
        move || log.0.lock().unwrap().push((priority, n))
    }

    fn take(&self) -> Vec<(Priority, usize)> {
        std::mem::take(&mut self.0.lock().unwrap())
    }
}

#[test]
fn from_outside_high_comes_before_normal_and_normal_before_low() {
    within(LIMIT, || {
        let (pool, log) = (pool(1), Log::default());
        let busy = occupy(&pool, 1);
        for n in 0..6 {
            for priority in ALL {
                pool.spawn_with(log.entry(priority, n), with(priority));
            }
        }
        drop(busy);
        pool.wait_idle();
        let expected: Vec<_> = [Priority::High, Priority::Normal, Priority::Low]
            .into_iter()
            .flat_map(|priority| (0..6).map(move |n| (priority, n)))
            .collect();
        assert_eq!(log.take(), expected);
    });
}

#[test]
fn on_a_worker_its_own_newest_come_between_high_and_low() {
    within(LIMIT, || {
        let (pool, log) = (pool(1), Log::default());
        let (inner, inner_log) = (pool.clone(), log.clone());
        on_worker(&pool, move || {
            for n in 0..4 {
                for priority in ALL {
                    inner.spawn_with(inner_log.entry(priority, n), with(priority));
                }
            }
        });
        pool.wait_idle();
        let high = (0..4).map(|n| (Priority::High, n));
        let normal = (0..4).rev().map(|n| (Priority::Normal, n));
        let low = (0..4).map(|n| (Priority::Low, n));
        assert_eq!(
            log.take(),
            high.chain(normal).chain(low).collect::<Vec<_>>()
        );
    });
}

#[zp::task(priority = high)]
fn urgent(log: Log, n: usize) {
    log.entry(Priority::High, n)();
}

#[zp::task(priority = low)]
fn leisurely(log: Log, n: usize) {
    log.entry(Priority::Low, n)();
}

#[test]
fn a_task_has_the_priority_of_its_attribute_unless_the_caller_says_otherwise() {
    within(LIMIT, || {
        let (pool, log) = (pool(1), Log::default());
        let busy = occupy(&pool, 1);
        let log_of = || log.clone();
        pool.spawn_with(urgent::new(log_of(), 1), with(Priority::Low));
        pool.spawn(leisurely::new(log_of(), 2));
        pool.spawn(log.entry(Priority::Normal, 3));
        pool.spawn_with(urgent::new(log_of(), 4), SpawnOptions::new());
        pool.spawn_with(leisurely::new(log_of(), 5), with(Priority::High));
        pool.spawn(urgent::new(log_of(), 6));
        pool.spawn_with(urgent::new(log_of(), 7), with(Priority::Normal));
        drop(busy);
        pool.wait_idle();
        let order: Vec<_> = log.take().into_iter().map(|(_, n)| n).collect();
        assert_eq!(order, [4, 5, 6, 3, 7, 1, 2]);
    });
}

#[test]
fn a_slot_keeps_the_priority_of_its_task() {
    within(LIMIT, || {
        let (pool, log) = (pool(1), Log::default());
        let (mut first, mut last) = ((), ());
        let busy = occupy(&pool, 1);
        pool.scope(|s| {
            let mut handles = [
                s.spawn_into(leisurely::new(log.clone(), 0), &mut last),
                s.spawn_into(urgent::new(log.clone(), 1), &mut first),
            ];
            drop(busy);
            // Without helping.
            for handle in &mut handles {
                assert!(handle.wait_timeout(LIMIT));
            }
        });
        assert_eq!(log.take(), [(Priority::High, 1), (Priority::Low, 0)]);
    });
}

/// Runs tasks that each spawn the next one until told to stop.
fn flood(pool: zp::Pool, options: SpawnOptions, run: Arc<AtomicUsize>, stop: Arc<AtomicBool>) {
    run.fetch_add(1, SeqCst);
    if !stop.load(SeqCst) {
        let next = pool.clone();
        pool.spawn_with(move || flood(next, options, run, stop), options);
    }
}

type Task = Box<dyn FnOnce() + Send>;

/// How many tasks of floods with these options run after `spawn` has spawned a task on the only worker, and before that task.
fn overtaken_by(
    floods: &[SpawnOptions],
    spawn: impl FnOnce(&zp::Pool, Task) + Send + 'static,
) -> usize {
    overtaken(&pool(1), floods, Begins::Task, spawn)
}

/// What is spawned first.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Begins {
    Task,
    Floods,
}

/// As [`overtaken_by`], in a given pool with one worker.
fn overtaken(
    pool: &zp::Pool,
    floods: &[SpawnOptions],
    begins: Begins,
    spawn: impl FnOnce(&zp::Pool, Task) + Send + 'static,
) -> usize {
    let (run, stop) = (
        Arc::new(AtomicUsize::new(0)),
        Arc::new(AtomicBool::new(false)),
    );
    let (inner_run, inner_stop) = (Arc::clone(&run), Arc::clone(&stop));
    let (inner, floods) = (pool.clone(), floods.to_vec());
    on_worker(pool, move || {
        let stop = Arc::clone(&inner_stop);
        let spawn = || spawn(&inner, Box::new(move || stop.store(true, SeqCst)));
        let begin_floods = || {
            for options in floods {
                let (run, stop) = (Arc::clone(&inner_run), Arc::clone(&inner_stop));
                flood(inner.clone(), options, run, stop);
            }
        };
        match begins {
            Begins::Task => {
                spawn();
                begin_floods();
            }
            Begins::Floods => {
                begin_floods();
                spawn();
            }
        }
    });
    pool.wait_idle();
    assert!(stop.load(SeqCst));
    run.load(SeqCst)
}

#[track_caller]
fn assert_bounded(overtaken: usize) {
    // At least one look was taken by the flood, so that the test tests something.
    assert!((2..=OTHERS_MAX + 3).contains(&overtaken), "{overtaken}");
}

#[test]
fn a_low_task_is_overtaken_by_a_bounded_number_of_others() {
    within(LIMIT, || {
        let floods = [with(Priority::High), with(Priority::Normal)];
        for flood in [&floods[..1], &floods[1..], &floods] {
            assert_bounded(overtaken_by(flood, |pool, task| {
                pool.spawn_with(task, with(Priority::Low));
            }));
        }
    });
}

#[test]
fn a_normal_task_is_overtaken_by_a_bounded_number_of_others() {
    within(LIMIT, || {
        let floods = [with(Priority::High), with(Priority::Low)];
        // In the worker's own deque.
        assert_bounded(overtaken_by(&floods, |pool, task| {
            pool.spawn(task);
        }));
        // In the injector.
        assert_bounded(overtaken_by(&floods, |pool, task| {
            let pool = pool.clone();
            thread::spawn(move || drop(pool.spawn(task)))
                .join()
                .unwrap();
        }));
        // At the bottom of the worker's own deque, below a flood there.
        assert_bounded(overtaken_by(&[SpawnOptions::new()], |pool, task| {
            pool.spawn(task);
        }));
    });
}

/// Workers are not held up by a full queue: what they spawn meanwhile waits elsewhere, and neither place hides the other.
#[test]
fn a_task_in_a_full_queue_or_beyond_it_is_overtaken_by_a_bounded_number_of_others() {
    within(LIMIT, || {
        for priority in ALL {
            for begins in [Begins::Task, Begins::Floods] {
                // In this mode tasks of normal priority have a queue with a bound on workers, too.
                let pool = zp::Pool::builder()
                    .workers(1)
                    .scheduling(Scheduling::GlobalFifo)
                    .queue_capacity(1)
                    .build()
                    .unwrap();
                let options = with(priority);
                let overtaken = overtaken(&pool, &[options], begins, move |pool, task| {
                    pool.spawn_with(task, options);
                });
                assert_bounded(overtaken);
            }
        }
    });
}

#[test]
fn what_waits_for_the_flooded_worker_itself_is_overtaken_by_a_bounded_number_of_others() {
    within(LIMIT, || {
        assert_bounded(overtaken_by(&[with(Priority::High)], |pool, task| {
            pool.spawn_with(task, SpawnOptions::new().on_worker(0));
        }));
    });
}

#[test]
fn what_waits_for_a_busy_worker_is_overtaken_by_a_bounded_number_of_others() {
    within(LIMIT, || {
        // One of two workers is busy; the other one is flooded, and has to come to the first one's mailbox all the same.
        let pool = pool(2);
        let (busy_index, release) = (Arc::new(Mutex::new(None)), Arc::new(Gate::new()));
        let (index, gate) = (Arc::clone(&busy_index), Arc::clone(&release));
        let begun = Arc::new(Gate::new());
        let here = Arc::clone(&begun);
        let busy = pool.spawn(move || {
            *index.lock().unwrap() = thread::current().name().map(str::to_owned);
            here.open();
            gate.wait();
        });
        begun.wait();
        let name = busy_index.lock().unwrap().clone().unwrap();
        let index = usize::from(name.ends_with('1'));
        let (run, stop) = (
            Arc::new(AtomicUsize::new(0)),
            Arc::new(AtomicBool::new(false)),
        );
        let (inner, inner_run, inner_stop) = (pool.clone(), Arc::clone(&run), Arc::clone(&stop));
        on_worker(&pool, move || {
            let stop = Arc::clone(&inner_stop);
            let letter = SpawnOptions::new().on_worker(index);
            inner.spawn_with(move || stop.store(true, SeqCst), letter);
            flood(inner.clone(), with(Priority::High), inner_run, inner_stop);
        });
        while !stop.load(SeqCst) {
            thread::yield_now();
        }
        assert_bounded(run.load(SeqCst));
        release.open();
        busy.wait().unwrap();
    });
}

#[test]
fn a_caller_runs_its_own_tasks_whatever_their_priority() {
    within(LIMIT, || {
        let pool = pool(2);
        let busy = occupy(&pool, 2);
        let me = thread::current().id();
        for priority in ALL {
            let all = AtomicUsize::new(0);
            pool.scope(|s| {
                for n in 0..times(3000, 10) {
                    let task = || {
                        assert_eq!(thread::current().id(), me);
                        all.fetch_add(1, SeqCst);
                    };
                    let handle = s.spawn_with(task, with(priority));
                    if n % 3 == 0 {
                        handle.join();
                    }
                }
            });
            assert_eq!(all.load(SeqCst), times(3000, 10));
        }
        drop(busy);
    });
}

#[test]
fn a_thread_that_waits_runs_no_stranger_however_urgent() {
    within(LIMIT, || {
        let (pool, release) = (pool(2), Arc::new(Gate::new()));
        let (begun, strangers) = (Arc::new(Gate::new()), Arc::new(AtomicUsize::new(0)));
        let (gate, here) = (Arc::clone(&release), Arc::clone(&begun));
        let inner = pool.clone();
        // Both workers: one waits for the other.
        let waiting = pool.spawn(move || {
            inner.scope(|s| {
                let handle = s.spawn(|| {
                    here.open();
                    gate.wait();
                });
                here.wait();
                handle.join();
            });
        });
        begun.wait();
        for n in 0..10 {
            let count = Arc::clone(&strangers);
            let task = move || {
                count.fetch_add(1, SeqCst);
            };
            let options = [
                with(Priority::High),
                SpawnOptions::new().on_worker(0),
                SpawnOptions::new().on_worker(1),
            ];
            pool.spawn_with(task, options[n % 3]);
        }
        thread::sleep(Duration::from_millis(30));
        assert_eq!(strangers.load(SeqCst), 0);
        release.open();
        waiting.wait().unwrap();
        pool.wait_idle();
        assert_eq!(strangers.load(SeqCst), 10);
    });
}

#[test]
fn shutdown_loses_no_task_of_any_priority() {
    within(LIMIT, || {
        for workers in 1..=2 {
            let (pool, run) = (pool(workers), Arc::new(AtomicUsize::new(0)));
            let busy = occupy(&pool, workers);
            for n in 0..times(300, 9) {
                let run = Arc::clone(&run);
                let options = with(ALL[n % 3]).on_worker(n % 2);
                pool.spawn_with(move || run.fetch_add(1, SeqCst), options);
            }
            drop(busy);
            pool.shutdown();
            assert_eq!(run.load(SeqCst), times(300, 9));
            let late = pool.spawn_with(|| (), with(Priority::High));
            assert!(late.wait().unwrap_err().is_rejected());
        }
    });
}

#[test]
fn a_task_of_any_priority_can_be_cancelled() {
    within(LIMIT, || {
        let pool = pool(1);
        let busy = occupy(&pool, 1);
        for n in 0..times(10_000, 30) {
            let options = with(ALL[n % 3]).on_worker(0);
            let handle = pool.spawn_with(|| panic!("cancelled tasks do not run"), options);
            assert!(handle.cancel());
        }
        drop(busy);
        pool.wait_idle();
        assert_eq!(pool.stats().total().panicked, 0);
    });
}
