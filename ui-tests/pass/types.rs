// Types and clauses that need care when they are copied into the struct.
#![deny(warnings)]
use std::fmt::Debug;
use std::marker::PhantomData;

const SIZE: usize = 2;

macro_rules! bytes {
    ($n:expr) => {
        [u8; $n]
    };
}

struct Fixed<const N: usize>([u8; N]);

trait Shape {
    type Unit: Debug + Send;
    const SIDES: usize;
    fn unit(&self) -> Self::Unit;
}

struct Square;

impl Shape for Square {
    type Unit = u8;
    const SIDES: usize = 4;
    fn unit(&self) -> u8 {
        1
    }
}

#[zp::task]
fn arrays(a: [u8; SIZE * 2], b: Fixed<{ SIZE + 1 }>, c: bytes!(2), d: ([u8; 1], &[[u8; 2]; 2])) -> usize {
    a.len() + b.0.len() + c.len() + d.0.len() + d.1.len()
}

#[zp::task]
fn objects(f: Box<dyn FnOnce(&str) -> usize + Send + '_>, d: &(dyn Debug + Sync), e: &mut (dyn Iterator<Item = u8> + Send)) -> usize {
    f("abc") + format!("{d:?}").len() + e.count()
}

#[zp::task]
fn associated<S>(shape: S, unit: <S as Shape>::Unit, marker: PhantomData<fn(S) -> S::Unit>) -> (S::Unit, usize)
where
    S: Shape,
    <S as Shape>::Unit: Clone + PartialEq,
    [S::Unit]: Debug,
{
    let _ = marker;
    assert!(unit.clone() == shape.unit());
    (unit, S::SIDES)
}

#[zp::task]
fn only_in_the_output<'a, T: Default, E>() -> Result<(&'a str, T), E> {
    Ok(("static", T::default()))
}

#[zp::task]
fn pointers(f: unsafe extern "C" fn(*const u8) -> u8, g: Option<fn() -> !>) -> bool {
    let _ = f;
    g.is_none()
}

#[zp::task]
fn unit(nothing: ()) {
    nothing
}

#[zp::task]
fn no_parameters() -> ::std::primitive::u8 {
    1
}

extern "C" fn zero(_: *const u8) -> u8 {
    0
}

fn main() {
    let pairs = [[1, 2], [3, 4]];
    let n = zp::scope(|s| s.spawn(arrays { a: [0; 4], b: Fixed([0; 3]), c: [0; 2], d: ([0], &pairs) }).join());
    assert_eq!(n, 12);
    let (text, mut bytes) = (String::from("x"), 0..2);
    let n = zp::scope(|s| {
        s.spawn(objects { f: Box::new(|a| a.len() + text.len()), d: &1, e: &mut bytes }).join()
    });
    assert_eq!(n, 7);
    let task = associated { shape: Square, unit: 1, marker: PhantomData };
    assert_eq!(zp::scope(|s| s.spawn(task).join()), (1, 4));
    let pair: Result<(&str, u8), u8> = zp::scope(|s| s.spawn(only_in_the_output::new()).join());
    assert_eq!(pair, Ok(("static", 0)));
    assert!(zp::scope(|s| s.spawn(pointers { f: zero, g: None }).join()));
    zp::scope(|s| s.spawn(unit { nothing: () }).join());
    assert_eq!(zp::spawn(no_parameters {}).wait().ok(), Some(1));
}
