//! What the threads of a pool have done.

use crate::sync::{AtomicU64, Ordering::Relaxed};
use std::fmt;

/// How many columns a table has before it goes on below.
const COLUMNS_MAX: usize = 10;

/// Makes the counters, their plain copy, and what belongs to each, from one list.
macro_rules! counters {
    ($($(#[$doc:meta])* $name:ident $label:literal,)*) => {
        /// The counters of one slot. Only the thread at its desk writes them, except `tasks_taken`, and those of
        /// callers without a desk.
        #[derive(Debug, Default)]
        pub(crate) struct Counters {
            $(pub(crate) $name: Counter,)*
        }

        impl Counters {
            fn read(&self) -> ThreadStats {
                ThreadStats { $($name: self.$name.0.load(Relaxed),)* }
            }
        }

        /// What one thread has done, or several together; see [`Stats`].
        ///
        /// # Examples
        ///
        /// ```
        /// let pool = zp::Pool::builder().workers(2).build()?;
        /// pool.scope(|s| s.spawn(|| ()).join());
        /// let total: zp::ThreadStats = pool.stats().total();
        /// assert_eq!((total.spawned, total.executed, total.panicked), (1, 1, 0));
        /// # Ok::<(), zp::BuildError>(())
        /// ```
        #[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
        #[non_exhaustive]
        pub struct ThreadStats {
            $($(#[$doc])* pub $name: u64,)*
        }

        impl ThreadStats {
            fn add(&mut self, other: &Self) {
                $(self.$name += other.$name;)*
            }

            const LABELS: &[&str] = &[$($label),*];

            fn values(&self) -> impl Iterator<Item = u64> {
                [$(self.$name),*].into_iter()
            }
        }
    };
}

counters! {
    /// Tasks begun.
    executed "executed",
    /// Tasks spawned. Each is executed or cancelled once.
    spawned "spawned",
    /// Of the tasks executed, those that this thread was waiting for: it ran them itself instead of leaving them to others.
    inline "inline",
    /// Tasks that ended by a panic here.
    panicked "panicked",
    /// Tasks that this thread cancelled before they started.
    cancelled "cancelled",
    /// Tasks spawned with a hint that was not followed: there is no such worker, or too much waits for it already.
    overflowed "overflowed",
    /// Tasks taken from another thread's own queues.
    tasks_stolen "tasks stolen",
    /// Tasks of this thread's own queues that another thread took.
    tasks_taken "tasks taken",
    /// Arms of joins, and parts of batches, put on offer. Joins that make no offer are not counted.
    offered "arms offered",
    /// Of these, those that another thread took.
    taken "arms taken",
    /// Arms and parts that other threads offered, run here.
    stolen "arms stolen",
    /// Attempts to take what is on offer for which another thread was faster.
    failed_steals "failed steals",
    /// How often offering did not pay, so that joins became plain calls until somebody asked.
    paused "pauses",
    /// Looks around at a heartbeat.
    beats "beats",
    /// How often the thread went to sleep for want of work, or to wait.
    parked "parks",
    /// How often it was woken for work. Waits that end are not counted.
    woken "wake-ups",
}

#[derive(Debug, Default)]
pub(crate) struct Counter(AtomicU64);

impl Counter {
    /// By the only thread that writes it.
    #[inline]
    pub(super) fn bump(&self) {
        // Ordering: Relaxed; a count. No exchange is needed, as nobody else writes.
        self.0.store(self.0.load(Relaxed) + 1, Relaxed);
    }

    /// By one of several threads.
    #[inline]
    pub(super) fn bump_shared(&self) {
        self.0.fetch_add(1, Relaxed);
    }

    pub(super) fn get(&self) -> u64 {
        self.0.load(Relaxed)
    }
}

/// What the threads of a pool have done since it was built; see [`Pool::stats`](crate::Pool::stats).
///
/// Exact when the pool is idle; while it works, a moment's view of each counter.
///
/// # Examples
///
/// ```
/// let pool = zp::Pool::builder().workers(2).build()?;
/// pool.scope(|s| {
///     for _ in 0..10 {
///         s.spawn(|| ());
///     }
/// });
/// let stats = pool.stats();
/// assert_eq!((stats.total().spawned, stats.total().executed), (10, 10));
/// println!("{stats}");
/// # Ok::<(), zp::BuildError>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Stats {
    /// The pool's own threads, by index.
    pub workers: Vec<ThreadStats>,
    /// The other threads that took part, together.
    pub callers: ThreadStats,
}

impl Stats {
    pub(super) fn read<'a>(
        workers: impl Iterator<Item = &'a Counters>,
        others: impl Iterator<Item = &'a Counters>,
        (spawned, refused): (u64, u64),
    ) -> Self {
        let mut callers = ThreadStats {
            spawned,
            ..ThreadStats::default()
        };
        for counters in others {
            callers.add(&counters.read());
        }
        // Not below zero, whatever was read when.
        callers.spawned = callers.spawned.saturating_sub(refused);
        Self {
            workers: workers.map(Counters::read).collect(),
            callers,
        }
    }

    /// All threads together.
    #[must_use]
    pub fn total(&self) -> ThreadStats {
        let mut total = self.callers;
        for worker in &self.workers {
            total.add(worker);
        }
        total
    }
}

/// A table: a line for each counter, a column for each thread, ten columns side by side.
impl fmt::Display for Stats {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut columns: Vec<(String, ThreadStats)> = self
            .workers
            .iter()
            .enumerate()
            .map(|(index, worker)| (format!("worker {index}"), *worker))
            .collect();
        columns.push(("callers".to_owned(), self.callers));
        columns.push(("total".to_owned(), self.total()));
        for (block, columns) in columns.chunks(COLUMNS_MAX).enumerate() {
            if block > 0 {
                f.write_str("\n\n")?;
            }
            write!(f, "{:13}", "")?;
            for (name, _) in columns {
                write!(f, " {name:>12}")?;
            }
            for (line, label) in ThreadStats::LABELS.iter().enumerate() {
                write!(f, "\n{label:13}")?;
                for (_, column) in columns {
                    write!(f, " {:>12}", column.values().nth(line).unwrap_or(0))?;
                }
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stats_print_as_a_table() {
        let counters = Counters::default();
        counters.offered.bump();
        counters.offered.bump();
        let outside = Counters::default();
        outside.spawned.bump_shared();
        let stats = Stats::read([&counters].into_iter(), [&outside].into_iter(), (3, 1));
        assert_eq!(stats.total().offered, 2);
        let text = stats.to_string();
        let lines: Vec<&str> = text.lines().collect();
        assert_eq!(
            lines[0],
            "                  worker 0      callers        total"
        );
        assert_eq!(
            lines[2],
            "spawned                  0            3            3"
        );
        assert_eq!(
            lines[9],
            "arms offered             2            0            2"
        );
        assert_eq!(lines.len(), 1 + ThreadStats::LABELS.len());
    }

    #[test]
    fn a_table_of_many_threads_goes_on_below() {
        let counters: Vec<Counters> = (0..12).map(|_| Counters::default()).collect();
        counters[11].executed.bump();
        let text = Stats::read(counters.iter(), [].into_iter(), (0, 0)).to_string();
        let lines: Vec<&str> = text.lines().collect();
        let height = 1 + ThreadStats::LABELS.len();
        assert_eq!(lines.len(), 2 * height + 1);
        assert_eq!(lines[height], "");
        let second = "                 worker 10    worker 11      callers        total";
        assert_eq!(lines[height + 1], second);
        assert!(lines.iter().all(|line| line.len() <= 143));
        assert!(lines[height + 2].ends_with("1            0            1"));
    }
}
