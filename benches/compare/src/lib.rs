//! zeropool and its peers, interleaved in one process on the same data.
//!
//! | file | what it has |
//! |---|---|
//! | `main.rs` | the command line |
//! | `bin/count.rs` | one contender, one row, so many operations: for counting instructions |
//! | `group.rs` | what a row is; the table of all groups |
//! | `join.rs`, `join/` | the group `join`: rows of fork-join work |
//! | `batch.rs`, `batch/` | the group `batch`: loops, and sorting |
//! | `spawn.rs`, `spawn/` | the group `spawn`: tasks submitted one by one |
//! | `buffers.rs`, `buffers/` | the group `buffers`: buffers lent and given back |
//! | `allocator.rs` | the global allocator, by feature |
//! | `contest.rs` | who runs what: kernels, contenders, the loop that is timed |
//! | `peers.rs`, `peers/` | the pools of every library, and `join` and loops in the words of each |
//! | `measure.rs` | calibration, interleaved rounds, cold samples |
//! | `stats.rs` | median, quartiles, percentiles |
//! | `report.rs`, `plot.rs` | tables, CSV, SVG |
//! | `random.rs`, `spin.rs` | input data, and work of a known length |
//! | `watch.rs` | ends the program if a contender hangs |

pub mod allocator;
pub mod batch;
pub mod buffers;
pub mod contest;
pub mod group;
pub mod join;
pub mod measure;
pub mod peers;
pub mod plot;
pub mod random;
pub mod report;
pub mod spawn;
pub mod spin;
pub mod stats;
pub mod watch;
