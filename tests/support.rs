//! What the tests share: time limits, gates, drop ledgers, and ways to bring a thread where a test wants it.
#![allow(dead_code, reason = "each test binary uses its own part")]

use std::any::Any;
use std::cell::Cell;
use std::io::{Write, stderr};
use std::panic::{AssertUnwindSafe, Location, catch_unwind, resume_unwind, set_hook, take_hook};
use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};
use std::sync::{Arc, Condvar, Mutex, Once, PoisonError, mpsc};
use std::thread;
use std::time::Duration;

/// For every test: so long that only a hang takes longer. Nothing is correct because it is fast.
pub(crate) const LIMIT: Duration = Duration::from_secs(60);

/// By how much limits are longer than they say: for sanitizers, which make everything slower, as do others at work.
fn patience() -> u32 {
    let set = std::env::var("ZEROPOOL_TEST_PATIENCE");
    set.map_or(1, |times| times.parse().expect("a number of times"))
}

/// Runs `body` on a thread of its own and fails if it has not returned when the time is up. A body that hangs is left
/// behind; the process ends with the other tests.
pub(crate) fn within(limit: Duration, body: impl FnOnce() + Send + 'static) {
    let limit = limit * patience();
    let name = thread::current().name().unwrap_or("a test").to_owned();
    let (done, ended) = mpsc::channel();
    let thread = thread::Builder::new()
        .name(name.clone())
        .spawn(move || {
            let result = catch_unwind(AssertUnwindSafe(body));
            let _ = done.send(());
            result
        })
        .unwrap();
    // Miri's clock runs with the instructions it interprets, and it reports deadlocks itself.
    if !cfg!(miri) && ended.recv_timeout(limit) == Err(mpsc::RecvTimeoutError::Timeout) {
        eprintln!("HANG: {name} has not ended after {limit:?}");
        panic!("{name} hangs: it has not ended after {limit:?}");
    }
    match thread.join() {
        Ok(Ok(())) => {}
        Ok(Err(payload)) | Err(payload) => resume_unwind(payload),
    }
}

/// As [`within`], for a body that borrows: it runs here, and a hang ends the process.
pub(crate) fn within_here<R>(limit: Duration, body: impl FnOnce() -> R) -> R {
    let limit = limit * patience();
    let name = thread::current().name().unwrap_or("a test").to_owned();
    let (ended, watch) = mpsc::channel::<()>();
    let watchdog = thread::spawn(move || {
        let timed_out = watch.recv_timeout(limit) == Err(mpsc::RecvTimeoutError::Timeout);
        if timed_out && !cfg!(miri) {
            // Not `eprintln`, whose text would be kept until the end of the test.
            let _ = writeln!(stderr(), "HANG: {name} has not ended after {limit:?}");
            std::process::abort();
        }
    });
    let result = catch_unwind(AssertUnwindSafe(body));
    drop(ended);
    watchdog.join().unwrap();
    result.unwrap_or_else(|payload| resume_unwind(payload))
}

/// A count for ordinary runs, and a smaller one under Miri, which is a thousand times slower.
pub(crate) fn times(real: usize, miri: usize) -> usize {
    if cfg!(miri) { miri } else { real }
}

pub(crate) fn pool(workers: usize) -> zp::Pool {
    zp::Pool::builder().workers(workers).build().unwrap()
}

/// Runs `f` as an owned task and waits for it without helping: it runs on one of the pool's own threads for certain.
pub(crate) fn on_worker<R: Send + 'static>(
    pool: &zp::Pool,
    f: impl FnOnce() -> R + Send + 'static,
) -> R {
    let mut handle = pool.spawn(f);
    loop {
        match handle.wait_timeout(LIMIT) {
            Some(Ok(value)) => return value,
            Some(Err(error)) => match error.into_panic() {
                Ok(payload) => resume_unwind(payload),
                Err(error) => panic!("{error}"),
            },
            None => {}
        }
    }
}

/// Closed at first; whoever waits goes on once it is open.
#[derive(Debug, Default)]
pub(crate) struct Gate {
    open: Mutex<bool>,
    changed: Condvar,
}

impl Gate {
    pub(crate) fn new() -> Self {
        Self::default()
    }

    pub(crate) fn open(&self) {
        *self.open.lock().unwrap() = true;
        self.changed.notify_all();
    }

    pub(crate) fn is_open(&self) -> bool {
        *self.open.lock().unwrap()
    }

    pub(crate) fn wait(&self) {
        let mut open = self.open.lock().unwrap();
        while !*open {
            open = self.changed.wait(open).unwrap();
        }
    }
}

/// Tasks that keep threads of a pool busy until this is dropped.
#[must_use]
pub(crate) struct Busy {
    release: Arc<Gate>,
    handles: Vec<zp::JoinHandle<()>>,
}

/// Occupies `count` threads of `pool`; returns when all of them are at it.
pub(crate) fn occupy(pool: &zp::Pool, count: usize) -> Busy {
    let release = Arc::new(Gate::new());
    let handles = (0..count)
        .map(|_| {
            let (here, release) = (Arc::new(Gate::new()), Arc::clone(&release));
            let begun = Arc::clone(&here);
            let handle = pool.spawn(move || {
                begun.open();
                release.wait();
            });
            here.wait();
            handle
        })
        .collect();
    Busy { release, handles }
}

