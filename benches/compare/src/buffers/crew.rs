//! Threads that are started once and then do the same thing whenever they are told to, all at the same time.

use crate::contest::Batch;
use std::hint;
use std::sync::atomic::{AtomicUsize, Ordering::AcqRel, Ordering::Acquire};
use std::sync::{Arc, mpsc};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

/// The threads. Dropped, it waits until they have ended.
pub(super) struct Crew {
    /// One for each thread.
    orders: Vec<mpsc::Sender<Batch>>,
    reports: mpsc::Receiver<Report>,
    threads: Vec<JoinHandle<()>>,
}

struct Report {
    begin: Instant,
    end: Instant,
    wrong: u64,
}

impl Crew {
    /// So many threads. Thread `i` does n operations by calling `job(i, n)`, which says how many of them went wrong.
    pub(super) fn new(
        threads: usize,
        job: impl Fn(usize, u64) -> u64 + Send + Sync + 'static,
    ) -> Self {
        let (job, start) = (Arc::new(job), Arc::new(StartLine::new(threads)));
        let (report, reports) = mpsc::channel();
        let mut orders = Vec::new();
        let threads = (0..threads)
            .map(|index| {
                let (order, for_thread) = mpsc::channel::<Batch>();
                orders.push(order);
                let (job, start, report) = (Arc::clone(&job), Arc::clone(&start), report.clone());
                thread::spawn(move || {
                    for batch in for_thread {
                        let mut wrong = job(index, batch.warm);
                        start.wait();
                        let begin = Instant::now();
                        wrong += job(index, batch.timed);
                        let end = Instant::now();
                        // Whoever is not there to read it does not want it.
                        let _ = report.send(Report { begin, end, wrong });
                    }
                })
            })
            .collect();
        Self {
            orders,
            reports,
            threads,
        }
    }

    /// Each thread does so many operations; returns how long it took from the first one's beginning to the last one's end, and
    /// how many operations went wrong.
    pub(super) fn run(&self, each: Batch) -> (Duration, u64) {
        for order in &self.orders {
            // A thread that has panicked is missed below.
            let _ = order.send(each);
        }
        let reports = self.orders.iter().map(|_| self.reports.recv());
        let reports: Vec<Report> = reports
            .map(|report| report.unwrap_or_else(|_| panic!("all threads panicked")))
            .collect();
        let begin = reports.iter().map(|report| report.begin).min();
        let end = reports.iter().map(|report| report.end).max();
        let time = begin.zip(end).map(|(begin, end)| end - begin);
        let wrong = reports.iter().map(|report| report.wrong).sum();
        (time.unwrap_or_default(), wrong)
    }
}

impl Drop for Crew {
    fn drop(&mut self) {
        self.orders.clear();
        for thread in self.threads.drain(..) {
            // A panic has been reported on standard error.
            let _ = thread.join();
        }
    }
}

/// Where threads wait, awake, until all are there. One that slept would come up late, and the others would run without it.
struct StartLine {
    threads: usize,
    arrived: AtomicUsize,
}

impl StartLine {
    fn new(threads: usize) -> Self {
        Self {
            threads,
            arrived: AtomicUsize::new(0),
        }
    }

    fn wait(&self) {
        // Ordering: AcqRel and Acquire, with each other: what was done before the line is over for all behind it.
        let place = self.arrived.fetch_add(1, AcqRel);
        let all = (place / self.threads + 1) * self.threads;
        wait_until(|| self.arrived.load(Acquire) >= all);
    }
}

/// Waits awake; others get the core if there are more threads than cores.
pub(super) fn wait_until(mut condition: impl FnMut() -> bool) {
    let mut looks = 0;
    while !condition() {
        looks += 1;
        if looks < 100 {
            hint::spin_loop();
        } else {
            thread::yield_now();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::atomic::AtomicU64;

    #[test]
    fn each_thread_does_its_operations() {
        let counts: Arc<[AtomicU64; 3]> = Arc::default();
        let crew = Crew::new(3, {
            let counts = Arc::clone(&counts);
            move |index, operations| {
                counts[index].fetch_add(operations, AcqRel);
                operations
            }
        });
        for _ in 0..5 {
            let (_, wrong) = crew.run(Batch { warm: 1, timed: 10 });
            assert_eq!(wrong, 33);
        }
        drop(crew);
        assert!(counts.iter().all(|count| count.load(Acquire) == 55));
    }
}
