//! A call on every worker; see [`Pool::broadcast`](crate::Pool::broadcast).
//!
//! A broadcast is a scope with one task for each worker. The tasks go where only that worker looks, and not into the scope's list,
//! from which the caller would run them itself. The broadcast counts as an owned task, so that a shutdown that has begun to
//! wait does not end the workers before they have answered.

use super::lanes::Caller;
use super::registry::Registry;
use super::scope::scope;
use crate::panic;
use crate::task::slot::IntoSlot;
use crate::task::{Context, Task};
use std::sync::Arc;

/// What one worker does.
struct Share<'a, F> {
    f: &'a F,
    worker: usize,
}

impl<F, R> Task for Share<'_, F>
where
    F: Fn(usize) -> R + Sync,
    R: Send,
{
    type Output = R;

    const NAME: &'static str = "broadcast";

    fn run(self, _cx: &mut Context<'_>) -> R {
        (self.f)(self.worker)
    }
}

/// Runs `f` on every worker of `registry`.
#[track_caller]
pub(super) fn broadcast<F, R>(registry: &Arc<Registry>, f: &F) -> Vec<R>
where
    F: Fn(usize) -> R + Sync,
    R: Send,
{
    assert!(
        registry.accept_without_handle(),
        "`Pool::broadcast` was called after the pool was shut down: it has no workers to run on any more"
    );
    let caller = if registry.is_here() {
        Caller::Inside
    } else {
        Caller::Outside
    };
    let mut results: Vec<Option<R>> = (0..registry.workers).map(|_| None).collect();
    let ended = panic::catch(|| {
        scope(registry, |s| {
            for (worker, slot) in results.iter_mut().enumerate() {
                let task = Share { f, worker };
                s.spawn_call(worker, caller, IntoSlot { task, slot });
            }
        });
    });
    registry.owned.ended();
    match ended {
        Ok(()) => results
            .into_iter()
            .map(|result| match result {
                Some(result) => result,
                None => panic!(
                    "this process was forked during `Pool::broadcast`: the shares of other workers have ended in the parent only"
                ),
            })
            .collect(),
        Err(payload) => {
            for result in results {
                if let Err(second) = panic::drop_caught(result) {
                    panic::discard(second);
                }
            }
            std::panic::resume_unwind(payload)
        }
    }
}
