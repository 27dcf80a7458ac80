//! The functions, in ten forms by turns, with and without annotations, and what calls them.

use std::fmt::{self, Write};

/// How the functions are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Form {
    Plain,
    Annotated,
}

impl Form {
    pub(crate) const ALL: [Self; 2] = [Self::Plain, Self::Annotated];

    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Plain => "plain",
            Self::Annotated => "annotated",
        }
    }
}

/// What is done with them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Use {
    /// Nothing.
    Declared,
    /// Each is run by a pool: annotated ones by their task or batch, plain ones by a closure.
    Called,
    /// Nothing, and one is changed between two builds.
    Changed,
}

impl fmt::Display for Use {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Declared => "declared",
            Self::Called => "declared and run, plain ones as closures",
            Self::Changed => "declared, one of them changed (incremental)",
        })
    }
}

/// One function: `@` is its number, `T[…]` only in annotated ones.
struct Function {
    text: &'static str,
    /// Runs it in a scope `s`.
    annotated: &'static str,
    plain: &'static str,
}

const FUNCTIONS: [Function; 10] = [
    Function {
        text: "T[#[zp::task] ]pub fn work@(a: u64, b: u32, name: String) -> u64 { let n = name.len() as u64; (a + n) * u64::from(b) + @ }",
        annotated: "s.spawn(work@::new(@, 2, String::new()));",
        plain: "s.spawn(|| work@(@, 2, String::new()));",
    },
    Function {
        text: "T[#[zp::task] ]pub fn work@(data: &[u8], key: &str) -> usize { data.iter().filter(|&&b| key.as_bytes().contains(&b)).count() + @ }",
        annotated: "s.spawn(work@::new(&[1, 2], \"a\"));",
        plain: "s.spawn(|| work@(&[1, 2], \"a\"));",
    },
    Function {
        text: "T[#[zp::task] ]pub fn work@(data: &[u32], out: &mut u64) { *out = data.iter().map(|&x| u64::from(x)).sum::<u64>() + @; }",
        annotated: "s.spawn(work@::new(&[1, 2], &mut *out));",
        plain: "s.spawn(|| work@(&[1, 2], &mut *out));",
    },
    Function {
        text: "T[#[zp::task] ]pub fn work@(len: usize, T[#[buf(len * 2)] ]scratch: &mut [u8]) -> usize { scratch.fill((@ % 256) as u8); scratch.len() + len }",
        annotated: "s.spawn(work@::new(3));",
        plain: "s.spawn(|| work@(3, &mut [0; 6]));",
    },
    Function {
        text: "T[#[zp::task] ]pub fn work@<V: Clone + Send + Sync>(items: &[V], times: usize) -> Vec<V> { let mut all = items.to_vec(); for _ in @..times { all.extend_from_slice(items); } all }",
        annotated: "s.spawn(work@::new(&[1_u8, 2], 2));",
        plain: "s.spawn(|| work@(&[1_u8, 2], 2));",
    },
    Function {
        text: "T[#[zp::task] ]pub fn work@(values: &[u64], keep: impl Fn(u64) -> bool + Send) -> u64 { values.iter().copied().filter(|&v| keep(v)).sum::<u64>() + @ }",
        annotated: "s.spawn(work@::new(&[1, 2], |v| v > 1));",
        plain: "s.spawn(|| work@(&[1, 2], |v| v > 1));",
    },
    Function {
        text: "T[#[zp::batch] ]pub fn work@(T[#[each] ]x: &mut u32, factor: u32) { *x = x.wrapping_mul(factor).wrapping_add(@); }",
        annotated: "work@::over(&mut *items, 3).run();",
        plain: "zp::each(&mut *items, |x| work@(x, 3)).run();",
    },
    Function {
        text: "T[#[zp::batch] ]pub fn work@(T[#[each] ]x: &u32, T[#[index] ]i: usize, table: &[u32]) -> u32 { x.wrapping_add(table[i % table.len()]).wrapping_add(@) }",
        annotated: "drop(work@::over(&*items, &[3]).collect());",
        plain: "drop(zp::map(&*items, |x| work@(x, 1, &[3])).collect());",
    },
    Function {
        text: "T[#[zp::task] ]pub fn work@(text: &str) -> Result<u64, std::num::ParseIntError> { Ok(text.trim().parse::<u64>()? + @) }",
        annotated: "s.spawn(work@::new(\"1\"));",
        plain: "s.spawn(|| work@(\"1\"));",
    },
    Function {
        text: "T[#[zp::task(name = \"many\", priority = low)] ]pub fn work@(a: u8, b: u16, c: u32, d: u64, e: &[u8], f: &[u16], g: Option<u32>, h: bool) -> u64 { let sum = u64::from(a) + u64::from(b) + u64::from(c) + d; if h { sum } else { sum + (e.len() + f.len()) as u64 + u64::from(g.unwrap_or(@)) } }",
        annotated: "s.spawn(work@::new(1, 2, 3, 4, &[], &[], None, true));",
        plain: "s.spawn(|| work@(1, 2, 3, 4, &[], &[], None, true));",
    },
];

/// A library of `count` functions. `version` tells apart two that are changed.
pub(crate) fn library(form: Form, usage: Use, count: usize, version: usize) -> String {
    let mut text = String::from("//! Generated.\n");
    writeln!(text, "pub fn version() -> usize {{ {version} }}").expect("a string grows");
    for number in 0..count {
        let function = &FUNCTIONS[number % FUNCTIONS.len()];
        text.push_str(&with_number(&marked(function.text, form), number));
        text.push('\n');
    }
    if usage == Use::Called {
        call_all(&mut text, form, count);
    }
    text
}

/// One scope for each ten of them.
fn call_all(text: &mut String, form: Form, count: usize) {
    for first in (0..count).step_by(FUNCTIONS.len()) {
        writeln!(
            text,
            "pub fn call{first}(out: &mut u64, items: &mut [u32]) {{ zp::scope(|s| {{"
        )
        .expect("a string grows");
        for (function, number) in FUNCTIONS.iter().zip(first..count) {
            let call = match form {
                Form::Plain => function.plain,
                Form::Annotated => function.annotated,
            };
            text.push_str(&with_number(call, number));
            text.push('\n');
        }
        text.push_str("}); let _ = (out, items); }\n");
    }
}

fn with_number(text: &str, number: usize) -> String {
    text.replace('@', &number.to_string())
}

/// With or without what stands in `T[…]`.
fn marked(text: &str, form: Form) -> String {
    let mut parts = text.split("T[");
    let mut marked = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        // An annotation ends with its own bracket and a blank; the one after them is ours.
        let (annotation, rest) = part.split_once(" ]").expect("`T[` is closed by ` ]`");
        if form == Form::Annotated {
            marked.push_str(annotation);
            marked.push(' ');
        }
        marked.push_str(rest);
    }
    marked
}
