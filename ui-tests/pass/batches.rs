// Forms of batches that are odd and legal.
#![forbid(unsafe_code)]
#![deny(warnings, unused_qualifications, elided_lifetimes_in_paths, single_use_lifetimes)]
use std::borrow::Cow;
use std::fmt::Debug;

struct Text<'t>(&'t str);

struct Weights<'w, T>(&'w [T]);

impl<T> Clone for Weights<'_, T> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<T> Copy for Weights<'_, T> {}

trait Shape {
    const SIDES: usize;
    type Unit: Send;
    fn unit(&self) -> Self::Unit;
}

impl Shape for [u8; 4] {
    const SIDES: usize = 4;
    type Unit = u8;
    fn unit(&self) -> u8 {
        self[0]
    }
}

// The function and its parameters share a name.
#[zp::batch]
fn sum(#[each] sum: u64, #[buf(sum as usize)] over: &mut [u8]) -> usize {
    over.len()
}

#[zp::batch]
fn over(#[each] times: &u8, n: u8) -> u8 {
    times + n
}

#[zp::batch]
fn count(#[index] index: usize, n: usize, item: &[usize]) -> usize {
    n + item[index]
}

#[zp::batch]
fn r#match(#[each] r#type: &str, r#loop: u8, #[index] r#fn: usize) -> usize {
    r#type.len() + usize::from(r#loop) + r#fn
}

#[zp::batch]
fn lifetimes<'a, 'b: 'a, 's>(#[each] a: &'a Text<'b>, #[each] c: &Cow<'_, str>, s: &'s str) -> (&'a str, &'b str, &'s str) {
    let _ = c;
    (a.0, a.0, s)
}

#[zp::batch]
fn in_where<'a, T>(#[each] a: &'a T) -> &'a (dyn Debug + Sync)
where
    T: Debug + Sync + 'a,
{
    a
}

#[zp::batch]
fn only_in_the_output<'a, T: Default + Send, E: Send>(#[index] _: usize) -> Result<(&'a str, T), E> {
    Ok(("static", T::default()))
}

#[zp::batch]
fn functions(#[each] f: &fn(&u8) -> u8, g: fn(u8) -> u8, h: &(dyn Fn(&str) -> usize + Sync), k: &dyn Shared) -> usize {
    usize::from(g(f(&1))) + h("abc") + k.get()
}

trait Shared: Sync {
    fn get(&self) -> usize;
}

impl Shared for u8 {
    fn get(&self) -> usize {
        usize::from(*self)
    }
}

#[zp::batch]
fn impls<'x>(
    #[each] a: &(impl Debug + 'x),
    #[each] b: impl IntoIterator<Item = &'x str> + Send,
    f: impl Fn(&str) -> usize,
    g: &(impl Fn() -> u8 + Sync),
) -> usize {
    f(&format!("{a:?}")) + b.into_iter().count() + usize::from(g())
}

#[zp::batch]
fn hidden_in_bounds(#[each] a: impl Into<Cow<'static, str>> + Send, #[each] b: impl Iterator<Item = &'static u8> + Send) -> usize {
    a.into().len() + b.count()
}

#[zp::batch]
fn associated<S>(#[each] shape: &S, #[each] unit: S::Unit, n: Weights<'_, S>) -> (S::Unit, S::Unit, usize)
where
    S: Shape + Sync,
{
    (unit, shape.unit(), S::SIDES + n.0.len())
}

#[zp::batch]
fn unsized_shared<T: Debug + ?Sized, const N: usize>(#[each] x: &[u8; N], shared: &T) -> usize {
    format!("{shared:?}").len() + x.len()
}

#[zp::batch]
fn maybe_unsized<T: Debug + ?Sized>(#[each] x: &T) -> String {
    format!("{x:?}")
}

#[zp::batch]
fn patterns(#[each] &(a, b): &(u8, u8), #[each] mut c: u8, (d, e): (u8, u8), #[chunk(2)] _: &[u8], #[index] _: usize) -> u8 {
    c += 1;
    a + b + c + d + e
}

/// Documented.
#[zp::batch(struct = Documented)]
#[must_use]
#[inline]
pub fn documented(
    /* a comment */ #[each] x: &u8,
    #[allow(unused_variables)] y: u8,
) -> u8 {
    *x
}

mod inner {
    #[zp::batch]
    pub(super) fn visible(#[each] x: &mut u8, by: u8) {
        *x += by;
    }
}

macro_rules! make {
    ($name:ident, $item:ident: $ty:ty, $n:expr, $body:block) => {
        #[zp::batch]
        fn $name(#[each] $item: $ty, #[chunk($n)] _rows: &[u8], #[buf($n)] _tmp: &mut [u8]) -> usize $body
    };
}

make!(made, item: &mut u8, 1 + 1, {
    *item += 1;
    usize::from(*item)
});

#[zp::batch]
fn conditional(
    #[each] x: &u8,
    #[cfg(any())] y: &Missing,
    #[cfg(all())] z: &u8,
    #[cfg(any())] #[cx] c: &mut Missing,
    #[cfg(all())] #[index] j: usize,
    #[cfg(any())] #[buf(*z as usize)] b: &mut [u8],
) -> usize {
    usize::from(*x + *z) + j
}

fn main() {
    assert_eq!(sum::over(vec![1, 2]).collect(), [1, 2]);
    assert_eq!(over::over(&[1, 2], 3).collect(), [4, 5]);
    assert_eq!(count::times(2, 10, &[1, 2]).collect(), [11, 12]);
    assert_eq!(r#match::over(&["a", "bc"], 1).collect(), [2, 4]);
    let text = String::from("text");
    let texts = [Text(&text)];
    let (a, b, s) = lifetimes::over(&texts, &[Cow::Borrowed("c")], "s").collect()[0];
    assert_eq!((a, b, s), ("text", "text", "s"));
    assert_eq!(format!("{:?}", in_where::over(&[1]).collect()), "[1]");
    let all: Vec<Result<(&str, u8), ()>> = only_in_the_output::times(1).collect();
    assert_eq!(all, [Ok(("static", 0))]);
    assert_eq!(functions::over(&[|x| *x], |x| x + 1, &str::len, &5).collect(), [10]);
    let name = String::from("x y");
    let lengths = impls::over(&[1, 22], vec![name.split(' '), "".split(' ')], |text| text.len(), &|| 10).collect();
    assert_eq!(lengths, [13, 13]);
    assert_eq!(hidden_in_bounds::over(vec!["abc"], vec![[1].iter()]).collect(), [4]);
    assert_eq!(associated::over(&[[1; 4]], vec![7], Weights(&[])).collect(), [(7, 1, 4)]);
    assert_eq!(unsized_shared::over(&[[1, 2, 3]], "ab").collect(), [7]);
    assert_eq!(maybe_unsized::over(&[1, 2]).collect(), ["1", "2"]);
    assert_eq!(patterns::over(&[(1, 2)], vec![3], (4, 5), &[6]).collect(), [16]);
    assert_eq!(Documented::over(&[1], 2).collect(), [1]);
    let mut bytes = [1, 2];
    inner::visible::over(&mut bytes, 3).run();
    assert_eq!(bytes, [4, 5]);
    assert_eq!(made::over(&mut bytes, &[0; 3]).collect(), [5, 6]);
    assert_eq!(conditional::over(&[1, 2], &3).collect(), [4, 6]);
}
