//! `join!`, `try_join!` and the bodies that the procedural macros delegate to.
