//! What the macros expand to, recorded in `snapshots/`, so that a change of it is seen in review.
//!
//! After a change that is meant: `UPDATE_SNAPSHOTS=1 cargo test -p zeropool-macros`, and read the difference.

use crate::join;
use crate::model::Kind;
use proc_macro2::TokenStream;
use std::path::Path;
use std::{env, fs};

/// Compares the expansion, formatted, with `snapshots/name.rs`.
fn expect(name: &str, expansion: TokenStream) {
    let file: syn::File = syn::parse2(expansion).expect("the expansion is a file of items");
    let actual = prettyplease::unparse(&file);
    let path = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("snapshots")
        .join(name)
        .with_extension("rs");
    if env::var_os("UPDATE_SNAPSHOTS").is_some() {
        fs::write(&path, actual).expect("the snapshot can be written");
        return;
    }
    let expected = fs::read_to_string(&path).unwrap_or_default();
    assert!(
        actual == expected,
        "the expansion differs from {}; if that is meant, run with UPDATE_SNAPSHOTS=1\n{actual}",
        path.display()
    );
}

fn expect_task(name: &str, args: &str, function: &str) {
    expect_attribute(Kind::Task, name, args, function);
}

fn expect_batch(name: &str, args: &str, function: &str) {
    expect_attribute(Kind::Batch, name, args, function);
}

fn expect_attribute(kind: Kind, name: &str, args: &str, function: &str) {
    let tokens = |text: &str| {
        text.parse::<TokenStream>()
            .expect("the case is made of tokens")
    };
    let expansion = crate::expand::expand(kind, tokens(args), tokens(function));
    expect(name, expansion);
}

