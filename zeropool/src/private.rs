//! All that generated code may name. Not public API: anything here may change in any release.

pub use crate::buffer::{Buf, BufUninit};
pub use crate::task::{Context, Priority, Task};
