//! A panic in every position (covers E2): it is delivered once, everything is dropped once, and the pool goes on.

mod batches;
mod drops;
mod joins;
mod payloads;
mod scopes;
mod twice;
