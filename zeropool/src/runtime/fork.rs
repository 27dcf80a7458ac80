//! How a join offers work.
//!
//! | file | what it has |
//! |---|---|
//! | `fork/join.rs` | a join: two plain calls, or an offer |
//! | `fork/ends.rs` | the two ends of where forks are on offer, and the flag that makes joins plain calls |
//! | `fork/site.rs` | whether the joins of one `join!` are worth an offer in any case |
//! | `fork/tokens.rs` | what offering may cost |
//! | `fork/job.rs` | the second arm as a job that another thread may run |
//!
//! A join whose thread is *quiet* (`ends.rs`) calls its arms one after the other, unless its arms are known to be long. Otherwise the second arm becomes a
//! job in the caller's frame and goes on the fork deque of the calling thread; the first arm runs at once. Afterwards
//! the job is taken back and run here, or, if a thief has it, awaited. Fork deques hold nothing but forks and are strictly
//! last-in first-out, so the newest job is always the one of the innermost join that made an offer.

mod ends;
mod job;
#[cfg(not(zeropool_loom))]
mod join;
#[cfg(not(zeropool_loom))]
mod site;
mod tokens;

#[cfg(not(zeropool_loom))]
pub(super) use self::join::{join, join_unless, try_join};
#[cfg(not(zeropool_loom))]
pub use self::site::JoinSite;
#[cfg_attr(
    zeropool_loom,
    allow(unused_imports, reason = "only the models are built")
)]
pub(super) use self::{
    ends::{ForkStealer, Forks, Stolen},
    job::StolenFork,
    tokens::Price,
};

#[cfg(all(test, zeropool_loom))]
mod model;
