#![deny(warnings)]
use std::collections::HashMap;
use std::panic::catch_unwind;

#[zp::task]
fn load<T: Copy + Send>(value: T, f: impl Fn(T, u8, T) -> usize, #[buf(4)] tmp: &mut [u8], #[cx] _cx: &mut zp::Context<'_>) -> usize {
    f(value, 1, value) + tmp.len()
}

fn find(text: &str) -> Option<usize> {
    let (a, b) = zp::join!(text.find('a'), text.find('b'));
    Some(a? + b?)
}

fn parse(a: &str, b: &str, c: &str) -> Result<i32, std::num::ParseIntError> {
    let (a, b, c) = zp::try_join!(a.parse::<i32>(), b.parse::<i32>(), c.parse::<i32>())?;
    Ok(a + b + c)
}

fn main() {
    zp::join!();
    assert_eq!(zp::join!(1), (1,));
    assert_eq!(zp::join!(1, 2,), (1, 2));
    assert_eq!(zp::join!(1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, "12"), (1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, "12"));
    assert_eq!(zp::join!(zp::join!(1, 2), zp::join!(3, 4)), ((1, 2), (3, 4)));

    let (text, mut list) = (String::from("moved"), vec![2, 1]);
    let (length, ()) = zp::join!({ text.into_bytes().len() }, list.sort_unstable());
    assert_eq!((length, list), (5, vec![1, 2]));
    let number = 5;
    let (borrowed, matched) = zp::join!(&number, match number { 1 | 2 => 3, _ => 4 });
    assert_eq!((borrowed, matched), (&5, 4));

    // Values that borrow from what an arm captured, from the innermost closure too.
    let (mut left, mut right) = (vec![1], vec![2]);
    let (a, b, c) = zp::join!(left.iter_mut().next(), &number, right.split_at_mut(1));
    a.into_iter().chain(c.0).for_each(|item| *item += b);
    assert_eq!((left, right), (vec![6], vec![7]));

    // `_` that is no buffer, commas that separate no arguments.
    assert_eq!(
        zp::join!(load(1_u32, |a, _, b| (a + b) as usize, _, _), matches!(HashMap::<_, (), _>::from([(1, ())]).get(&1), Some(_))),
        (6, true)
    );
    assert_eq!(zp::join!(load(1_u8, |_, n, _| n.into(), _, _), { let Some(_) = Some(1) else { panic!() }; 1 }), (5, 1));

    // What looks like leaving an arm and is not.
    let (a, b) = zp::join!((|| Some(Some(1)? + 1))(), loop { break 3 });
    assert_eq!((a, b), (Some(2), 3));
    let (a, b) = zp::join!('block: { if number > 1 { break 'block 1 } 2 }, { fn inner() -> u8 { return 4 } inner() });
    assert_eq!((a, b), (1, 4));

    assert_eq!((find("xab"), find("a")), (Some(3), None));
    assert_eq!(parse("1", "2", "3"), Ok(6));
    assert!(parse("1", "x", "3").is_err());
    let nothing: Result<(), u8> = zp::try_join!();
    assert_eq!(nothing, Ok(()));
    assert_eq!(zp::try_join!(Err::<u8, _>(1), Err::<u8, _>(2)), Err(1));
    assert_eq!(zp::try_join!(Ok::<_, u8>(1)), Ok((1,)));
    assert_eq!(zp::try_join!(Err::<u8, _>(1), panic!()), Err::<(u8, u8), _>(1));

    std::panic::set_hook(Box::new(|_| {}));
    assert!(catch_unwind(|| zp::join!(panic!("a"), 1)).is_err());
    assert!(catch_unwind(|| zp::join!(1, 2, unreachable!())).is_err());
}
