use crate::sync::Ordering::Relaxed;
use crate::{Pool, Priority, Scheduling, SpawnOptions, WhenFull};
use std::sync::mpsc;

/// Entries of tasks that were cancelled, or run by whoever waited for them, do not pile up behind a busy worker.
#[test]
fn entries_of_claimed_tasks_are_swept_out_of_lanes() {
    let pool = Pool::builder().workers(1).build().unwrap();
    let ((begun, here), (release, end)) = (mpsc::channel(), mpsc::channel::<()>());
    let busy = pool.spawn(move || {
        begun.send(()).unwrap();
        let _ = end.recv();
    });
    here.recv().unwrap();
    let options = [
        SpawnOptions::new().priority(Priority::High),
        SpawnOptions::new().priority(Priority::Low),
        SpawnOptions::new().on_worker(0),
    ];
    let lanes = &pool.registry().lanes;
    let waiting = pool.spawn_with(|| (), options[1]);
    for n in 0..if cfg!(miri) { 30 } else { 20_000 } {
        let handle = pool.spawn_with(|| (), options[n % 3]);
        if n % 2 == 0 {
            assert!(handle.cancel());
        } else {
            handle.wait().unwrap();
        }
        assert!(lanes.total() < 2100, "{n}: {}", lanes.total());
    }
    assert!(!waiting.is_complete());
    assert!(lanes.total() > 0 && lanes.has_tasks());
    drop(release);
    busy.wait().unwrap();
    pool.wait_idle();
    assert!(waiting.is_complete());
    pool.shutdown();
    assert_eq!(lanes.total(), 0);
}

/// Nor on the deque of a worker that spawns all the time.
#[test]
fn entries_of_claimed_tasks_are_swept_out_of_the_spawners_deque() {
    let pool = Pool::builder().workers(1).build().unwrap();
    let tasks = if cfg!(miri) { 60 } else { 20_000 };
    let ((handles, spawned), (next, go_on)) = (mpsc::channel(), mpsc::channel());
    let inner = pool.clone();
    let spawner = pool.spawn(move || {
        for _ in 0..tasks {
            handles.send(inner.spawn(|| ())).unwrap();
            go_on.recv().unwrap();
        }
    });
    for handle in spawned {
        // Nobody else is there to run it.
        handle.wait().unwrap();
        let left = pool.registry().slots[0].spawns.len();
        assert!(left <= if cfg!(miri) { 20 } else { 1100 }, "{left}");
        next.send(()).unwrap();
    }
    spawner.wait().unwrap();
}

/// Nor do they beyond a full queue, where a worker puts what it spawns.
#[test]
fn entries_of_claimed_tasks_are_swept_out_from_beyond_a_full_queue() {
    for priority in [Priority::High, Priority::Normal, Priority::Low] {
        // In this mode tasks of normal priority have a queue with a bound on workers, too.
        let pool = Pool::builder()
            .workers(1)
            .scheduling(Scheduling::GlobalFifo)
            .queue_capacity(1)
            .build()
            .unwrap();
        let inner = pool.clone();
        let queued = move || inner.registry().lanes.total() + inner.registry().injector.len();
        let (spawner, left) = (pool.clone(), queued.clone());
        let options = SpawnOptions::new().priority(priority);
        let (begun, here) = mpsc::channel();
        let busy = pool.spawn(move || {
            begun.send(()).unwrap();
            let spawn = |_| spawner.spawn_with(|| (), options);
            // One in the queue, the others beyond.
            let waiting: Vec<_> = (0..3).map(spawn).collect();
            for n in 0..if cfg!(miri) { 30 } else { 10_000 } {
                spawn(n).wait().unwrap();
                assert!(left() < 2100, "{priority:?} {n}: {}", left());
            }
            assert!(waiting.iter().all(|task| !task.is_complete()));
            waiting
        });
        // Who waits for a task that nobody has begun runs it, and then the worker is free to run the others.
        here.recv().unwrap();
        for task in busy.wait().unwrap() {
            task.wait().unwrap();
        }
        pool.shutdown();
        assert_eq!(queued(), 0);
    }
}

/// A task that was in no queue is not counted among those whose entries are to be cleared out.
#[test]
fn a_task_that_its_spawner_runs_for_want_of_room_leaves_no_entry() {
    let pool = Pool::builder()
        .workers(1)
        .queue_capacity(1)
        .when_full(WhenFull::RunInCaller)
        .build()
        .unwrap();
    let ((begun, here), (release, end)) = (mpsc::channel(), mpsc::channel::<()>());
    let busy = pool.spawn(move || {
        begun.send(()).unwrap();
        let _ = end.recv();
    });
    here.recv().unwrap();
    let queued = pool.spawn(|| ());
    for _ in 0..3 {
        assert!(pool.spawn(|| ()).is_complete());
        assert_eq!(pool.registry().entries_left.load(Relaxed), 0);
    }
    drop(release);
    busy.wait().unwrap();
    queued.wait().unwrap();
}
