//! A pool in the child of a fork (covers E11): work runs on the calling thread, nothing hangs, and what was pending stays with the
//! parent. Each child has a time limit, after which it is killed.
#![cfg(all(unix, not(miri)))]
#![allow(unsafe_code)] // Forking, and a counter that parent and child share.

mod support;

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::process::Command;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering::SeqCst};
use std::sync::{Arc, mpsc};
use std::thread;
use std::time::{Duration, Instant};
use support::{Gate, LIMIT, message, occupy, on_worker, panic_of, pool, times, within};

/// Forks, and runs `body` in the child, which exits when it returns.
#[must_use]
fn fork(body: impl FnOnce()) -> libc::pid_t {
    // SAFETY: the child has one thread, this one, and goes on in it. The C library sees to its own locks; that ours do not
    // matter is what is tested.
    match unsafe { libc::fork() } {
        -1 => panic!("fork failed"),
        0 => {
            let code = match catch_unwind(AssertUnwindSafe(body)) {
                Ok(()) => 0,
                Err(payload) => {
                    let text = format!("in the child: {}\n", message(&*payload));
                    // SAFETY: the buffer is valid for its length. Not `eprintln`, whose lock may be held.
                    unsafe { libc::write(2, text.as_ptr().cast(), text.len()) };
                    1
                }
            };
            // SAFETY: ends the process, without the destructors and buffers it shares with its parent.
            unsafe { libc::_exit(code) }
        }
        child => child,
    }
}

/// Waits for a child to exit without an error.
#[track_caller]
fn reap(child: libc::pid_t) {
    let begun = Instant::now();
    let mut status = 0;
    loop {
        // SAFETY: `status` is valid for writing.
        match unsafe { libc::waitpid(child, &raw mut status, libc::WNOHANG) } {
            0 if begun.elapsed() > LIMIT => {
                // SAFETY: our own child, which has not been reaped.
                unsafe { libc::kill(child, libc::SIGKILL) };
                panic!("the child hangs");
            }
            0 => thread::sleep(Duration::from_millis(1)),
            _ => break,
        }
    }
    assert!(
        libc::WIFEXITED(status) && libc::WEXITSTATUS(status) == 0,
        "the child failed: status {status:#x}"
    );
}

#[track_caller]
fn in_child(body: impl FnOnce()) {
    reap(fork(body));
}

/// Runs `body`, the test of this name, in a process where no other test does. For children that start or end threads: either waits
/// for ever for a lock of the standard library that another thread, which was starting or ending, had at the fork.
fn alone(name: &'static str, body: impl FnOnce() + Send + 'static) {
    const ALONE: &str = "ZEROPOOL_TEST_ALONE";
    if std::env::var_os(ALONE).is_some() {
        return within(LIMIT, body);
    }
    // Longer: a child that hangs keeps the output open.
    within(2 * LIMIT, move || {
        let output = Command::new(std::env::current_exe().unwrap())
            .args(["--exact", name, "--test-threads=1"])
            .env(ALONE, "")
            .output()
            .unwrap();
        let text = String::from_utf8_lossy(&output.stdout);
        let complaint = String::from_utf8_lossy(&output.stderr);
        assert!(
            output.status.success() && text.contains("1 passed"),
            "{text}\n{complaint}"
        );
    });
}

/// A counter in memory that a fork shares instead of copying.
fn shared_counter() -> &'static AtomicUsize {
    // SAFETY: a new mapping wherever the system likes.
    let page = unsafe {
        libc::mmap(
            std::ptr::null_mut(),
            size_of::<AtomicUsize>(),
            libc::PROT_READ | libc::PROT_WRITE,
            libc::MAP_SHARED | libc::MAP_ANONYMOUS,
            -1,
            0,
        )
    };
    assert_ne!(page, libc::MAP_FAILED);
    // SAFETY: mapped, zeroed, aligned to a page, and never unmapped.
    unsafe { &*page.cast::<AtomicUsize>() }
}

