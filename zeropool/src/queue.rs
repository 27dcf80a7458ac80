//! Which queue is for what.
