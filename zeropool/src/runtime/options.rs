//! How one task is spawned: [`SpawnOptions`].

use crate::task::Priority;
use std::ptr;

/// How urgent a task is and where it had better run; for [`Scope::spawn_with`](crate::Scope::spawn_with) and
/// [`Pool::spawn_with`](crate::Pool::spawn_with).
///
/// Priorities are kept (see [`Priority`]). Everything else is a hint, which never keeps a task waiting for a busy worker while another
/// one is idle. A task of high or low priority goes to a queue for its priority, where every worker looks, and takes no hints.
///
/// # Examples
///
/// ```
/// use zp::{Priority, SpawnOptions};
///
/// let pool = zp::Pool::builder().workers(2).build()?;
/// let urgent = SpawnOptions::new().priority(Priority::High);
/// let first = SpawnOptions::new().on_worker(0);
/// let sum = pool.scope(|s| {
///     let a = s.spawn_with(|| 1, urgent);
///     let b = s.spawn_with(|| 2, first);
///     a.join() + b.join()
/// });
/// assert_eq!(sum, 3);
/// # Ok::<(), zp::BuildError>(())
/// ```
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash)]
#[must_use = "options do nothing until a task is spawned with them"]
pub struct SpawnOptions {
    priority: Option<Priority>,
    worker: Option<usize>,
    node: Option<usize>,
    /// The address of what the task works on.
    near: Option<usize>,
}

impl SpawnOptions {
    /// The task's own priority, and no hints.
    pub const fn new() -> Self {
        Self {
            priority: None,
            worker: None,
            node: None,
            near: None,
        }
    }

    /// This priority instead of the task's own.
    pub const fn priority(mut self, priority: Priority) -> Self {
        self.priority = Some(priority);
        self
    }

    /// Rather on the worker with this index, because it has the data in its caches, say.
    ///
    /// The task goes into a queue for tasks meant for that worker, where it looks before it looks at those it has spawned itself, and wakes
    /// that worker if it sleeps. Other workers take from there what has lain for some 100 µs, once they find nothing else to do. The hint is not
    /// followed, and counted as [`overflowed`](crate::ThreadStats::overflowed), if the worker has several tasks more waiting than
    /// the one with the fewest, or if there is no worker with this index.
    pub const fn on_worker(mut self, index: usize) -> Self {
        self.worker = Some(index);
        self
    }

    /// Rather on a worker of this NUMA node. All workers count as one node at present, so this says nothing about them and has no
    /// effect.
    pub const fn on_node(mut self, node: usize) -> Self {
        self.node = Some(node);
        self
    }

    /// Rather on a worker of the NUMA node whose memory holds `data`. Only the address is kept. All workers count as one node at
    /// present, so this has no effect.
    pub fn near<T: ?Sized>(mut self, data: &T) -> Self {
        self.near = Some(ptr::from_ref(data).addr());
        self
    }

    /// The priority of a task that has this one itself.
    pub(super) fn priority_or(&self, own: Priority) -> Priority {
        self.priority.unwrap_or(own)
    }

    pub(super) fn worker(&self) -> Option<usize> {
        self.worker
    }
}
