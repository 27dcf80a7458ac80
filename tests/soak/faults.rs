#![allow(unsafe_code)] // Fences: signals that interrupt every sleep of the process.
//! What the system may do to us: refuse threads, refuse memory, wake for no reason.

use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering::Relaxed};
use std::thread::{self, JoinHandle};
use std::time::Duration;
use zp::{BufError, BufferPool, BuildError, Pool};

const MIB: usize = 1 << 20;

/// Address space that is left when the rest is refused: for what is not to fail.
const SPARE: usize = 384 * MIB;

/// Interrupts the threads of this process in whatever they wait for, again and again: spurious wake-ups.
pub(crate) struct Disturbance {
    stop: Arc<AtomicBool>,
    count: Arc<AtomicU64>,
    thread: JoinHandle<()>,
}

extern "C" fn nothing(_: libc::c_int) {}

impl Disturbance {
    pub(crate) fn begin() -> Self {
        // SAFETY: all zero is a valid `sigaction`: no flags, an empty mask.
        let mut action: libc::sigaction = unsafe { std::mem::zeroed() };
        // Without SA_RESTART a wait returns when the signal has been handled.
        action.sa_sigaction = nothing as extern "C" fn(libc::c_int) as usize;
        // SAFETY: `action` is initialised, and its handler does nothing, which is async-signal-safe.
        let result =
            unsafe { libc::sigaction(libc::SIGUSR1, &raw const action, std::ptr::null_mut()) };
        assert_eq!(result, 0, "the signal can be handled");
        let (stop, count) = (
            Arc::new(AtomicBool::new(false)),
            Arc::new(AtomicU64::new(0)),
        );
        let (is_over, interrupted) = (Arc::clone(&stop), Arc::clone(&count));
        let thread = thread::spawn(move || {
            while !is_over.load(Relaxed) {
                interrupted.fetch_add(interrupt_all(), Relaxed);
                thread::sleep(Duration::from_micros(500));
            }
        });
        Self {
            stop,
            count,
            thread,
        }
    }

    /// How many waits, or calculations, were interrupted.
    pub(crate) fn end(self) -> u64 {
        self.stop.store(true, Relaxed);
        let _ = self.thread.join();
        self.count.load(Relaxed)
    }
}

fn interrupt_all() -> u64 {
    let Ok(threads) = std::fs::read_dir("/proc/self/task") else {
        return 0;
    };
    // SAFETY: `getpid` has no preconditions.
    let process = unsafe { libc::getpid() };
    let ids = threads.flatten().filter_map(|entry| {
        let name = entry.file_name();
        name.to_str()?.parse::<libc::pid_t>().ok()
    });
    let mut count = 0;
    for id in ids {
        // SAFETY: `tgkill` takes any numbers; a thread that has ended meanwhile is an error, and the signal is handled.
        let result = unsafe { libc::syscall(libc::SYS_tgkill, process, id, libc::SIGUSR1) };
        count += u64::from(result == 0);
    }
    count
}

/// While the address space is limited: pools that get no threads, or not all, and buffers that get no memory. Returns how often
/// the system has refused.
pub(crate) fn refuse(seed: u64) -> usize {
    let Some(used) = address_space() else {
        return 0;
    };
    let before = getrlimit(Resource::As);
    let limit = Rlimit {
        current: Some((used + SPARE) as u64),
        ..before
    };
    if setrlimit(Resource::As, limit).is_err() {
        return 0;
    }
    let refusals = refuse_threads(seed) + refuse_memory(seed);
    assert!(
        setrlimit(Resource::As, before).is_ok(),
        "a limit can be raised again"
    );
    refusals
}

fn address_space() -> Option<usize> {
    let pages = std::fs::read_to_string("/proc/self/statm").ok()?;
    let pages: usize = pages.split_whitespace().next()?.parse().ok()?;
    Some(pages * 4096)
}

/// Threads that were started before one was refused have ended again.
fn refuse_threads(seed: u64) -> usize {
    let stack = [1024, 200, 100, 60][seed as usize / 16 % 4] * MIB;
    let calls = Arc::<programs::pools::HookCalls>::default();
    let (started, exited) = (Arc::clone(&calls), Arc::clone(&calls));
    let result = Pool::builder()
        .workers(16)
        .stack_size(stack)
        .on_thread_start(move |_| {
            started.started.fetch_add(1, Relaxed);
        })
        .on_thread_exit(move |_| {
            exited.exited.fetch_add(1, Relaxed);
        })
        .build();
    match result {
        Ok(pool) => {
            assert_eq!(pool.scope(|s| s.spawn(|| 1).join()), 1);
            0
        }
        Err(BuildError::Thread { index, .. }) => {
            let counts = (calls.started.load(Relaxed), calls.exited.load(Relaxed));
            assert_eq!(
                counts,
                (index, index),
                "threads that were started have ended"
            );
            1
        }
        Err(error) => panic!("{error}"),
    }
}

/// What was lent before memory was refused stays right, and comes home.
fn refuse_memory(seed: u64) -> usize {
    let pool = BufferPool::new();
    let len = [1, 8, 40][seed as usize / 64 % 3] * MIB + 1;
    let mut held = Vec::new();
    let mut refusals = 0;
    while held.len() < 1000 {
        match pool.try_get(len) {
            Ok(buf) => held.push(buf),
            Err(BufError::OutOfMemory { requested }) => {
                assert_eq!(requested, len);
                refusals = 1;
                break;
            }
            Err(error) => panic!("{error}"),
        }
    }
    for (at, buf) in held.iter_mut().enumerate() {
        assert_eq!((buf[0], buf[len - 1]), (0, 0));
        (buf[0], buf[len - 1]) = (at as u8, 1);
    }
    assert!(
        held.iter()
            .enumerate()
            .all(|(at, buf)| buf[0] == at as u8 && buf[len - 1] == 1)
    );
    drop(held);
    assert_eq!(pool.stats().bytes_in_flight(), 0);
    assert_eq!(pool.get(100).len(), 100, "there is memory again");
    pool.trim();
    assert_eq!(pool.stats().bytes_mapped(), 0);
    refusals
}
