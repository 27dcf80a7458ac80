//! The macros never panic, whatever they are given: arbitrary text, and functions and arms that are almost right. What they return is
//! made of tokens that can be read again.
#![no_main]

#[path = "macros/words.rs"]
mod words;

// The front end of `zeropool-macros`, without its entry points, which only a compiler can call.
#[allow(dead_code, unreachable_pub)]
#[path = "../../zeropool-macros/src"]
mod front {
    pub(crate) mod args;
    pub(crate) mod arm;
    pub(crate) mod batch;
    pub(crate) mod bounds;
    pub(crate) mod check;
    pub(crate) mod elision;
    pub(crate) mod errors;
    pub(crate) mod exits;
    pub(crate) mod expand;
    pub(crate) mod expression;
    pub(crate) mod fallback;
    pub(crate) mod generics;
    pub(crate) mod join;
    pub(crate) mod model;
    pub(crate) mod naming;
    pub(crate) mod parse;
    pub(crate) mod path;
    pub(crate) mod pcall;
    pub(crate) mod run;
    pub(crate) mod signature;
    pub(crate) mod source;
    pub(crate) mod spelling;
    pub(crate) mod structure;
    pub(crate) mod task;
    pub(crate) mod tokens;
    pub(crate) mod types;
}

// They call each other `crate::…`.
#[allow(unused_imports)]
use front::*;

use libfuzzer_sys::fuzz_target;
use proc_macro2::{Delimiter, Group, TokenStream, TokenTree};

/// The parsers recurse; beyond this depth a compiler gives up too.
const DEPTH_MAX: usize = 60;

fn tokens(text: &str) -> Option<TokenStream> {
    let mut depth = 0_usize;
    for byte in text.bytes() {
        match byte {
            b'(' | b'[' | b'{' | b'<' => depth += 1,
            b')' | b']' | b'}' | b'>' => depth = depth.saturating_sub(1),
            // Operators nest without brackets.
            b'&' | b'*' | b'-' | b'!' | b'|' => depth += 1,
            _ => continue,
        }
        if depth > DEPTH_MAX {
            return None;
        }
    }
    text.parse().ok()
}

/// As `macro_rules!` hands them over: `[zp] (arm) (arm)`.
fn in_groups(parts: &str) -> Option<TokenStream> {
    let krate = Group::new(Delimiter::Bracket, quote::quote!(::zp));
    let mut trees = vec![TokenTree::Group(krate)];
    for part in parts.split('\u{1F}') {
        let group = Group::new(Delimiter::Parenthesis, tokens(part)?);
        trees.push(TokenTree::Group(group));
    }
    Some(trees.into_iter().collect())
}

fuzz_target!(|bytes: &[u8]| {
    let Some((&kind, rest)) = bytes.split_first() else {
        return;
    };
    let text = match kind & 0x80 {
        0 => words::text(rest),
        _ => String::from_utf8_lossy(rest).into_owned(),
    };
    let output = match kind % 5 {
        macro_kind @ (0 | 1) => {
            let (args, item) = text.split_once('\u{1F}').unwrap_or(("", &text));
            let (Some(args), Some(item)) = (tokens(args), tokens(&item.replace('\u{1F}', " ")))
            else {
                return;
            };
            let kind = if macro_kind == 0 {
                model::Kind::Task
            } else {
                model::Kind::Batch
            };
            expand::expand(kind, args, item)
        }
        macro_kind => {
            let Some(input) = in_groups(&text) else {
                return;
            };
            match macro_kind {
                2 => join::expand(join::Kind::Join, input),
                3 => join::expand(join::Kind::TryJoin, input),
                _ => pcall::expand(input),
            }
        }
    };
    let text = output.to_string();
    assert!(text.parse::<TokenStream>().is_ok(), "not tokens: {text}");
});
