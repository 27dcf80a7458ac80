// What an arm's own closures, functions, blocks and loops do with `?`, `return` and `break` is their business.
#![deny(warnings)]

use std::collections::HashMap;
use std::num::ParseIntError;

macro_rules! first {
    ($list:expr) => {
        match $list.first() {
            Some(item) => item,
            None => return None,
        }
    };
}

fn closures(texts: &[&str]) -> Result<u32, ParseIntError> {
    let (a, b) = zp::join!(
        texts.iter().map(|text| Ok(text.parse::<u32>()? + 1)).sum::<Result<u32, ParseIntError>>(),
        {
            let parse = |text: &str| -> Result<u32, ParseIntError> {
                if text.is_empty() {
                    return Ok(0);
                }
                Ok(text.parse::<u32>()? * 2)
            };
            texts.iter().try_fold(0, |sum, text| Ok(sum + parse(text)?))
        }
    );
    Ok(a? + b?)
}

fn functions(n: u32) -> (Option<u32>, Result<u32, ()>) {
    zp::join!(
        {
            fn halve<A, B: ?Sized>(n: u32, _: A, _: &B) -> Option<u32> {
                if n % 2 == 1 {
                    return None;
                }
                Some(n.checked_div(2)?)
            }
            halve::<u8, str>(n, 1, "")
        },
        {
            struct Number(u32);
            impl TryFrom<Number> for u32 {
                type Error = ();
                fn try_from(number: Number) -> Result<u32, ()> {
                    let Number(n) = number;
                    let Some(n) = n.checked_sub(1) else { return Err(()) };
                    Ok(n)
                }
            }
            u32::try_from(Number(n))
        }
    )
}

fn loops(rows: &[Vec<u32>]) -> (u32, Option<u32>) {
    zp::join!(
        {
            let mut sum = 0;
            'rows: for row in rows {
                for n in row {
                    if *n == 0 {
                        continue 'rows;
                    }
                    if *n > 100 {
                        break 'rows;
                    }
                    sum += n;
                }
            }
            sum
        },
        'found: {
            let mut left = 3;
            while let Some(n) = match left { 0 => None, n => Some(n) } {
                left -= 1;
                if n == 1 {
                    break 'found Some(n);
                }
                if let Some(row) = rows.get(n as usize) {
                    loop {
                        if row.is_empty() || row.len() < 100 {
                            break;
                        }
                    }
                }
            }
            None
        }
    )
}

fn blocks_and_macros(texts: &[&str]) -> (bool, Option<usize>, usize) {
    let (future, length, other) = zp::join!(
        async { texts.first()?.parse::<u8>().ok() },
        {
            let length = || Some(first!(texts).len());
            length()
        },
        {
            let counts: HashMap<&str, usize> = texts.iter().map(|text| (*text, text.len())).collect();
            let get = |text: &str| counts.get::<str>(text).copied();
            get("1").unwrap_or(if texts.is_empty() | counts.is_empty() { 0 } else { 1 })
        }
    );
    drop(future);
    (matches!(length, None | Some(1)), length, other)
}

fn main() {
    assert_eq!(closures(&["1", "2"]), Ok(5 + 6));
    assert!(closures(&["x"]).is_err());
    assert_eq!(functions(4), (Some(2), Ok(3)));
    assert_eq!(functions(0), (Some(0), Err(())));
    assert_eq!(loops(&[vec![1, 0, 5], vec![2]]), (3, Some(1)));
    assert_eq!(blocks_and_macros(&["1"]), (true, Some(1), 1));
}