fn fib(n: u64) -> u64 {
    if n < 2 {
        return n;
    }
    let (a, b) = zp::join!(fib(n - 1), fib(n - 2));
    a + b
}

/// One of everything.
fn everything(pool: &zp::Pool) {
    let me = thread::current().id();
    let owned = pool.spawn(move || assert_eq!(thread::current().id(), me));
    assert!(owned.is_complete());
    owned.wait().unwrap();
    assert!(
        pool.spawn(|| panic!("in the child"))
            .wait()
            .unwrap_err()
            .is_panic()
    );
    let mut timed = pool.spawn(|| 3);
    assert_eq!(timed.wait_timeout(LIMIT).unwrap().unwrap(), 3);

    let (sender, receiver) = mpsc::channel();
    drop(pool.spawn(move || sender.send(5)));
    assert_eq!(receiver.recv(), Ok(5));

    let mut out = [0; 100];
    let sum = pool.scope(|s| {
        for (n, slot) in out.iter_mut().enumerate() {
            s.spawn_into(move || n, slot);
        }
        let nested = s.spawn(|| zp::scope(|s| s.spawn(|| fib(5)).join()));
        nested.join() + s.spawn(|| 1).join()
    });
    assert_eq!((sum, out[99]), (6, 99));
    assert_eq!(pool.install(|| fib(15)), 610);
    let numbers: Vec<u32> = zp::times(5000, |n| n as u32 ^ 1).on(pool).collect();
    let sorted = pool.install(|| {
        let mut numbers = numbers.clone();
        zp::sort(&mut numbers);
        numbers
    });
    assert!(sorted.iter().enumerate().all(|(n, &x)| n as u32 == x));
    pool.wait_idle();
    assert!(pool.wait_idle_timeout(LIMIT));
}

#[test]
fn work_runs_on_the_calling_thread() {
    within(LIMIT, || {
        for workers in [1, 2, 4] {
            let pool = pool(workers);
            everything_once(&pool);
            in_child(|| everything(&pool));
            everything_once(&pool);
            in_child(|| {
                everything(&pool);
                pool.shutdown();
                assert!(pool.spawn(|| ()).wait().unwrap_err().is_rejected());
                pool.scope(|s| s.spawn(|| ()).join());
                drop(pool);
            });
        }
    });
}

/// In the parent, where tasks run anywhere.
fn everything_once(pool: &zp::Pool) {
    assert_eq!(pool.spawn(|| 1).wait().unwrap(), 1);
    assert_eq!(pool.install(|| fib(15)), 610);
}

#[test]
fn the_global_pool_works_in_a_child_and_its_child() {
    within(LIMIT, || {
        assert_eq!(zp::spawn(|| 1).wait().unwrap(), 1);
        in_child(|| {
            in_child(|| everything(zp::global()));
            everything(zp::global());
            in_child(|| everything(zp::global()));
            assert_eq!(zp::spawn(|| 1).wait().unwrap(), 1);
            assert_eq!(fib(10), 55);
        });
        assert_eq!(zp::spawn(|| 1).wait().unwrap(), 1);
    });
}

#[test]
fn a_pool_that_was_shut_down_stays_so() {
    within(LIMIT, || {
        let pool = pool(2);
        pool.shutdown();
        in_child(|| {
            assert!(pool.spawn(|| ()).wait().unwrap_err().is_rejected());
            assert_eq!(pool.scope(|s| s.spawn(|| 1).join()), 1);
            assert_eq!(pool.install(|| fib(10)), 55);
            pool.shutdown_now();
            drop(pool);
        });
    });
}