fn expect_join(name: &str, kind: join::Kind, arms: &[&str]) {
    let tokens = |text: &str| {
        text.parse::<TokenStream>()
            .expect("the case is made of tokens")
    };
    let arms = arms.iter().map(|arm| tokens(arm));
    let expansion = join::expand(kind, quote::quote!([::zp] #((#arms))*));
    expect(name, quote::quote!(fn join() { #expansion }));
}

#[test]
fn plain_function() {
    expect_task(
        "plain",
        "",
        "/// Sums.\n#[inline] pub fn checksum(data: &[u8], seed: u64) -> u64 { 0 }",
    );
}

#[test]
fn every_option() {
    let args =
        "struct = Checksum, name = \"checksum/v1\", priority = high, crate = crate::reexport::zp";
    expect_task("options", args, "fn checksum(sum: u64) -> u64 { sum }");
}

#[test]
fn lent_parameters() {
    let function = "fn render(
        frame: &Frame, rows: usize,
        #[buf(rows * frame.width())] scratch: &mut [u8],
        #[buf(16)] header: &mut zp::Buf,
        #[buf(rows)] image: zp::Buf,
        #[buf(4)] raw: zp::BufUninit,
        #[cx] cx: &mut zp::Context<'_>,
    ) -> zp::Buf { image }";
    expect_task("lent", "", function);
}

#[test]
fn generics_and_lifetimes() {
    let function = "fn pick<'a, T, U: Default, const N: usize>(
        items: &'a [T; N], other: &T, keep: impl Fn(&T) -> bool, or: Cow<'_, str>,
    ) -> Option<&'a T> where T: Debug { None }";
    expect_task("generics", "", function);
}

#[test]
fn elided_output() {
    expect_task(
        "elided_output",
        "",
        "fn words(text: &str, n: usize) -> Vec<&str> { Vec::new() }",
    );
}

#[test]
fn patterns_and_cfg() {
    let function = "#[cfg(unix)] fn area((w, h): (u32, u32), _: u8, mut n: u32, #[cfg(feature = \"z\")] z: &u32,
        #[cfg(feature = \"z\")] #[buf(n as usize)] b: &mut [u8]) {}";
    expect_task("patterns_and_cfg", "", function);
}

#[test]
fn a_parameter_only_a_length_uses() {
    let function =
        "fn zeros(n: usize, #[buf(n)] bytes: zp::Buf) -> zp::Buf { #![allow(unused_mut)] bytes }";
    expect_task("length_only", "", function);
}

#[test]
fn mistakes_keep_the_function() {
    let function = "async unsafe fn bad(#[buf] a: &[u8], #[cx] b: u8, x: &u8) -> impl Sized { x }";
    expect_task("mistakes", "priority = urgent, colour = red", function);
}

#[test]
fn a_method_keeps_no_struct() {
    expect_task("method", "", "fn bad(&self, other: Self) {}");
}

#[test]
fn batch_of_everything() {
    let function = "/// Shades.
    pub fn shade(
        #[each] px: &mut Rgb, #[index] i: usize, lut: &Lut, gain: f32, #[buf(i + gain as usize)] tmp: &mut [u8],
        #[cx] cx: &mut zp::Context<'_>,
    ) -> u32 { tmp.len() as u32 }";
    expect_batch("batch", "name = \"shade/v1\", priority = low", function);
}

#[test]
fn zipped_batches() {
    let function = "fn mix<'a, T: Sync, const N: usize>(
        #[each] line: &'a str, #[chunk(N * n)] rows: &mut [Pixel<'_, T>], #[each] owned: Vec<T>, n: usize,
        f: impl Fn(&T) -> bool, table: &[T], other: &Cell<T>, weights: Weights<'_>,
    ) -> Result<&'a str, T> where T: Clone { Ok(line) }";
    expect_batch("batch_zipped", "struct = Mix, crate = crate::zp", function);
}

#[test]
fn batch_of_references() {
    let function = "fn bytes(#[each] a: &[u8], #[each] (b, c): &mut (dyn Show + Send), #[each] d: &Text<'_>) {}";
    expect_batch("batch_references", "", function);
}

#[test]
fn counted_batch() {
    let function = "fn squares(#[index] _: usize, #[cfg(unix)] n: &u64) -> u64 { *n }";
    expect_batch("batch_times", "", function);
}

#[test]
fn mistakes_of_a_batch() {
    let function = "fn bad(#[each(2)] a: &u8, #[chunk(0)] b: Vec<u8>, #[index] i: u32, c: &mut u8, #[each] #[cx] d: u8) -> u8 { x }";
    expect_batch("batch_mistakes", "", function);
    expect_batch(
        "batch_no_items",
        "",
        "fn bad(a: &u8, #[buf(4)] b: &mut [u8]) {}",
    );
}

#[test]
fn joins() {
    expect_join(
        "join",
        join::Kind::Join,
        &["a()", "load(&path, _)", "c + 1"],
    );
    expect_join(
        "try_join",
        join::Kind::TryJoin,
        &["a()", "b(x)", "load::<u8>(&path, _)"],
    );
    expect_join("join_one", join::Kind::Join, &["a()"]);
    expect_join(
        "join_mistakes",
        join::Kind::Join,
        &["|| a()", "b()?", "c.load(_)", "{ return 1 }"],
    );
}

fn expect_pcall(name: &str, calls: &[&[&str]]) {
    let expansions = calls.iter().map(|parts| {
        let parts = parts.iter().map(|part| {
            part.parse::<TokenStream>()
                .expect("the case is made of tokens")
        });
        crate::pcall::expand(quote::quote!([::zp] #((#parts))*))
    });
    expect(name, quote::quote!(fn pcall() { #(#expansions;)* }));
}

#[test]
fn pcalls() {
    expect_pcall("pcall", &[&["s", "f(x, y()?)"]]);
    expect_pcall(
        "pcall_callees",
        &[
            &["s", "standard", "<T as Shape>::area::<u8, _>()"],
            &["s", "minimal", "(self.op)(x)"],
            &["s", "load(&path, _)"],
        ],
    );
    expect_pcall("pcall_closure", &[&["s", "map(&items, |item| item + 1)"]]);
    expect_pcall(
        "pcall_mistakes",
        &[
            &["s", "x + 1"],
            &["s", "a.f(x)"],
            &["s", "fast", "|| f(x)"],
            &["s", "f(x)", "standard"],
            &["s", "f(x)", "f(y)"],
            &["f(x)"],
        ],
    );
}

#[test]
fn no_unsafe_anywhere() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("snapshots");
    for entry in fs::read_dir(folder).expect("the snapshots are there") {
        let path = entry.expect("the entry can be read").path();
        // The one function in `mistakes` is declared `unsafe` by its user.
        if path.file_stem().is_some_and(|name| name != "mistakes") {
            let text = fs::read_to_string(&path).expect("the snapshot can be read");
            assert!(!text.contains("unsafe"), "{}", path.display());
        }
    }
}
