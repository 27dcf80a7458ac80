//! The child of a fork, and a system that refuses. Covers E11.
#![allow(unsafe_code)] // Forking.

use super::*;
use crate::sync::{AtomicBool, Ordering::Relaxed, thread};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::process::Command;
use std::time::{Duration, Instant};

fn text_of(payload: &(dyn std::any::Any + Send)) -> String {
    payload
        .downcast_ref::<String>()
        .cloned()
        .or_else(|| payload.downcast_ref::<&str>().map(|s| (*s).to_owned()))
        .unwrap_or_default()
}

/// Runs `body` in the child of a fork; it has a minute.
fn in_child(body: impl FnOnce()) {
    // SAFETY: the child goes on in the one thread it has.
    let child = unsafe { libc::fork() };
    if child == 0 {
        let code = match catch_unwind(AssertUnwindSafe(body)) {
            Ok(()) => 0,
            Err(payload) => {
                let text = format!("in the child: {}\n", text_of(&*payload));
                // SAFETY: valid for its length.
                unsafe { libc::write(2, text.as_ptr().cast(), text.len()) };
                1
            }
        };
        // SAFETY: ends the process.
        unsafe { libc::_exit(code) }
    }
    assert!(child > 0);
    let begun = Instant::now();
    let mut status = 0;
    // SAFETY: `status` is valid.
    while unsafe { libc::waitpid(child, &raw mut status, libc::WNOHANG) } == 0 {
        if begun.elapsed() > Duration::from_secs(60) {
            // SAFETY: our own child.
            unsafe { libc::kill(child, libc::SIGKILL) };
            // SAFETY: as above.
            unsafe { libc::waitpid(child, &raw mut status, 0) };
            panic!("the child hangs");
        }
        thread::sleep(Duration::from_millis(1));
    }
    assert!(status == 0, "the child failed: {status:#x}");
}

/// Runs `body`, the test of this name, in a process where no other test does. For children that start threads: starting or ending one
/// waits for ever for a lock of the standard library that another thread, which was starting or ending, had at the fork.
fn alone(name: &str, body: impl FnOnce()) {
    const ALONE: &str = "ZEROPOOL_TEST_ALONE";
    if std::env::var_os(ALONE).is_some() {
        return body();
    }
    let (_, module) = module_path!().split_once("::").unwrap();
    let output = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", &format!("{module}::{name}"), "--test-threads=1"])
        .env(ALONE, "")
        .output()
        .unwrap();
    let text = String::from_utf8_lossy(&output.stdout);
    let complaint = String::from_utf8_lossy(&output.stderr);
    assert!(
        output.status.success() && text.contains("1 passed"),
        "{text}\n{complaint}"
    );
}

/// A pool made before a program turns itself into a daemon serves the threads of the child. No thread of the parent used it.
#[test]
fn the_threads_of_a_child_get_buffers() {
    alone("the_threads_of_a_child_get_buffers", || {
        let pool = BufferPool::new();
        drop(pool.get(1));
        in_child(|| {
            let failures = std::sync::Mutex::new(Vec::new());
            thread::scope(|s| {
                for t in 0..4 {
                    let (pool, failures) = (&pool, &failures);
                    s.spawn(move || {
                        for i in 0..500_usize {
                            let got = catch_unwind(AssertUnwindSafe(|| {
                                // Not touched: two thousand times five megabytes would take long.
                                pool.get_uninit((2 << 20) + ((i * 7 + t) % 60) * 100_000)
                            }));
                            if let Err(payload) = got {
                                failures.lock().unwrap().push(text_of(&*payload));
                            }
                        }
                    });
                }
            });
            let failures = failures.into_inner().unwrap();
            assert!(
                failures.is_empty(),
                "{} of 2000 requests panicked: {}",
                failures.len(),
                failures[0]
            );
        });
    });
}

/// In a child with threads a wake-up is not lost because somebody else has the lock for a moment.
#[test]
fn a_waiter_in_a_child_is_woken() {
    alone("a_waiter_in_a_child_is_woken", || {
        let pool = BufferPool::builder().max_bytes(4096).build().unwrap();
        let held = pool.get(4096);
        in_child(|| {
            thread::scope(|s| {
                let waiter = s.spawn(|| drop(pool.get(4096)));
                while !pool.handle.home().waiters.any(&pool.handle.home().settings) {
                    thread::yield_now();
                }
                thread::sleep(Duration::from_millis(100));
                // A thread of this process has the lock for a moment, as `trim` does.
                let state = pool.handle.home().lock();
                thread::scope(|s| {
                    s.spawn(|| drop(held));
                    thread::sleep(Duration::from_millis(100));
                    drop(state);
                });
                waiter.join().unwrap();
            });
        });
    });
}

/// Somebody waits at the cap in the parent; the child has the memory, and no waiter.
#[test]
fn a_child_does_not_stand_in_line_behind_threads_it_does_not_have() {
    let pool = BufferPool::builder().max_bytes(4096).build().unwrap();
    let held = pool.get(4096);
    let mut held = Some(held);
    thread::scope(|s| {
        let waiter = s.spawn(|| drop(pool.get(4096)));
        while !pool.handle.home().waiters.any(&pool.handle.home().settings) {
            thread::yield_now();
        }
        thread::sleep(Duration::from_millis(100));
        let outcome = catch_unwind(AssertUnwindSafe(|| {
            in_child(|| {
                drop(held.take());
                drop(pool.get(4096));
            });
        }));
        held = None;
        waiter.join().unwrap();
        if let Err(payload) = outcome {
            panic!("{}", text_of(&*payload));
        }
    });
}

