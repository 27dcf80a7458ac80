//! Threads that do everything at random, with a small cap; then nothing is lost, doubled or dirty. Under Miri two of the storms; each
//! takes long there. Covers P1, P5 to P8, P10, P12, P19.

use super::*;
use crate::sync::thread;
use crate::{Buf, PoolConfig, Zeroing};
use std::sync::Mutex;
use std::time::Duration;

/// Marsaglia's xorshift generator: not 0.
struct Random(u64);

impl Random {
    fn below(&mut self, bound: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 >> 33) as usize % bound
    }
}

/// Buffers that wait for somebody to drop them, with what is in them.
type Mailbox = Mutex<Vec<(u8, Buf)>>;

const THREADS: usize = if cfg!(miri) { 3 } else { 6 };
const ROUNDS: usize = if cfg!(miri) { 5 } else { 800 };
const GENERATIONS: usize = if cfg!(miri) { 2 } else { 3 };
const LENS: &[usize] = if cfg!(miri) {
    &[1, 64, 4096, 5000]
} else {
    &[1, 64, 200, 300, 1000, 4096, 5000, 9000, 30_000, 65_536]
};

fn config() -> PoolConfig {
    PoolConfig::new()
        .with_max_bytes(if cfg!(miri) { 32 << 10 } else { 256 << 10 })
        .with_shards(2)
        .with_idle_decay(Duration::from_millis(1))
}

/// Checks that a buffer is all zero, over its whole capacity if `whole`, and marks it.
fn marked(mut buf: Buf, mark: u8, whole: bool) -> Buf {
    let len = buf.len();
    if whole {
        buf.resize(buf.capacity());
    }
    assert!(buf.iter().all(|&byte| byte == 0), "old bytes");
    buf.fill(mark);
    buf.resize(len);
    buf
}

fn check_mark(mark: u8, buf: &Buf) {
    assert!(
        buf.iter().all(|&byte| byte == mark),
        "a block with two owners"
    );
}

/// One thread's part of a storm.
fn blow(pool: &BufferPool, mailbox: &Mailbox, mark: u8, random: &mut Random) {
    let mut held = Vec::new();
    for _ in 0..ROUNDS {
        match random.below(20) {
            0..=7 => {
                let len = LENS[random.below(LENS.len())];
                let limit = Duration::from_micros(random.below(2000) as u64);
                let got = match random.below(4) {
                    0 => pool.get_timeout(len, limit).ok(),
                    // May wait only with nothing in hand, or all might wait for all.
                    1 if held.is_empty() => Some(pool.get(len)),
                    _ => pool.try_get(len).ok(),
                };
                held.extend(got.map(|buf| marked(buf, mark, random.below(3) == 0)));
            }
            8..=14 if !held.is_empty() => {
                let buf = held.swap_remove(random.below(held.len()));
                check_mark(mark, &buf);
            }
            15 => mailbox
                .lock()
                .unwrap()
                .extend(held.pop().map(|buf| (mark, buf))),
            16 | 17 => {
                let found = mailbox.lock().unwrap().pop();
                if let Some((mark, buf)) = found {
                    check_mark(mark, &buf);
                }
            }
            18 => match random.below(4) {
                0 => drop(pool.trim()),
                1 => pool.flush_thread_cache(),
                2 => drop(pool.preallocate(random.below(3), 4096)),
                _ => drop(pool.clone()),
            },
            _ => held.clear(),
        }
    }
}

