//! Arms of joins, and bodies of scopes.

use crate::probe::{Probe, caught};
use crate::support::on_worker;
use crate::table::Executor;
use std::sync::Arc;

pub(crate) fn first_arm(probe: &Arc<Probe>, pool: &zp::Pool) {
    let p = Arc::clone(probe);
    on_worker(pool, move || {
        p.called_here();
        let argument = p.argument();
        p.settle(caught(|| {
            zp::join(
                || {
                    p.meet(2);
                    p.body(argument)
                },
                || {
                    p.meet(2);
                    p.beside()
                },
            )
        }));
    });
}

pub(crate) fn second_arm(probe: &Arc<Probe>, pool: &zp::Pool) {
    let p = Arc::clone(probe);
    on_worker(pool, move || {
        p.called_here();
        let argument = p.argument();
        p.settle(caught(|| {
            zp::join(
                || {
                    p.meet(2);
                    p.beside()
                },
                || {
                    p.meet(2);
                    p.body(argument)
                },
            )
        }));
    });
}

pub(crate) fn last_arm(probe: &Arc<Probe>, pool: &zp::Pool) {
    let p = Arc::clone(probe);
    on_worker(pool, move || {
        p.called_here();
        let argument = p.argument();
        let between = || {
            p.meet(5);
            p.plain()
        };
        p.settle(caught(|| {
            zp::join!(
                {
                    p.meet(5);
                    p.beside()
                },
                between(),
                between(),
                between(),
                {
                    p.meet(5);
                    p.body(argument)
                }
            )
        }));
    });
}

pub(crate) fn scope_body(probe: &Arc<Probe>, pool: &zp::Pool) {
    let p = Arc::clone(probe);
    let scope = move || {
        p.called_here();
        let argument = p.argument();
        p.settle(caught(|| {
            zp::scope(|s| {
                drop(s.spawn(|| {
                    p.meet(2);
                    p.beside()
                }));
                p.meet(2);
                p.body(argument)
            })
        }));
    };
    match probe.cell.executor {
        Executor::Inline => on_worker(pool, scope),
        Executor::Stolen => pool.install(scope),
        Executor::Cancelled => unreachable!("impossible"),
    }
}
