#![deny(warnings)]
#![forbid(unsafe_code)]
use std::collections::HashMap;
use std::fmt::Display;
use std::sync::Mutex;

fn add(a: u64, b: u64) -> u64 {
    a + b
}

fn nothing() {}

fn never() -> ! {
    panic!("never returns")
}

fn text<T: Display + ?Sized>(value: &T) -> String {
    value.to_string()
}

fn map<T, U>(items: &[T], f: impl Fn(&T) -> U) -> Vec<U> {
    items.iter().map(f).collect()
}

fn sort_by<'a, T>(items: &'a mut [T], less: &(dyn Fn(&T, &T) -> bool + Sync)) -> Option<&'a mut T> {
    items.sort_by(|a, b| less(b, a).cmp(&less(a, b)));
    items.first_mut()
}

fn boxed(f: Box<dyn Fn(u8) -> u8 + Send>, n: u8) -> u8 {
    f(n)
}

fn flag(yes: bool, no: bool) -> bool {
    yes && !no
}

#[allow(clippy::too_many_arguments)]
fn many(a: u8, b: u8, c: u8, d: u8, e: u8, f: u8, g: u8, h: u8, i: u8, j: u8, k: u8, l: u8, m: u8) -> u32 {
    [a, b, c, d, e, f, g, h, i, j, k, l, m].map(u32::from).iter().sum()
}

#[zp::task]
fn load<T: Copy + Send>(value: T, f: impl Fn(T, u8) -> usize, #[buf(4)] tmp: &mut [u8], #[cx] _cx: &mut zp::Context<'_>) -> usize {
    f(value, 1) + tmp.len()
}

#[derive(Debug, PartialEq)]
struct Pair<A, B>(A, B);

trait Area {
    const SIDES: u8;
    fn area(&self, scale: u32) -> u32;
}

struct Square(u32);

impl Area for Square {
    const SIDES: u8 = 4;
    fn area(&self, scale: u32) -> u32 {
        self.0 * self.0 * scale
    }
}

struct Machine {
    op: fn(u64, u64) -> u64,
    ops: Vec<fn(u64, u64) -> u64>,
}

impl Machine {
    fn run(&self, a: u64) -> u64 {
        zp::scope(|s| {
            let first = zp::pcall!(s, (self.op)(a, 1));
            let second = zp::pcall!(s, standard, self.ops[0](a, 2));
            let third = zp::pcall!(s, Self::twice(self, a));
            first.get() + second.get() + third.get()
        })
    }

    fn twice(&self, a: u64) -> u64 {
        (self.op)(a, a)
    }
}

fn generic<T: Display + Sync, A: Area + Sync>(value: &T, shape: &A) -> (String, u32) {
    zp::scope(|s| {
        let value = zp::pcall!(s, text::<T>(value));
        let area = zp::pcall!(s, <A as Area>::area(shape, A::SIDES.into()));
        (value.get(), area.get())
    })
}

// Leaves through an argument, as in a plain call.
fn leaves(texts: &[&str]) -> Result<u64, std::num::ParseIntError> {
    let sum = zp::scope(|s| {
        let mut sum = 0;
        for item in texts {
            sum += zp::pcall!(s, add(1, if item.is_empty() { break } else { item.parse()? })).get();
        }
        Ok(sum)
    })?;
    Ok(sum)
}

// A task that begins calls in the scope it is given.
fn nested<'scope>(s: &'scope zp::Scope<'scope, '_>, depth: u64) -> u64 {
    if depth == 0 {
        return 1;
    }
    let left = zp::pcall!(s, nested(s, depth - 1));
    nested(s, depth - 1) + left.get()
}

macro_rules! each {
    ($s:expr, $f:path, $g:expr, $($x:expr),*) => {
        [$(zp::pcall!($s, $f($x, 1)).get() + zp::pcall!($s, minimal, $g($x, 2)).get()),*]
    };
}

static SITE: u64 = 7;

