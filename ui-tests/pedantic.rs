//! Every form of the macros, in a crate that tolerates no warning of any kind: generated code has to be as clean as
//! what is around it.
#![forbid(unsafe_code)]
#![deny(warnings, missing_docs, clippy::all, clippy::pedantic, clippy::nursery)]
#![deny(
    missing_debug_implementations,
    unreachable_pub,
    unused_qualifications,
    elided_lifetimes_in_paths
)]

use std::fmt::Display;
use zp::{Buf, Context};

/// A checksum.
#[zp::task]
#[must_use]
pub fn checksum(data: &[u8], seed: u64) -> u64 {
    data.iter()
        .fold(seed, |sum, &byte| sum.rotate_left(5) ^ u64::from(byte))
}

/// Generic in every way.
#[zp::task(struct = Pick, name = "pick/v1", priority = high)]
pub fn pick<'a, T: Display, U, const N: usize>(
    items: &'a [T; N],
    other: &str,
    keep: impl Fn(&T) -> bool,
) -> Option<(&'a T, U)>
where
    U: Default,
{
    let found = items
        .iter()
        .find(|item| keep(item) && item.to_string() != other)?;
    Some((found, U::default()))
}

/// Supplied by the worker.
///
/// # Errors
///
/// When cancelled.
#[zp::task]
pub fn render(
    (width, height): (usize, usize),
    pixels: usize,
    #[buf(pixels * 3)] scratch: &mut [u8],
    #[buf(pixels)] mut image: Buf,
    #[cx] cx: &mut Context<'_>,
) -> Result<Buf, String> {
    if cx.is_cancelled() {
        return Err(String::from("cancelled"));
    }
    scratch.fill(1);
    image.fill(scratch[width.min(height).min(pixels)]);
    Ok(image)
}

/// Brightens.
#[zp::batch(struct = Shade, name = "shade/v1", priority = low)]
#[must_use]
pub fn shade(
    #[each] pixel: &mut u8,
    #[index] index: usize,
    lut: &[u8],
    #[buf(lut.len())] tmp: &mut [u8],
) -> u8 {
    tmp.copy_from_slice(lut);
    *pixel = pixel.wrapping_add(tmp[index % lut.len()]);
    *pixel
}

/// Generic in every way.
///
/// # Errors
///
/// When cancelled.
#[zp::batch]
pub fn mix<'a, T: Display + Sync, U, const N: usize>(
    #[each] name: &'a str,
    #[chunk(N)] rows: &mut [U],
    #[each] (weight, _): (f32, Option<&T>),
    keep: impl Fn(&U) -> bool,
    limit: Option<f32>,
    #[cfg(windows)] other: &U,
    #[cx] cx: &mut Context<'_>,
) -> Result<(&'a str, usize), String>
where
    U: Send + Sync,
{
    if cx.is_cancelled() || limit.is_some_and(|limit| weight > limit) {
        return Err(String::from("cancelled"));
    }
    Ok((name, rows.iter().filter(|row| keep(row)).count()))
}

/// Counts.
#[zp::batch]
#[must_use]
pub const fn square(#[index] n: usize, plus: usize) -> usize {
    n * n + plus
}

/// Batches of every kind.
///
/// # Errors
///
/// When the lengths differ.
pub fn batches(pixels: &mut [u8], names: &[&str]) -> Result<usize, zp::LengthError> {
    #[zp::batch]
    fn local(#[each] name: &&str, #[each] text: String, #[each] len: &usize) -> bool {
        name.len() == *len && text == **name
    }
    let brightest = Shade::over(pixels, &[1, 2]).reduce(0, u8::max);
    let lengths: Vec<usize> = names.iter().map(|name| name.len()).collect();
    let texts = names.iter().map(ToString::to_string).collect();
    let equal = local::try_over(names, texts, &lengths)?.collect();
    let squares = square::times(equal.len(), 1).reduce(0, |a, b| a + b);
    #[cfg(not(windows))]
    let squares = {
        let weights = vec![(1.0, None::<&u8>); names.len()];
        let mixed = mix::<u8, u8, 4, _>::try_over(names, pixels, weights, |row| *row > 0, None)?;
        squares + mixed.try_collect().map_or(0, |mixed| mixed.len())
    };
    Ok(squares + usize::from(brightest))
}

#[zp::task]
#[expect(
    clippy::too_many_arguments,
    clippy::many_single_char_names,
    reason = "the point of it"
)]
fn many(
    a: u8,
    b: u8,
    c: u8,
    d: u8,
    e: u8,
    f: u8,
    g: u8,
    #[cfg(not(windows))] h: u8,
    flag: bool,
    flags: (bool, bool),
) -> u8 {
    let sum = a + b + c + d + e + f + g + u8::from(flag) + u8::from(flags.0 || flags.1);
    #[cfg(not(windows))]
    let sum = sum + h;
    sum
}

