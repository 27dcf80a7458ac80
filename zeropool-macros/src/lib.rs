//! The procedural macros of the `zeropool` crate. Use them through it: `#[zp::task]`, `#[zp::batch]`, `zp::join!`, `zp::pcall!`.
//!
//! Each attribute is a pipeline: *parse* (tokens to syntax, spans kept) → *model* (what the expansion needs to
//! know) → *check* (every mistake is collected) → barrier → *expand* (cannot fail). On a mistake the user's
//! function is emitted all the same, so that one error does not become twenty.
#![forbid(unsafe_code)]

mod args;
mod arm;
mod batch;
mod bounds;
mod check;
mod elision;
mod errors;
mod exits;
mod expand;
mod expression;
mod fallback;
mod generics;
mod join;
mod model;
mod naming;
mod parse;
mod path;
mod pcall;
mod run;
mod signature;
mod source;
mod spelling;
mod structure;
mod task;
#[cfg(test)]
mod tests;
mod tokens;
mod types;

use model::Kind;
use proc_macro::TokenStream;

// Documented at `zp::task`, where users meet it.
#[allow(missing_docs, reason = "documented where it is re-exported")]
#[proc_macro_attribute]
pub fn task(args: TokenStream, item: TokenStream) -> TokenStream {
    expand::expand(Kind::Task, args.into(), item.into()).into()
}

// Documented at `zp::batch`.
#[allow(missing_docs, reason = "documented where it is re-exported")]
#[proc_macro_attribute]
pub fn batch(args: TokenStream, item: TokenStream) -> TokenStream {
    expand::expand(Kind::Batch, args.into(), item.into()).into()
}

/// The arms of `zp::join!`; that macro is the only caller.
#[doc(hidden)]
#[proc_macro]
pub fn join_arms(input: TokenStream) -> TokenStream {
    join::expand(join::Kind::Join, input.into()).into()
}

/// The arms of `zp::try_join!`; that macro is the only caller.
#[doc(hidden)]
#[proc_macro]
pub fn try_join_arms(input: TokenStream) -> TokenStream {
    join::expand(join::Kind::TryJoin, input.into()).into()
}

/// The call of `zp::pcall!`; that macro is the only caller.
#[doc(hidden)]
#[proc_macro]
pub fn pcall_call(input: TokenStream) -> TokenStream {
    pcall::expand(input.into()).into()
}
