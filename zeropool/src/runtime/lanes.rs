//! Queues of tasks beside the usual ones: for what is urgent, what can wait, and what is meant for one worker.
//!
//! Tasks of normal priority without a hint never come here; they go on the spawner's deque or into the injector, the *normal lane*.

use super::entries::Entries;
use super::submit::Submission;
use crate::task::block::TaskRef;
use crate::task::queues::TaskInjector;

/// Which queue.
#[derive(Debug, Clone, Copy)]
pub(super) enum Lane {
    High,
    Low,
    /// What had better run on this worker.
    Mail(usize),
    /// What only this worker may run.
    Calls(usize, Caller),
}

/// Who called workers together.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Caller {
    /// A thread that works for the pool. Threads that wait may be waiting for it, so they come at once.
    Inside,
    /// Another thread. Nobody who works for the pool can be waiting for it.
    Outside,
}

/// The queues that belong to one worker.
#[derive(Debug)]
struct Mailbox {
    mail: TaskInjector,
    calls_inside: TaskInjector,
    calls_outside: TaskInjector,
}

/// All of them.
#[derive(Debug)]
pub(super) struct Lanes {
    entries: Entries,
    high: TaskInjector,
    low: TaskInjector,
    boxes: Box<[Mailbox]>,
}

impl Lanes {
    pub(super) fn new(workers: usize, submission: Submission) -> Self {
        let mailbox = |_| Mailbox {
            mail: TaskInjector::new(),
            calls_inside: TaskInjector::new(),
            calls_outside: TaskInjector::new(),
        };
        Self {
            entries: Entries::new(),
            high: submission.queue(),
            low: submission.queue(),
            boxes: (0..workers).map(mailbox).collect(),
        }
    }

    fn queue(&self, lane: Lane) -> &TaskInjector {
        match lane {
            Lane::High => &self.high,
            Lane::Low => &self.low,
            Lane::Mail(worker) => &self.boxes[worker].mail,
            Lane::Calls(worker, Caller::Inside) => &self.boxes[worker].calls_inside,
            Lane::Calls(worker, Caller::Outside) => &self.boxes[worker].calls_outside,
        }
    }

    /// False if every lane is empty: then there is no need to look further.
    #[inline]
    pub(super) fn any(&self) -> bool {
        self.entries.any()
    }

    /// How many entries there are in all lanes.
    pub(super) fn total(&self) -> usize {
        self.entries.len()
    }

    pub(super) fn len(&self, lane: Lane) -> usize {
        self.queue(lane).len()
    }

    pub(super) fn is_empty(&self, lane: Lane) -> bool {
        self.queue(lane).is_empty()
    }

    pub(super) fn push(&self, lane: Lane, task: TaskRef) {
        self.entries.push(|| self.queue(lane).push(task));
    }

    /// Pushes a task with a method of the queue that may refuse it.
    pub(super) fn try_push(
        &self,
        lane: Lane,
        push: impl FnOnce(&TaskInjector) -> Result<(), TaskRef>,
    ) -> Result<(), TaskRef> {
        self.entries.try_push(|| push(self.queue(lane)))
    }

    /// Wakes who has waited longest for room in each. The caller has a `SeqCst` fence before.
    pub(super) fn wake_first(&self) {
        self.high.wake_first();
        self.low.wake_first();
    }

    /// Wakes everybody who waits for room. The caller has a `SeqCst` fence before.
    pub(super) fn wake_all(&self) {
        self.high.wake_all();
        self.low.wake_all();
    }

    pub(super) fn pop(&self, lane: Lane) -> Option<TaskRef> {
        self.entries.pop(|| self.queue(lane).pop())
    }

    /// Is there a call that only this worker can answer?
    pub(super) fn is_called(&self, worker: usize) -> bool {
        self.any()
            && self.boxes.get(worker).is_some_and(|mailbox| {
                !mailbox.calls_inside.is_empty() || !mailbox.calls_outside.is_empty()
            })
    }

    /// A call for this worker, those from inside first.
    pub(super) fn pop_call(&self, worker: usize) -> Option<TaskRef> {
        self.pop(Lane::Calls(worker, Caller::Inside))
            .or_else(|| self.pop(Lane::Calls(worker, Caller::Outside)))
    }

    /// Is there anything that any worker may take?
    pub(super) fn has_tasks(&self) -> bool {
        self.any() && self.open_lanes().any(|lane| !self.is_empty(lane))
    }

    /// The lanes from which any worker may take.
    fn open_lanes(&self) -> impl Iterator<Item = Lane> {
        let mail = (0..self.boxes.len()).map(Lane::Mail);
        [Lane::High, Lane::Low].into_iter().chain(mail)
    }

    /// Takes the entries of claimed tasks out. Others see lanes shorter than they are meanwhile.
    pub(super) fn sweep(&self) {
        for lane in self.open_lanes() {
            self.entries.swept(self.queue(lane).sweep());
        }
    }

    /// Any entry, for a pool without threads.
    pub(super) fn pop_any(&self) -> Option<TaskRef> {
        self.open_lanes().find_map(|lane| self.pop(lane))
    }
}

#[cfg(test)]
mod tests;
