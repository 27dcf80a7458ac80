// Names of the user's that generated code uses too, as values, types, modules and macros.
#![allow(dead_code, non_camel_case_types, non_snake_case, non_upper_case_globals, unused_macros)]

mod std {}
mod core {}
mod alloc {}
mod zeropool {}

struct Option;
struct Result;
struct Vec;
struct Send;
struct Sync;
struct FnOnce;
struct Default;
struct String;
struct Box;
struct Call;
struct JoinArm;
struct Batch;
struct Context;
enum Choice {
    Some,
    None,
    Ok,
    Err,
}
#[allow(unused_imports)]
use Choice::{Err, None, Ok, Some};

macro_rules! unreachable {
    () => {
        compile_error!("not this one")
    };
}

macro_rules! file {
    () => {
        compile_error!("not this one")
    };
}

static SITE: u8 = 1;
const run: u8 = 2;
const value: u8 = 3;
const Output: u8 = 4;
const arm0: u8 = 1;
const scope: u8 = 7;
const argument0: u8 = 3;
static callee: u8 = 4;
static function: u8 = 5;
static error: u8 = 8;
static offer: u8 = 1;

trait Shout {
    fn value(&self) -> &'static str {
        "not this one"
    }
    fn new(&self) {}
}

impl<T> Shout for T {}

#[zp::task]
fn sum(use_new: u8, __zp_cx: u8, __zp_0: u8, __zp_1: u8, last: u8, #[buf(use_new as usize)] result: &mut [u8]) -> usize {
    let (a, b) = (use_new + __zp_cx, __zp_0 + __zp_1 + last);
    (a + b) as usize + result.len()
}

// The field that no literal can name has a name that no parameter has.
#[zp::task]
fn make<T: ::core::default::Default + ::core::marker::Send>(use_new: u8, use_new1: u8) -> (u8, T) {
    (use_new + use_new1, T::default())
}

#[zp::batch]
fn shade(#[each] item: &u8, #[index] index: usize, source: u8, n: u8) -> usize {
    let total = *item + source + n;
    total as usize + index
}

#[zp::task]
fn Task(Self_: u8) -> u8 {
    Self_
}

fn twice(a: u8, b: u8) -> u8 {
    a * b
}

fn apply(n: u8, f: impl ::core::ops::Fn(u8) -> u8) -> u8 {
    f(n)
}

fn main() {
    let (arm1, site) = (2_u8, 6_u8);
    let joined = ::zp::join!(arm0 + SITE, arm1 + run, value + Output, function + site + scope + error);
    ::core::assert_eq!(joined, (2, 4, 7, 26));
    ::zp::scope(|s| {
        let product = ::zp::pcall!(s, twice(argument0, callee));
        let sum = s.spawn(sum { use_new: 1, __zp_cx: 2, __zp_0: 3, __zp_1: 4, last: 5 });
        let (n, made) = s.spawn(make::<u16>::new(1, 2)).join();
        let applied = ::zp::pcall!(s, apply(offer, |n| n + 1));
        let called = ::zp::pcall!(s, (|n: u8| n * 2)(callee));
        ::core::assert_eq!((applied.get(), called.get()), (2, 8));
        let task = s.spawn(Task { Self_: 9 });
        ::core::assert_eq!((product.get(), sum.join(), n, made, task.join()), (12, 16, 3, 0, 9));
    });
    ::core::assert_eq!(shade::over(&[1, 2], 3, 4).collect(), [8, 10]);
    let tried = ::zp::try_join!(
        ::core::result::Result::Ok::<u8, u8>(1),
        ::core::result::Result::Ok(2)
    );
    ::core::assert_eq!(tried, ::core::result::Result::Ok((1, 2)));
}
