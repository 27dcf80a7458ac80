//! The global pool, made on first use.

use super::config::Builder;
use super::current;
use super::pool::Pool;
use super::registry::Registry;
use super::scope::{Scope, scope as scope_in};
use crate::task::{JoinHandle, Task};
use std::sync::{Arc, OnceLock};

static GLOBAL: OnceLock<Pool> = OnceLock::new();

/// The global pool, started on first use; it lives as long as the process.
///
/// The process does not wait for its tasks: an owned one that has not ended when `main` returns is lost. Keep its handle, or call
/// [`wait_idle`](Pool::wait_idle) at the end of `main`.
///
/// Its configuration comes from the environment: `ZEROPOOL_WORKERS` (1 to 1024; default: the parallelism the system offers
/// to this process), `ZEROPOOL_STACK_SIZE` (bytes; default 8 MiB), `ZEROPOOL_HEARTBEAT_US` (default 100) and `ZEROPOOL_SCHEDULING`
/// (`work-stealing`, `global-fifo` or `locked`; default the first). A value that makes no sense is reported once on
/// standard error and ignored.
///
/// # Examples
///
/// ```
/// assert!(zp::global().workers() >= 1);
/// ```
///
/// # Panics
///
/// If the operating system refuses to start the threads.
pub fn global() -> &'static Pool {
    GLOBAL.get_or_init(|| match Builder::from_environment().build() {
        Ok(pool) => pool,
        Err(error) => panic!("cannot start the global pool: {error}"),
    })
}

pub(super) fn registry() -> &'static Arc<Registry> {
    global().registry()
}

/// A scope in the current pool: the one the calling thread works in or is [installed](Pool::install) in, or the global
/// pool. See [`Pool::scope`].
///
/// It blocks, as that does; the scope itself allocates nothing. In an async task, [`spawn`] owned tasks and await their handles, or call
/// it inside the runtime's "spawn blocking".
///
/// # Examples
///
/// ```
/// let mut left = [3, 1, 2];
/// let mut right = [6, 5, 4];
/// zp::scope(|s| {
///     s.spawn(|| left.sort());
///     right.sort();
/// });
/// assert_eq!((left, right), ([1, 2, 3], [4, 5, 6]));
/// ```
///
/// # Panics
///
/// 1. As [`Pool::scope`]: resumes a panic of `body`, or else the first one of a task that no handle has collected.
/// 2. If the [global] pool is needed and cannot be started.
pub fn scope<'env, F, R>(body: F) -> R
where
    F: for<'scope> FnOnce(&'scope Scope<'scope, 'env>) -> R,
{
    current::with(|place| match place {
        Some(place) => scope_in(place.registry(), body),
        None => scope_in(registry(), body),
    })
}

/// Spawns an owned task in the current pool: the one the calling thread works in or is [installed](Pool::install) in, or
/// the global pool. See [`Pool::spawn`], also for what it costs.
///
/// The process does not wait for tasks of the global pool: what has not ended when `main` returns is lost. Keep the handle, or call
/// `zp::global().wait_idle()`.
///
/// # Examples
///
/// ```
/// let answer = zp::spawn(|| 6 * 7);
/// assert_eq!(answer.wait()?, 42);
/// # Ok::<(), zp::TaskError>(())
/// ```
///
/// # Panics
///
/// If the [global] pool is needed and cannot be started.
pub fn spawn<T>(task: T) -> JoinHandle<T::Output>
where
    T: Task + 'static,
    T::Output: 'static,
{
    current::with(|place| match place {
        Some(place) => super::pool::spawn_in(place.registry(), task),
        None => super::pool::spawn_in(registry(), task),
    })
}