/// All of them.
///
/// # Errors
///
/// When one of them fails.
pub fn all(data: &[u8]) -> Result<usize, String> {
    #[zp::task]
    fn local(data: &[u8], #[buf(data.len())] copy: &mut [u8]) -> usize {
        copy.copy_from_slice(data);
        String::from_utf8_lossy(copy).len()
    }
    let (sum, found, copied) = zp::join!(
        checksum(data, 1),
        pick::<u8, u8, 2>(&[1, 2], "1", |&item| item > 0).map(|(item, _)| *item),
        local(data, _)
    );
    let ((), (one,)) = (zp::join!(), zp::join!(1));
    let (image, other) = zp::try_join!(render((1, 2), 3, _, _, _), Ok(1_usize))?;
    let (a, b) = zp::scope(|s| {
        let a = s.spawn(checksum { data, seed: 1 });
        #[cfg(not(windows))]
        let many = many {
            a: 1,
            b: 2,
            c: 3,
            d: 4,
            e: 5,
            f: 6,
            g: 7,
            h: 8,
            flag: true,
            flags: (true, false),
        };
        #[cfg(windows)]
        let many = many {
            a: 1,
            b: 2,
            c: 3,
            d: 4,
            e: 5,
            f: 6,
            g: 7,
            flag: true,
            flags: (true, false),
        };
        let b = s.spawn(many);
        (a.join(), b.join())
    });
    let found = found.map_or(0, usize::from);
    Ok(usize::from(sum == a) + usize::from(b) + found + copied + image.len() + other + one)
}

struct Machine {
    step: fn(u64, u64) -> u64,
}

fn mapped<T>(items: &[T], f: impl Fn(&T) -> u64) -> u64 {
    items.iter().map(f).sum()
}

/// Calls of every kind and level.
///
/// # Errors
///
/// When `text` is no number.
pub fn calls(data: &[u8], text: &str) -> Result<u64, std::num::ParseIntError> {
    let machine = Machine { step: u64::max };
    zp::scope(|s| {
        let adaptive = zp::pcall!(s, checksum(data, text.parse()?));
        let standard = zp::pcall!(s, standard, mapped(data, |&item| u64::from(item)));
        let minimal = zp::pcall!(s, minimal, <[u8]>::len(data));
        let longer = zp::pcall!(s, (machine.step)(1, data.len() as u64));
        let lent = zp::pcall!(s, render((1, 2), 3, _, _, _));
        if !lent.is_ready() {
            zp::pcall!(s, standard, drop(String::new())).get();
        }
        let image = lent.get().map_or(0, |image| image.len());
        let sum = adaptive.get() + standard.get() + longer.get();
        Ok(sum + (minimal.get() + image) as u64)
    })
}

/// Results by parameter and by index.
#[zp::task]
pub fn results(n: u8, out: zp::Out<'_, u8>, slots: &zp::Slots<'_, u8>) {
    zp::write_indexed!(slots, usize::from(n), n);
    match n {
        0 => zp::write!(out, 1),
        _ => zp::write!(out, n),
    }
}

/// The same.
///
/// # Errors
///
/// When there is no place left.
pub fn written(values: &mut [u8]) -> Result<u8, zp::SlotError<u8>> {
    let mut last = 0;
    let slots = zp::Slots::new(values);
    zp::scope(|s| {
        s.spawn(results::new(1, zp::Out::new(&mut last), &slots));
    });
    zp::write_indexed!(slots, 0, 3);
    slots.write(2, last).map(|()| last)
}