fn storm(config: PoolConfig, seed: u64) {
    let cap = config.max_bytes().unwrap();
    let zeroing = config.zeroing();
    let pool = BufferPool::with_config(config).unwrap();
    let tally = tally(&pool);
    let mailbox = Mailbox::default();
    for generation in 0..GENERATIONS as u64 {
        thread::scope(|s| {
            let (pool, mailbox) = (&pool, &mailbox);
            let threads = Vec::from_iter((1..=THREADS as u8).map(|mark| {
                let mut random = Random(seed << 16 | generation << 8 | u64::from(mark));
                s.spawn(move || blow(pool, mailbox, mark, &mut random))
            }));
            // So that nobody waits for ever for what lies in the mailbox.
            while !threads.iter().all(thread::ScopedJoinHandle::is_finished) {
                mailbox.lock().unwrap().clear();
                thread::sleep(Duration::from_millis(1));
            }
            // The end of a scope does not wait for destructors of thread-locals, during which blocks are in motion.
            for thread in threads {
                thread.join().unwrap();
            }
        });
        mailbox.lock().unwrap().clear();
        let stats = pool.stats();
        assert_eq!(stats.bytes_in_flight(), 0, "{stats}");
        let at_rest = stats.bytes_cached() + stats.bytes_shared();
        assert_eq!(at_rest, stats.bytes_mapped(), "{stats}");
        assert!(stats.peak_bytes() <= cap, "{stats}");
    }
    // All of the cap can be had for one length as for another, and is zero over its whole capacity where the pool wipes.
    // (Hundreds of small ones take long under Miri.)
    for &len in LENS.iter().filter(|&&len| !cfg!(miri) || len >= 4096) {
        let mut all = Vec::new();
        while let Ok(buf) = pool.try_get(len) {
            all.push(marked(buf, 7, zeroing == Zeroing::OnReturn));
        }
        let bytes: usize = all.iter().map(Buf::capacity).sum();
        assert!(bytes > cap / 2, "{bytes} of {cap} bytes in pieces of {len}");
    }
    pool.trim();
    assert_eq!(pool.stats().bytes_mapped(), 0);
    drop(pool);
    assert_eq!(tally.alive(), 0);
    assert_eq!(Arc::strong_count(&tally.0), 1, "references are left over");
}

#[test]
fn with_everything_as_it_is() {
    storm(config(), 1);
}

#[cfg(not(miri))]
#[test]
fn with_small_limits() {
    let config = config()
        .with_max_buffers_per_shard(3)
        .with_max_idle_bytes(20_000)
        .with_tls_cache_size(2);
    storm(config, 2);
}

#[cfg(not(miri))]
#[test]
fn with_nothing_kept() {
    let config = config()
        .with_max_buffers_per_shard(0)
        .with_max_idle_bytes(0)
        .with_tls_cache_size(0);
    storm(config, 3);
}

#[cfg(not(miri))]
#[test]
fn with_nothing_wiped() {
    storm(config().with_zeroing(Zeroing::Never), 4);
}

#[cfg(not(miri))]
#[test]
fn with_many_shards_of_one_block() {
    let config = config()
        .with_shards(256)
        .with_max_buffers_per_shard(1)
        .with_tls_cache_size(1);
    storm(config, 5);
}

#[cfg(all(unix, not(miri)))]
#[test]
fn with_guard_pages_and_a_great_alignment() {
    let config = config()
        .with_guard_pages(true)
        .with_alignment(8192)
        .with_max_bytes(512 << 10);
    storm(config, 6);
}

/// Pools die while buffers come back, slots are swept and threads exit.
#[test]
fn of_dying_pools() {
    for seed in 0..if cfg!(miri) { 2 } else { 150 } {
        let pool = BufferPool::with_config(config()).unwrap();
        let tally = tally(&pool);
        let threads = Vec::from_iter((1..=4).map(|t| {
            let pool = pool.clone();
            let mut random = Random(seed << 8 | t);
            let mut held = Vec::from_iter(pool.try_get(4096));
            thread::spawn(move || {
                for _ in 0..random.below(if cfg!(miri) { 5 } else { 60 }) {
                    match random.below(4) {
                        0 | 1 => held.extend(pool.try_get(1 + random.below(20_000))),
                        2 => drop(held.pop()),
                        _ => drop(pool.trim()),
                    }
                }
                if random.below(2) == 0 {
                    drop(pool);
                    drop(held);
                } else {
                    drop(held);
                    drop(pool);
                }
            })
        }));
        drop(pool);
        for thread in threads {
            thread.join().unwrap();
        }
        assert_eq!(tally.alive(), 0);
        assert_eq!(Arc::strong_count(&tally.0), 1, "references are left over");
    }
}
