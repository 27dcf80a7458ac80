//! What is known about one place in the source where `pcall!` is written.

use crate::sync::{
    AtomicBool, AtomicU64,
    Ordering::{Acquire, Relaxed, Release},
};
use crossbeam_utils::CachePadded;
use std::fmt;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

/// Threads count on lines of their own, as far as there are enough.
const LANES: usize = 8;

/// Every so many calls that run at once, one is timed.
const SAMPLE: u64 = 16;

/// How much a new sample changes the mean: 1 / 8.
const WEIGHT: u32 = 3;

/// The record of one call site: a static, made by the macro.
#[derive(Debug)]
pub struct CallSite {
    name: &'static str,
    file: &'static str,
    line: u32,
    column: u32,
    listed: AtomicBool,
    /// The mean cost of a call in nanoseconds, weighted towards the last ones; 0 while unknown.
    mean: CachePadded<AtomicU64>,
    lanes: [CachePadded<Lane>; LANES],
}

#[derive(Debug)]
struct Lane {
    inlined: AtomicU64,
    offered: AtomicU64,
    taken: AtomicU64,
}

/// All call sites that have been reached.
static LIST: Mutex<Vec<&'static CallSite>> = Mutex::new(Vec::new());

impl CallSite {
    /// A record without calls.
    #[must_use]
    pub const fn new(name: &'static str, file: &'static str, line: u32, column: u32) -> Self {
        Self {
            name,
            file,
            line,
            column,
            listed: AtomicBool::new(false),
            mean: CachePadded::new(AtomicU64::new(0)),
            lanes: [const {
                CachePadded::new(Lane {
                    inlined: AtomicU64::new(0),
                    offered: AtomicU64::new(0),
                    taken: AtomicU64::new(0),
                })
            }; LANES],
        }
    }

    /// Enters the record into the list, once.
    #[inline]
    pub(super) fn list(&'static self) {
        // Ordering: Acquire, Release below; nothing is published but the fact.
        if !self.listed.load(Acquire) {
            self.list_now();
        }
    }

    #[cold]
    fn list_now(&'static self) {
        let mut list = LIST.lock().unwrap_or_else(PoisonError::into_inner);
        if !self.listed.load(Relaxed) {
            list.push(self);
            self.listed.store(true, Release);
        }
    }

    fn lane(&self, thread: usize) -> &Lane {
        &self.lanes[thread % LANES]
    }

    /// Counts a call that runs at once. True if it is to be timed.
    pub(super) fn inlined(&self, thread: usize) -> bool {
        // Ordering: Relaxed here and below; these are counts, and a hint.
        self.lane(thread)
            .inlined
            .fetch_add(1, Relaxed)
            .is_multiple_of(SAMPLE)
    }

    pub(super) fn offered(&self, thread: usize) {
        self.lane(thread).offered.fetch_add(1, Relaxed);
    }

    pub(super) fn taken(&self, thread: usize) {
        self.lane(thread).taken.fetch_add(1, Relaxed);
    }

    /// A call took so long.
    pub(super) fn sample(&self, time: Duration) {
        let sample = u64::try_from(time.as_nanos()).unwrap_or(u64::MAX).max(1);
        // Two threads at once may lose a sample.
        let mean = self.mean.load(Relaxed);
        let next = if mean == 0 {
            sample
        } else {
            mean - (mean >> WEIGHT) + (sample >> WEIGHT)
        };
        self.mean.store(next.max(1), Relaxed);
    }

    /// The mean cost of a call, if one has been timed.
    pub(super) fn mean(&self) -> Option<Duration> {
        let mean = self.mean.load(Relaxed);
        (mean > 0).then(|| Duration::from_nanos(mean))
    }

    fn report(&self) -> CallSiteReport {
        let sum = |field: fn(&Lane) -> &AtomicU64| {
            self.lanes
                .iter()
                .map(|lane| field(lane).load(Relaxed))
                .sum::<u64>()
        };
        let (inlined, offered) = (sum(|lane| &lane.inlined), sum(|lane| &lane.offered));
        CallSiteReport {
            name: self.name,
            file: self.file,
            line: self.line,
            column: self.column,
            calls: inlined + offered,
            inlined,
            offered,
            taken: sum(|lane| &lane.taken),
            mean: self.mean(),
        }
    }
}

/// What [`call_sites`] says about one [`pcall!`](crate::pcall!) in the source.
///
/// The counts are those of all threads and pools since the program began; while calls go on they are a moment's view.
///
/// # Examples
///
/// ```
/// # fn parse(text: &str) -> usize { text.len() }
/// zp::scope(|s| {
///     for text in ["a", "b", "c"] {
///         zp::pcall!(s, parse(text));
///     }
/// });
/// let sites: Vec<zp::CallSiteReport> = zp::call_sites();
/// let site = sites.iter().find(|site| site.name == "parse").unwrap();
/// assert_eq!((site.calls, site.inlined + site.offered), (3, 3));
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct CallSiteReport {
    /// The function that is called, as it is written there.
    pub name: &'static str,
    /// The source file.
    pub file: &'static str,
    /// The line in it, from 1.
    pub line: u32,
    /// The column in it, from 1.
    pub column: u32,
    /// How often the call was made: `inlined + offered`.
    pub calls: u64,
    /// How often it ran at once, as a plain call.
    pub inlined: u64,
    /// How often it was offered to other threads.
    pub offered: u64,
    /// How often another thread ran it.
    pub taken: u64,
    /// What a call takes, as a mean of samples in which the last ones count most. `None` if none has been timed.
    pub mean: Option<Duration>,
}

impl fmt::Display for CallSiteReport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{}:{}:{} {}: {} calls, {} inlined, {} offered, {} taken",
            self.file,
            self.line,
            self.column,
            self.name,
            self.calls,
            self.inlined,
            self.offered,
            self.taken
        )?;
        match self.mean {
            Some(mean) => write!(f, ", {mean:.1?} each"),
            None => Ok(()),
        }
    }
}

/// All places in the program where a [`pcall!`](crate::pcall!) has been reached, with what became of their calls.
///
/// Calls at level `minimal` are counted in debug builds only. Takes a lock and allocates; meant for the end of a run or a
/// look in between.
///
/// # Examples
///
/// ```
/// # fn work(n: u64) -> u64 { n }
/// zp::scope(|s| {
///     for n in 0..100 {
///         zp::pcall!(s, work(n));
///     }
/// });
/// let sites = zp::call_sites();
/// let site = sites.iter().find(|site| site.name == "work").unwrap();
/// assert_eq!(site.calls, 100);
/// println!("{site}");
/// ```
#[must_use]
pub fn call_sites() -> Vec<CallSiteReport> {
    let list = LIST.lock().unwrap_or_else(PoisonError::into_inner);
    list.iter().map(|site| site.report()).collect()
}