/// Something whose drop is counted in parent and child together.
struct Counted(&'static AtomicUsize);

impl Drop for Counted {
    fn drop(&mut self) {
        self.0.fetch_add(1, SeqCst);
    }
}

#[test]
fn what_is_pending_stays_with_the_parent() {
    within(LIMIT, || {
        let (ran, dropped) = (shared_counter(), shared_counter());
        let pool = pool(2);
        let ended = pool.spawn(|| "ended");
        while !ended.is_complete() {
            thread::yield_now();
        }
        let busy = occupy(&pool, 2);
        let handles: Vec<_> = (0..100)
            .map(|_| {
                let counted = Counted(dropped);
                pool.spawn(move || {
                    ran.fetch_add(1, SeqCst);
                    drop(counted);
                })
            })
            .collect();
        // The child takes its copies.
        let mut all = Some((pool, ended, handles));
        in_child(|| {
            let (pool, ended, mut handles) = all.take().unwrap();
            let waited = handles.pop().unwrap();
            assert!(waited.wait().unwrap_err().is_cancelled());
            let mut timed = handles.pop().unwrap();
            assert!(timed.is_complete() && !timed.cancel());
            assert!(
                timed
                    .wait_timeout(LIMIT)
                    .unwrap()
                    .unwrap_err()
                    .is_cancelled()
            );
            drop(handles);
            assert_eq!(ended.wait().unwrap(), "ended");
            everything(&pool);
            pool.shutdown_now();
            drop(pool);
            assert_eq!((ran.load(SeqCst), dropped.load(SeqCst)), (0, 0));
        });
        let (pool, ended, handles) = all.unwrap();
        drop(busy);
        for handle in handles {
            handle.wait().unwrap();
        }
        assert_eq!((ran.load(SeqCst), dropped.load(SeqCst)), (100, 100));
        assert_eq!(ended.wait().unwrap(), "ended");
        pool.shutdown();
    });
}

#[test]
fn a_scope_that_is_open_ends_without_the_parents_tasks() {
    within(LIMIT, || {
        let ran = shared_counter();
        for workers in [1, 2] {
            let pool = pool(workers);
            ran.store(0, SeqCst);
            let (begun, release) = (Gate::new(), Gate::new());
            // SAFETY: only asks.
            let parent = unsafe { libc::getpid() };
            let mut late = 0;
            let mut child = None;
            pool.scope(|s| {
                s.spawn(|| {
                    begun.open();
                    release.wait();
                    ran.fetch_add(1, SeqCst);
                });
                begun.wait();
                let queued: Vec<_> = (0..10)
                    .map(|_| s.spawn(|| ran.fetch_add(1, SeqCst)))
                    .collect();
                // SAFETY: as in `fork`.
                match unsafe { libc::fork() } {
                    0 => {
                        for handle in queued {
                            // A worker of the parent may have run it before.
                            if let Err(error) = handle.wait() {
                                assert!(error.is_cancelled());
                            }
                        }
                        s.spawn_into(|| 7, &mut late);
                        assert_eq!(s.spawn(|| fib(10)).join(), 55);
                    }
                    process => {
                        child = Some(process);
                        release.open();
                    }
                }
            });
            // SAFETY: only asks.
            if unsafe { libc::getpid() } != parent {
                let good = late == 7 && pool.scope(|s| s.spawn(|| 1).join()) == 1;
                // SAFETY: ends the child.
                unsafe { libc::_exit(i32::from(!good)) };
            }
            reap(child.unwrap());
            assert_eq!(ran.load(SeqCst), 11);
        }
    });
}

#[test]
fn a_task_may_fork() {
    alone("a_task_may_fork", || {
        for workers in [1, 2] {
            let pool = pool(workers);
            let inner = pool.clone();
            on_worker(&pool, move || {
                in_child(|| {
                    assert_eq!(fib(12), 144);
                    everything(&inner);
                });
            });
            // A child that falls out of its task ends; it does not go on with the parent's work.
            let ran = shared_counter();
            let (child, pid) = mpsc::channel();
            let busy = occupy(&pool, workers - 1);
            let (begun, queued) = (Arc::new(Gate::new()), Arc::new(Gate::new()));
            let (here, go) = (Arc::clone(&begun), Arc::clone(&queued));
            drop(pool.spawn(move || {
                here.open();
                go.wait();
                // SAFETY: as in `fork`.
                match unsafe { libc::fork() } {
                    0 => {}
                    process => child.send(process).unwrap(),
                }
            }));
            begun.wait();
            for _ in 0..10 {
                drop(pool.spawn(|| ran.fetch_add(1, SeqCst)));
            }
            queued.open();
            reap(pid.recv().unwrap());
            drop(busy);
            pool.wait_idle();
            assert_eq!(ran.load(SeqCst), 10);
        }
    });
}

/// In the child of a fork, which has a pool without threads, a task forks again: the grandchild leaves what is queued there to the child.
#[test]
fn a_task_of_a_child_may_fork() {
    within(LIMIT, || {
        let pool = pool(2);
        let ran = shared_counter();
        in_child(|| {
            let inner = pool.clone();
            pool.spawn(move || {
                for _ in 0..10 {
                    drop(inner.spawn(|| ran.fetch_add(1, SeqCst)));
                }
                // SAFETY: as in `fork`. The grandchild falls out of its task, and must end without running the others.
                match unsafe { libc::fork() } {
                    0 => {}
                    grandchild => reap(grandchild),
                }
            })
            .wait()
            .unwrap();
            pool.wait_idle();
        });
        assert_eq!(ran.load(SeqCst), 10);
    });
}

#[test]
fn a_join_may_be_open() {
    within(LIMIT, || {
        let pool = pool(2);
        // SAFETY: only asks.
        let parent = unsafe { libc::getpid() };
        // The second arm is on offer, or another thread has it; in the child it is run, or the join panics.
        for taken in [false, true] {
            let (begun, release) = (AtomicBool::new(false), Gate::new());
            let busy = (!taken).then(|| occupy(&pool, 2));
            let child = AtomicUsize::new(0);
            let result = catch_unwind(AssertUnwindSafe(|| {
                pool.install(|| {
                    zp::join(
                        || {
                            while taken && !begun.load(SeqCst) {
                                thread::yield_now();
                            }
                            // SAFETY: as in `fork`.
                            let process = unsafe { libc::fork() };
                            child.store(process as usize, SeqCst);
                            // In the child the lock of the gate may be held by a thread that is not there.
                            if process != 0 {
                                release.open();
                            }
                            1
                        },
                        || {
                            begun.store(true, SeqCst);
                            if taken {
                                release.wait();
                            }
                            2
                        },
                    )
                })
            }));
            // SAFETY: only asks.
            if unsafe { libc::getpid() } != parent {
                let good = match result {
                    Ok(results) => !taken && results == (1, 2),
                    Err(payload) => taken && message(&*payload).contains("forked"),
                };
                // SAFETY: ends the child.
                unsafe { libc::_exit(i32::from(!good)) };
            }
            assert_eq!(result.unwrap(), (1, 2));
            reap(child.load(SeqCst) as libc::pid_t);
            drop(busy);
        }
    });
}

#[test]
fn a_task_that_spawns_the_next_one_needs_no_stack() {
    fn next(pool: &zp::Pool, left: usize, done: &Arc<AtomicUsize>) {
        done.fetch_add(1, SeqCst);
        if left > 0 {
            let (inner, done) = (pool.clone(), Arc::clone(done));
            drop(pool.spawn(move || next(&inner, left - 1, &done)));
        }
    }
    within(LIMIT, || {
        let pool = pool(1);
        in_child(|| {
            let done = Arc::new(AtomicUsize::new(0));
            next(&pool, 100_000, &done);
            assert_eq!(done.load(SeqCst), 100_001);
            // Inside a task, waiting runs what is waited for, in any order.
            let inner = pool.clone();
            let order = pool.spawn(move || {
                let handles: Vec<_> = (0..5).map(|n| inner.spawn(move || n)).collect();
                assert!(!handles[0].is_complete());
                let text = panic_of(|| inner.wait_idle());
                assert!(text.contains("wait_idle"), "{text}");
                handles
                    .into_iter()
                    .rev()
                    .map(|h| h.wait().unwrap())
                    .collect::<Vec<_>>()
            });
            assert_eq!(order.wait().unwrap(), [4, 3, 2, 1, 0]);
        });
    });
}

#[test]
fn threads_of_the_child_share_the_pool() {
    alone("threads_of_the_child_share_the_pool", || {
        let pool = pool(2);
        // Its threads are past their start.
        pool.broadcast(|_| ());
        in_child(|| {
            let ran = Arc::new(AtomicUsize::new(0));
            thread::scope(|threads| {
                for _ in 0..4 {
                    threads.spawn(|| {
                        for _ in 0..1000 {
                            let count = Arc::clone(&ran);
                            let handle = pool.spawn(move || count.fetch_add(1, SeqCst));
                            handle.wait().unwrap();
                            pool.scope(|s| s.spawn(|| ran.fetch_add(1, SeqCst)).join());
                        }
                    });
                }
            });
            pool.wait_idle();
            assert_eq!(ran.load(SeqCst), 8000);
            drop(pool);
        });
    });
}

#[test]
fn a_pool_built_in_a_child_has_threads() {
    alone("a_pool_built_in_a_child_has_threads", || {
        let outer = pool(2);
        // Its threads are past their start.
        outer.broadcast(|_| ());
        in_child(|| {
            let inner = pool(2);
            let me = thread::current().id();
            assert_ne!(on_worker(&inner, || thread::current().id()), me);
            assert_eq!(inner.install(|| fib(15)), 610);
            assert_eq!(outer.install(|| fib(15)), 610);
        });
    });
}

#[test]
fn what_other_threads_do_while_the_process_forks_does_not_matter() {
    within(LIMIT, || {
        let pool = pool(2);
        let stop = AtomicBool::new(false);
        thread::scope(|threads| {
            for _ in 0..2 {
                threads.spawn(|| {
                    while !stop.load(SeqCst) {
                        // Threads of its own come and go, each with its place to sleep.
                        thread::scope(|threads| {
                            threads.spawn(|| pool.spawn(|| fib(8)).wait().unwrap());
                        });
                        pool.scope(|s| s.spawn(|| fib(8)).join());
                        pool.wait_idle();
                    }
                });
            }
            for _ in 0..times(40, 1) {
                in_child(|| {
                    // No threads of the child's own: the standard library's lock for starting one may have been held by another
                    // thread of the parent.
                    everything(&pool);
                    pool.shutdown();
                });
            }
            stop.store(true, SeqCst);
        });
    });
}

#[test]
fn priorities_hints_and_broadcasts_work_in_a_child() {
    fn all(pool: &zp::Pool) {
        let me = thread::current().id();
        let options = zp::SpawnOptions::new();
        for options in [
            options.priority(zp::Priority::High),
            options.priority(zp::Priority::Low),
            options.on_worker(1),
        ] {
            let task = || thread::current().id();
            assert_eq!(pool.scope(|s| s.spawn_with(task, options).join()), me);
            assert_eq!(pool.spawn_with(task, options).wait().unwrap(), me);
        }
        let here = |index| {
            assert_eq!(thread::current().id(), me);
            index
        };
        assert_eq!(pool.broadcast(here), [0, 1]);
        // Inside a task, and inside each other.
        let inner = pool.clone();
        let nested = pool.spawn(move || inner.broadcast(|_| inner.broadcast(|index| index)));
        assert_eq!(nested.wait().unwrap(), [[0, 1], [0, 1]]);
        let text = panic_of(|| pool.broadcast(|index| -> () { panic!("share {index}") }));
        assert_eq!(text, "share 0");
    }
    within(LIMIT, || {
        let pool = pool(2);
        in_child(|| all(&pool));
        let inner = pool.clone();
        on_worker(&pool, move || in_child(|| all(&inner)));
        assert_eq!(pool.broadcast(|index| index), [0, 1]);
    });
}
