#![deny(warnings)]
use std::borrow::Cow;

struct Text<'t>(&'t str);

#[zp::task]
fn elided(text: &str, n: usize) -> Option<&str> {
    text.split(' ').nth(n)
}

#[zp::task]
fn in_a_path(text: Text<'_>) -> &str {
    text.0
}

#[zp::task]
fn named<'a, 'b: 'a>(long: &'a Text<'b>, short: &str) -> (&'a str, &'b str) {
    let _ = short;
    (&long.0[..1], long.0)
}

#[zp::task]
fn same_twice<'a>(a: &'a str, b: &'a str) -> &'a str {
    if a.len() > b.len() { a } else { b }
}

#[zp::task]
fn several(a: &&str, b: &mut Vec<&'static str>, c: Cow<'_, str>, d: &[&str]) -> usize {
    b.push("x");
    a.len() + b.len() + c.len() + d.len()
}

#[zp::task]
fn functions(f: &(dyn Fn(&str) -> &str + Sync), g: fn(&u8) -> &u8, h: Box<dyn for<'x> Fn(&'x u8) -> &'x u8 + Send>) -> usize {
    f("abc").len() + usize::from(*g(&1)) + usize::from(*h(&2))
}

#[zp::task]
#[allow(mismatched_lifetime_syntaxes)]
fn fixed(text: &'static str) -> &str {
    text
}

#[zp::task]
fn own_for_lent<'a>(n: usize, #[buf(n)] tmp: &'a mut [u8]) -> usize {
    let all: &'a mut [u8] = tmp;
    all.len()
}

// The names that fields would lend to lifetimes are taken.
#[zp::task]
fn taken<'a, 'b>(b: &'a u8, a: &u8, other: &'b u8) -> u8 {
    a + b + other
}

fn main() {
    let text = String::from("one two");
    let word = zp::scope(|s| s.spawn(elided { text: &text, n: 1 }).join());
    assert_eq!(word, Some("two"));
    assert_eq!(zp::scope(|s| s.spawn(in_a_path { text: Text(&text) }).join()), "one two");
    let holder = Text(&text);
    let pair = zp::scope(|s| {
        let short = String::from("s");
        let task = named { long: &holder, short: short.leak() };
        s.spawn(task).join()
    });
    assert_eq!(pair, ("o", "one two"));
    assert_eq!(zp::scope(|s| s.spawn(same_twice { a: "a", b: &text }).join()), "one two");
    let mut list = Vec::new();
    let n = zp::scope(|s| {
        s.spawn(several { a: &"a", b: &mut list, c: Cow::Borrowed("c"), d: &["d"] }).join()
    });
    assert_eq!((n, list), (4, vec!["x"]));
    let n = zp::scope(|s| s.spawn(functions { f: &|x| &x[1..], g: |x| x, h: Box::new(|x| x) }).join());
    assert_eq!(n, 5);
    let fixed = zp::spawn(fixed { text: "static" }).wait().unwrap();
    assert_eq!(fixed, "static");
    assert_eq!(zp::join!(own_for_lent(3, _), taken(&1, &2, &3)), (3, 6));
    assert_eq!(zp::scope(|s| s.spawn(taken { b: &1, a: &2, other: &3 }).join()), 6);
}