/// The child needs nothing that anybody waits for: the pool has no cap.
#[test]
fn a_child_gets_new_memory_though_another_thread_had_the_lock() {
    let pool = BufferPool::new();
    let (locked, go) = (std::sync::Barrier::new(2), std::sync::Barrier::new(2));
    thread::scope(|s| {
        let (pool, locked, go) = (&pool, &locked, &go);
        s.spawn(move || {
            let state = pool.handle.home().lock();
            locked.wait();
            go.wait();
            drop(state);
        });
        locked.wait();
        let outcome = catch_unwind(AssertUnwindSafe(|| in_child(|| drop(pool.get(4096)))));
        go.wait();
        if let Err(payload) = outcome {
            panic!("{}", text_of(&*payload));
        }
    });
}

/// What rests is used before a request fails because the system has no more.
#[test]
fn memory_at_rest_makes_room_when_the_system_has_none() {
    in_child(|| {
        let pool = BufferPool::builder().tls_cache_size(0).build().unwrap();
        drop(Vec::from_iter((0..30).map(|_| pool.get_uninit(1 << 20))));
        assert!(pool.stats().bytes_shared() >= 30 << 20);
        let statm = std::fs::read_to_string("/proc/self/statm").unwrap();
        let pages: libc::rlim_t = statm.split(' ').next().unwrap().parse().unwrap();
        let limit = pages * 4096 + (4 << 20);
        let limit = libc::rlimit {
            rlim_cur: limit,
            rlim_max: limit,
        };
        // SAFETY: `limit` is valid.
        let set = unsafe { libc::setrlimit(libc::RLIMIT_AS, &raw const limit) };
        assert_eq!(set, 0);
        let got = pool.try_get(8 << 20);
        assert!(
            got.is_ok(),
            "{} rest, but: {}",
            pool.stats().bytes_shared(),
            got.unwrap_err()
        );
    });
}

/// refusals of the system in the middle leave the counts right.
#[test]
fn refusals_of_the_system_leave_the_counts_right() {
    in_child(|| {
        let pool = BufferPool::builder().idle_decay(None).build().unwrap();
        let statm = std::fs::read_to_string("/proc/self/statm").unwrap();
        let pages: libc::rlim_t = statm.split(' ').next().unwrap().parse().unwrap();
        let limit = pages * 4096 + (64 << 20);
        let limit = libc::rlimit {
            rlim_cur: limit,
            rlim_max: limit,
        };
        // SAFETY: `limit` is valid.
        let set = unsafe { libc::setrlimit(libc::RLIMIT_AS, &raw const limit) };
        assert_eq!(set, 0);
        for len in [1 << 20, 65_536, 20 << 20] {
            let mut held = Vec::with_capacity(5000);
            while let Ok(buf) = pool.try_get(len) {
                held.push(buf);
            }
            assert!(pool.preallocate(2000, len).is_err());
            drop(held);
            let stats = pool.stats();
            assert_eq!(stats.bytes_in_flight(), 0, "{stats}");
            pool.trim();
            assert_eq!(pool.stats().bytes_mapped(), 0);
        }
    });
}

/// a child of a parent in full swing, whose lock was free: it gets, returns, sweeps and dies.
#[test]
fn a_child_of_a_busy_parent() {
    let pool = BufferPool::builder().idle_decay(None).build().unwrap();
    let stop = AtomicBool::new(false);
    let mut failures = Vec::new();
    thread::scope(|s| {
        for _ in 0..2 {
            s.spawn(|| {
                while !stop.load(Relaxed) {
                    drop((pool.get(4096), pool.get(4096), pool.get(100)));
                }
            });
        }
        for _ in 0..30 {
            let outcome = catch_unwind(AssertUnwindSafe(|| {
                in_child(|| {
                    let _ = pool.try_get(4096);
                    pool.trim();
                    let _ = pool.try_get(8192);
                    pool.flush_thread_cache();
                });
            }));
            failures.extend(outcome.err().map(|e| text_of(&*e)));
        }
        stop.store(true, Relaxed);
    });
    assert!(failures.is_empty(), "{failures:?}");
}

/// At the fork another thread has a block that the store still counts. The child looks for something to evict, and does not find it.
#[test]
fn a_child_does_not_wait_for_a_block_that_another_thread_was_moving() {
    let pool = BufferPool::builder()
        .shards(1)
        .tls_cache_size(0)
        .max_idle_bytes(0)
        .idle_decay(None)
        .build()
        .unwrap();
    let stop = AtomicBool::new(false);
    thread::scope(|s| {
        s.spawn(|| {
            while !stop.load(Relaxed) {
                drop(pool.get_uninit(65_536));
            }
        });
        let outcome = catch_unwind(AssertUnwindSafe(|| {
            for _ in 0..200 {
                in_child(|| {
                    drop(pool.get_uninit(4096));
                    drop(pool.get_uninit(65_536));
                });
            }
        }));
        stop.store(true, Relaxed);
        if let Err(payload) = outcome {
            panic!("{}", text_of(&*payload));
        }
    });
}
