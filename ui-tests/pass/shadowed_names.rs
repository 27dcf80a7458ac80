// Nothing that a user may call like something of the standard library is meant by generated code.
#![allow(dead_code, non_camel_case_types, unused)]
mod shadows {
    pub struct Option;
    pub struct Some;
    pub struct None;
    pub struct Result;
    pub struct Ok;
    pub struct Err;
    pub struct Vec;
    pub struct Box;
    pub struct String;
    pub struct PhantomData;
    pub struct Buf;
    pub struct Task;
    pub struct Batch;
    pub struct Body;
    pub struct LengthError;
    pub struct EachRef;
    pub struct Context;
    pub struct usize;
    pub struct str;
    pub trait Send {}
    pub trait Sized {}
    pub trait FnOnce {}
    pub mod core {}
    pub mod std {}
    pub mod zp {}
    macro_rules! unreachable {
        () => {
            compile_error!("shadowed")
        };
    }

    #[::zp::task]
    pub fn add<T: Default>(a: u8, b: u8, #[buf(2)] tmp: &mut [u8], #[cx] cx: &mut ::zp::Context<'_>) -> u8 {
        a + b + tmp[0]
    }

    #[::zp::batch]
    pub fn mix<T: Copy>(#[each] a: &mut T, #[each] b: T, #[chunk(n)] c: &[::std::primitive::u8], n: ::std::primitive::usize, #[index] i: ::std::primitive::usize) -> ::std::primitive::usize {
        *a = b;
        c.len() + i
    }

    pub fn batches() -> ::std::vec::Vec<::std::primitive::usize> {
        let (mut a, b) = ([1, 2], ::std::vec![3, 4]);
        mix::over(&mut a, b.clone(), &[1, 2], 1).run();
        match mix::try_over(&mut a, b, &[1, 2], 1) {
            ::core::result::Result::Ok(batch) => batch.collect(),
            ::core::result::Result::Err(error) => panic!("{error}"),
        }
    }

    pub fn run() -> ((u8, u8), u8) {
        let sum = ::zp::scope(|s| s.spawn(add::<u32>::new(1, 2)).join());
        let both = match ::zp::try_join!(::core::result::Result::<u8, u8>::Ok(1), ::core::result::Result::Ok(2)) {
            ::core::result::Result::Ok(both) => both,
            ::core::result::Result::Err(_) => panic!(),
        };
        (both, sum)
    }
}

fn main() {
    assert_eq!(shadows::run(), ((1, 2), 3));
    assert_eq!(shadows::batches(), [1, 2]);
}