impl Drop for Busy {
    fn drop(&mut self) {
        self.release.open();
        for handle in &mut self.handles {
            while handle.wait_timeout(LIMIT).is_none() {}
        }
    }
}

/// Counts the drops of each token it hands out.
#[derive(Debug, Clone, Default)]
pub(crate) struct Ledger(Arc<Mutex<Vec<Arc<AtomicUsize>>>>);

/// Something that must be dropped exactly once.
#[derive(Debug)]
pub(crate) struct Token {
    drops: Arc<AtomicUsize>,
    /// What its drop panics with, unless the thread is panicking already.
    panics: Cell<Option<&'static str>>,
}

impl Ledger {
    pub(crate) fn new() -> Self {
        Self::default()
    }

    pub(crate) fn token(&self) -> Token {
        let drops = Arc::new(AtomicUsize::new(0));
        self.entries().push(Arc::clone(&drops));
        Token {
            drops,
            panics: Cell::new(None),
        }
    }

    /// A token whose drop panics.
    pub(crate) fn bomb(&self, message: &'static str) -> Token {
        let token = self.token();
        token.panics.set(Some(message));
        token
    }

    /// How many tokens have been dropped so far; none of them twice.
    pub(crate) fn dropped(&self) -> usize {
        let drops = self.counts();
        assert!(drops.iter().all(|&n| n <= 1), "dropped twice: {drops:?}");
        drops.iter().sum()
    }

    /// How often each token has been dropped so far.
    pub(crate) fn counts(&self) -> Vec<usize> {
        let entries = self.entries();
        entries.iter().map(|drops| drops.load(SeqCst)).collect()
    }

    pub(crate) fn made(&self) -> usize {
        self.entries().len()
    }

    #[track_caller]
    pub(crate) fn assert_balanced(&self) {
        let drops = self.counts();
        assert!(
            drops.iter().all(|&n| n == 1),
            "not dropped exactly once: {drops:?}"
        );
    }

    fn entries(&self) -> std::sync::MutexGuard<'_, Vec<Arc<AtomicUsize>>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Token {
    fn drop(&mut self) {
        self.drops.fetch_add(1, SeqCst);
        if let Some(message) = self.panics.take()
            && !thread::panicking()
        {
            std::panic::panic_any(message);
        }
    }
}

/// What a panic said.
pub(crate) fn message(payload: &(dyn Any + Send)) -> String {
    if let Some(text) = payload.downcast_ref::<&str>() {
        (*text).to_owned()
    } else if let Some(text) = payload.downcast_ref::<String>() {
        text.clone()
    } else {
        "(not a string)".to_owned()
    }
}

/// Runs `f`, which has to panic, and returns what it said.
#[track_caller]
pub(crate) fn panic_of<R>(f: impl FnOnce() -> R) -> String {
    match catch_unwind(AssertUnwindSafe(f)) {
        Ok(_) => panic!("there was no panic"),
        Err(payload) => message(&*payload),
    }
}

/// As [`panic_of`], with the payload itself.
#[track_caller]
pub(crate) fn payload_of<R>(f: impl FnOnce() -> R) -> Box<dyn Any + Send> {
    match catch_unwind(AssertUnwindSafe(f)) {
        Ok(_) => panic!("there was no panic"),
        Err(payload) => payload,
    }
}

/// Where `f` panics, as file and line. Other threads may panic meanwhile; they are not listened to.
pub(crate) fn place_of<R>(f: impl FnOnce() -> R) -> (String, u32) {
    thread_local! {
        static LISTENING: Cell<bool> = const { Cell::new(false) };
        static HEARD: Cell<Option<(String, u32)>> = const { Cell::new(None) };
    }
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        let report = take_hook();
        set_hook(Box::new(move |info| {
            if LISTENING.get() {
                let place = |at: &Location<'_>| (at.file().to_owned(), at.line());
                HEARD.set(info.location().map(place));
            } else {
                report(info);
            }
        }));
    });
    LISTENING.set(true);
    let result = catch_unwind(AssertUnwindSafe(f));
    LISTENING.set(false);
    assert!(result.is_err(), "there was no panic");
    HEARD.take().expect("a panic has a place")
}

/// xorshift64 (Marsaglia 2003, doi 10.18637/jss.v008.i14).
#[derive(Debug, Clone)]
pub(crate) struct Random(u64);

impl Random {
    pub(crate) fn new(seed: u64) -> Self {
        Self(seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1)
    }

    pub(crate) fn next(&mut self) -> u64 {
        let mut x = self.0;
        x ^= x << 13;
        x ^= x >> 7;
        x ^= x << 17;
        self.0 = x;
        x
    }

    pub(crate) fn below(&mut self, bound: u64) -> u64 {
        (self.next() >> 11) % bound
    }
}

/// Busy for a little while, without a clock.
pub(crate) fn work(rounds: usize) {
    for n in 0..rounds {
        std::hint::black_box(n);
    }
}
