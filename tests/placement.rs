//! Where tasks run (covers C13): hints are followed, and never keep a task waiting for a busy worker while another one is idle.

use crate::support::{Gate, LIMIT, occupy, pool, times, within};
use std::sync::{Arc, Barrier, mpsc};
use std::thread;
use std::time::Duration;
use zp::SpawnOptions;

fn on(worker: usize) -> SpawnOptions {
    SpawnOptions::new().on_worker(worker)
}

#[zp::task]
fn whereabouts(#[cx] cx: &mut zp::Context<'_>) -> Option<usize> {
    cx.worker_index()
}

/// Waits without helping.
fn outcome<T>(mut handle: zp::JoinHandle<T>) -> T {
    loop {
        if let Some(outcome) = handle.wait_timeout(LIMIT) {
            return outcome.unwrap();
        }
    }
}

#[zp::task]
fn meet(all: Arc<Barrier>, #[cx] cx: &mut zp::Context<'_>) -> Option<usize> {
    all.wait();
    cx.worker_index()
}

#[test]
fn each_worker_comes_to_its_own_mailbox_first() {
    within(LIMIT, || {
        for _ in 0..times(20, 1) {
            let pool = pool(3);
            let busy = occupy(&pool, 3);
            let all = Arc::new(Barrier::new(3));
            // Each task waits for the others, so no worker can run two; and none is idle before it has run one.
            let handles = [2, 0, 1].map(|index| {
                (
                    index,
                    pool.spawn_with(meet::new(Arc::clone(&all)), on(index)),
                )
            });
            drop(busy);
            for (index, handle) in handles {
                assert_eq!(outcome(handle), Some(index));
            }
        }
    });
}

#[test]
fn a_sleeping_worker_is_woken_for_its_mail() {
    within(LIMIT, || {
        let pool = pool(3);
        // Long enough for all of them to go to sleep. One that is still awake may take the letter if the one that was woken for it is
        // slow to come; so after a miss there is more time.
        let mut pause = Duration::from_millis(3);
        let mut hits = 0;
        for worker in [0, 1, 2].into_iter().cycle() {
            let woken = || pool.stats().workers[worker].woken;
            thread::sleep(pause);
            let before = woken();
            let ran_on = outcome(pool.spawn_with(whereabouts::new(), on(worker)));
            if ran_on == Some(worker) && woken() > before {
                hits += 1;
            } else {
                hits = 0;
                pause *= 2;
            }
            // Where any worker is woken, so many in a row are rare.
            if hits == times(8, 1) {
                break;
            }
            assert!(pause < Duration::from_secs(5), "the letters go astray");
        }
    });
}

/// Keeps one worker of `pool` busy until the sender goes, and says which.
fn one_busy(pool: &zp::Pool) -> (usize, mpsc::Sender<()>) {
    #[zp::task]
    fn busy(index: mpsc::Sender<usize>, end: mpsc::Receiver<()>, #[cx] cx: &mut zp::Context<'_>) {
        index.send(cx.worker_index().unwrap()).unwrap();
        let _ = end.recv();
    }
    let ((index, here), (release, end)) = (mpsc::channel(), mpsc::channel());
    pool.spawn(busy::new(index, end));
    (here.recv().unwrap(), release)
}

#[test]
fn a_busy_workers_mailbox_is_emptied_by_others() {
    within(LIMIT, || {
        let pool = pool(2);
        let (index, release) = one_busy(&pool);
        for _ in 0..times(20, 1) {
            let handles: Vec<_> = (0..3)
                .map(|_| pool.spawn_with(whereabouts::new(), on(index)))
                .collect();
            for handle in handles {
                assert_eq!(outcome(handle), Some(1 - index));
            }
        }
        drop(release);
    });
}

#[test]
fn a_scope_and_a_handle_run_themselves_what_was_meant_for_a_busy_worker() {
    within(LIMIT, || {
        let pool = pool(1);
        let (index, release) = one_busy(&pool);
        let sum = pool.scope(|s| {
            s.spawn_with(|| (), on(index));
            s.spawn_with(|| 1, on(index)).join()
        });
        assert_eq!(sum + pool.spawn_with(|| 2, on(index)).wait().unwrap(), 3);
        drop(release);
    });
}

#[test]
fn a_hint_to_a_worker_that_has_too_much_to_do_is_ignored() {
    within(LIMIT, || {
        let pool = pool(2);
        let busy = occupy(&pool, 2);
        let before = pool.stats().total().overflowed;
        for _ in 0..20 {
            pool.spawn_with(|| (), on(0));
        }
        let ignored = pool.stats().total().overflowed - before;
        assert!((10..20).contains(&ignored), "{ignored}");
        // The other one has room, though less than that.
        pool.spawn_with(|| (), on(1));
        assert_eq!(pool.stats().total().overflowed - before, ignored);
        drop(busy);
        pool.wait_idle();
        let total = pool.stats().total();
        assert_eq!((total.executed, total.spawned), (23, 23));
    });
}

#[test]
fn a_hint_that_means_nothing_does_no_harm() {
    within(LIMIT, || {
        let pool = pool(2);
        let data = vec![1, 2, 3];
        let options = [
            on(2),
            on(usize::MAX),
            SpawnOptions::new().on_node(0),
            SpawnOptions::new().on_node(usize::MAX),
            SpawnOptions::new().near(&data),
            SpawnOptions::new().near(&data[..0]),
            SpawnOptions::new().near(""),
            on(1).on_node(5).near(&data).priority(zp::Priority::Low),
        ];
        for options in options {
            let sum = pool.scope(|s| s.spawn_with(|| data.iter().sum::<i32>(), options).join());
            assert_eq!(sum, 6, "{options:?}");
        }
        assert_eq!(pool.stats().total().overflowed, 2);
    });
}

#[test]
fn letters_and_other_tasks_all_run_once() {
    within(LIMIT, || {
        let pool = pool(3);
        let rounds = times(200, 2);
        for round in 0..rounds {
            let mut out = vec![0; 64];
            pool.scope(|s| {
                for (n, slot) in out.iter_mut().enumerate() {
                    let options = match (n + round) % 4 {
                        0 => SpawnOptions::new(),
                        other => on(other),
                    };
                    s.spawn_with(move || *slot += n + 1, options);
                }
            });
            assert!(out.iter().enumerate().all(|(n, &x)| x == n + 1), "{out:?}");
        }
        pool.wait_idle();
        let total = pool.stats().total();
        assert_eq!(total.executed, total.spawned);
    });
}

#[test]
fn mail_for_a_worker_does_not_wait_for_a_seat_that_nobody_gives_back() {
    within(LIMIT, || {
        // A caller has the only seat for a while; the letter is read once it has come free.
        let pool = pool(1);
        let (inside, release) = (Arc::new(Gate::new()), Arc::new(Gate::new()));
        let (here, gate, seat) = (Arc::clone(&inside), Arc::clone(&release), pool.clone());
        let caller = thread::spawn(move || {
            seat.install(|| {
                zp::join(
                    || {
                        here.open();
                        gate.wait();
                    },
                    || (),
                )
            });
        });
        inside.wait();
        let handle = pool.spawn_with(whereabouts::new(), on(0));
        release.open();
        assert_eq!(outcome(handle), Some(0));
        caller.join().unwrap();
    });
}
