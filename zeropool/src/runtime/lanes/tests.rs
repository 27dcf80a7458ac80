use crate::{Pool, Priority, SpawnOptions};
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