fn main() {
    let words = vec!["b", "a"];
    let mut numbers = vec![2, 1, 3];
    let lock = Mutex::new(3_u64);
    let (scope, callee, argument0, call) = (1, 2, 3, 4_u64);
    zp::scope(|s| {
        // Forms.
        assert_eq!(zp::pcall!(s, add(1, 2)).get(), 3);
        assert_eq!(zp::pcall!(s, add(1, 2,),).get(), 3);
        assert_eq!(zp::pcall!(s, standard, add(1, 2),).get(), 3);
        assert_eq!(zp::pcall!(s, minimal, add(1, 2)).get(), 3);
        zp::pcall!(s, nothing()).get();
        zp::pcall!(&*s, crate::nothing()).get();
        zp::pcall!(&s, self::nothing()).get();
        zp::pcall!(if true { s } else { s }, nothing()).get();
        assert_eq!(zp::pcall!(s, many(1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13)).get(), 91);
        assert_eq!(zp::pcall![s, Some(1)].get(), Some(1));
        assert_eq!(zp::pcall! { s, Pair::<_, u8>(1, 2) }.get(), Pair(1, 2));
        let ready = zp::pcall!(s, add(1, 2));
        let _ = ready.is_ready();

        // Arguments are coerced and inferred as those of a plain call.
        assert_eq!(zp::pcall!(s, map(&words, |word| word.len())).get(), [1, 1]);
        assert_eq!(zp::pcall!(s, map(&words, |&word| word)).get(), words);
        assert_eq!(zp::pcall!(s, boxed(Box::new(|n| n + 1), 1)).get(), 2);
        assert_eq!(zp::pcall!(s, text("5")).get(), "5");
        assert_eq!(zp::pcall!(s, add("5".parse().unwrap(), Default::default())).get(), 5);
        assert_eq!(zp::pcall!(s, add(u64::from(1_u8), *lock.lock().unwrap())).get(), 4);
        let smallest = zp::pcall!(s, sort_by(&mut numbers, &|a, b| a < b));
        *smallest.get().unwrap() = 0;

        // Commas that separate no arguments, operators that begin none.
        let count = HashMap::<u64, u64>::new();
        let (small, large) = (1_usize, 2_usize);
        assert_eq!(zp::pcall!(s, add(HashMap::<u64, u64>::len(&count) as u64, <u64 as Into<u64>>::into(4))).get(), 4);
        assert!(zp::pcall!(s, flag(small < large, small > large)).get());
        assert!(zp::pcall!(s, flag(small as usize + 1 < 3, small << 1 > large)).get());
        assert!(zp::pcall!(s, flag(matches!(small, 1 | 2) || false, |a: u8, b: u8| -> bool { a > b }(1, 2))).get());

        // Callees.
        assert_eq!(zp::pcall!(s, u32::pow(2, 3)).get(), 8);
        assert_eq!(zp::pcall!(s, <u32>::pow(2, 3)).get(), 8);
        assert_eq!(zp::pcall!(s, text::<str>("x")).get(), "x");
        assert_eq!(zp::pcall!(s, Vec::<u8>::with_capacity(3)).get(), []);
        let plus = |n: u64| n + call;
        assert_eq!(zp::pcall!(s, plus(1)).get() + zp::pcall!(s, plus(2)).get(), 11);
        let owned = String::from("owned");
        let consume = move || owned;
        assert_eq!(zp::pcall!(s, consume()).get(), "owned");
        assert_eq!(zp::pcall!(s, (|a: u64, b: u64| a + b + SITE)(1, 2)).get(), 10);
        let mut count = { let mut n = call; move |by: u64| { n += by; n } };
        assert_eq!(zp::pcall!(s, (count.clone())(1)).get(), 5);
        assert_eq!(zp::pcall!(s, count(2)).get() + count(1), 11);
        let apply = |f: &(dyn Fn(u64) -> u64 + Sync)| f(call);
        assert_eq!(zp::pcall!(s, apply(&|n| n + 1)).get() + apply(&|n| n), 9);
        let mut total = 0;
        let mut tally = move |f: fn(u64) -> u64| { total += f(call); total };
        assert_eq!(zp::pcall!(s, tally(|n| n + 1)).get() + tally(|n| n), 9);
        assert_eq!(zp::pcall!(s, (&add)(1, 2)).get(), 3);
        assert_eq!(zp::pcall!(s, (&add)(1, 2)).get(), 3);
        assert_eq!(zp::pcall!(s, (add, 1).0(SITE, scope)).get(), 8);
        assert_eq!(zp::pcall!(s, { add }(1, 2)).get(), 3);
        assert_eq!(zp::pcall!(s, r#add(1, 2)).get(), 3);
        assert_eq!(each!(s, add, |a: u64, b: u64| a + b, 1, 2), [5, 7]);
        assert_eq!(zp::pcall!(s, zp::join(|| 1, || 2)).get(), (1, 2));

        // The caller's names are the caller's.
        assert_eq!(zp::pcall!(s, add(argument0, callee + scope)).get(), 6);

        // Lent by the worker.
        assert_eq!(zp::pcall!(s, load(1_u8, |a, b| usize::from(a + b), _, _)).get(), 6);
        assert_eq!(zp::pcall!(s, standard, self::load(1_u8, |a, _| a.into(), _, _)).get(), 5);

        assert_eq!(zp::pcall!(s, nested(s, 5)).get(), 32);
    });
    assert_eq!(numbers, [0, 2, 3]);
    let machine = Machine { op: add, ops: vec![add] };
    assert_eq!(machine.run(10), 11 + 12 + 20);
    assert_eq!(generic(&5, &Square(2)), (String::from("5"), 16));
    assert_eq!(leaves(&["1", "2", "", "x"]), Ok(5));
    assert!(leaves(&["1", "x"]).is_err());
    std::panic::set_hook(Box::new(|_| {}));
    assert!(std::panic::catch_unwind(|| zp::scope(|s| drop(zp::pcall!(s, never())))).is_err());
}
