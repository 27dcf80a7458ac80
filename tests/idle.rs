//! A pool with nothing to do uses no processor time (covers A5). One test: the processor time of a process is that of
//! all its threads.

#[cfg(all(target_os = "linux", not(miri)))]
mod support;

#[cfg(all(target_os = "linux", not(miri)))]
mod linux {
    use super::support::{Gate, LIMIT, on_worker, pool, within};
    use rustix::time::{ClockId, clock_gettime};
    use std::sync::Arc;
    use std::thread;
    use std::time::Duration;

    const WHILE: Duration = Duration::from_secs(2);
    const AT_MOST: Duration = Duration::from_millis(20);

    fn processor_time() -> Duration {
        clock_gettime(ClockId::ProcessCPUTime).try_into().unwrap()
    }

    #[track_caller]
    fn assert_idle(when: &str) {
        // A pool may look around for a moment after its last task.
        thread::sleep(Duration::from_millis(50));
        let before = processor_time();
        thread::sleep(WHILE);
        let used = processor_time() - before;
        println!("{when}: {used:?} in {WHILE:?}");
        assert!(
            used < AT_MOST,
            "{when}: {used:?} of processor time in {WHILE:?}"
        );
    }

    fn tree(depth: u32) -> u64 {
        if depth == 0 {
            return 1;
        }
        let (a, b) = zp::join!(tree(depth - 1), tree(depth - 1));
        a + b
    }

    /// Lets `wait` wait on a thread of its own for something that is over when the gate opens.
    fn assert_idle_while(when: &str, wait: impl FnOnce(&Gate, &Gate) + Send) {
        let (begun, release) = (Gate::new(), Gate::new());
        thread::scope(|threads| {
            threads.spawn(|| wait(&begun, &release));
            begun.wait();
            assert_idle(when);
            release.open();
        });
    }

    #[test]
    fn a_pool_with_nothing_to_do_uses_no_processor_time() {
        within(LIMIT, || {
            let (one, four) = (pool(1), pool(4));
            assert_idle("never used");

            assert_eq!(four.install(|| tree(14)), 1 << 14);
            assert_eq!(on_worker(&four, || tree(14)), 1 << 14);
            four.scope(|s| {
                for _ in 0..1000 {
                    s.spawn(|| tree(3));
                }
            });
            assert_eq!(zp::join!(tree(3), tree(3)), (8, 8));
            assert_idle("used before");

            assert_idle_while("a caller at the end of its scope", |begun, release| {
                four.scope(|s| {
                    s.spawn(|| {
                        begun.open();
                        release.wait();
                    });
                    // So that it is a worker who has the task.
                    begun.wait();
                });
            });
            assert_idle_while(
                "a caller with queued tasks and no seat",
                |begun, release| {
                    one.scope(|s| {
                        let here = Gate::new();
                        let here: &Gate = Box::leak(Box::new(here));
                        s.spawn(move || {
                            here.open();
                            release.wait();
                        });
                        here.wait();
                        for _ in 0..10 {
                            s.spawn(|| ());
                        }
                        begun.open();
                    });
                },
            );
            assert_idle_while(
                "a caller in a join whose second arm is stolen",
                |begun, release| {
                    four.install(|| {
                        zp::join!(begun.wait(), {
                            begun.open();
                            release.wait();
                        });
                    });
                },
            );
            assert_idle_while("a caller at a handle", |begun, release| {
                four.scope(|s| {
                    let handle = s.spawn(|| {
                        begun.open();
                        release.wait();
                    });
                    begun.wait();
                    handle.join();
                });
            });
            let (begun, release) = (Arc::new(Gate::new()), Arc::new(Gate::new()));
            let (in_begun, in_release) = (Arc::clone(&begun), Arc::clone(&release));
            let waiting = four.spawn(move || {
                zp::join!(in_begun.wait(), {
                    in_begun.open();
                    in_release.wait();
                });
            });
            begun.wait();
            assert_idle("a worker in a join whose second arm is stolen");
            release.open();
            waiting.wait().unwrap();

            one.shutdown();
            four.shutdown();
            assert_idle("after shutdown");
        });
    }
}
