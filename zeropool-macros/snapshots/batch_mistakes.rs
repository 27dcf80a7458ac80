fn bad(a: &u8, b: Vec<u8>, i: u32, c: &mut u8, d: u8) -> u8 {
    x
}
::core::compile_error! {
    "an item is one: write `#[each]`; for several at a time, `#[chunk(N)]` on a slice, `&[T]` or `&mut [T]`"
}
::core::compile_error! {
    "a chunk has one item or more: write how many, `#[chunk(64)]`"
}
::core::compile_error! {
    "`#[chunk(N)]` gives each call a slice of up to `N` items: the type is `&[T]` or `&mut [T]`; for one item at a time, the mark is `#[each]`"
}
::core::compile_error! {
    "`#[index]` is the position of the item in the batch, from 0: the type is `usize`"
}
::core::compile_error! {
    "one mark a parameter: keep `#[each]` or `#[cx]`"
}
::core::compile_error! {
    "all calls share this parameter, and run at the same time, so none may change it: mark it `#[each]` if each call has its own; return a value and combine those with `reduce`; or share something made to be changed, `&Mutex<T>` or an atomic"
}
#[allow(
    dead_code,
    deprecated,
    non_snake_case,
    private_bounds,
    private_interfaces,
    unreachable_pub
)]
#[allow(single_use_lifetimes, unused_lifetimes, unused_parens, unused_qualifications)]
#[allow(clippy::all, clippy::pedantic, clippy::nursery)]
#[allow(unused_variables)]
impl<'c> bad<'c> {
    /** A batch of calls of `bad`, one for each item of `a` and item of `d`.

 Nothing runs before it is told how, as by `run` or `collect`.

 # Panics

 If the lengths differ.*/
    #[inline]
    #[track_caller]
    fn over<'a>(
        a: &'a [u8],
        b: impl ::core::marker::Sized,
        c: &'c mut u8,
        d: ::zp::__private::Vec<u8>,
    ) -> ::zp::Batch<::zp::__private::Times, Self> {
        ::core::unreachable!()
    }
    /** As [`over`](Self::over), for lengths that may differ.

 # Errors

 If they do: which, and by how much.*/
    #[inline]
    #[track_caller]
    fn try_over<'a>(
        a: &'a [u8],
        b: impl ::core::marker::Sized,
        c: &'c mut u8,
        d: ::zp::__private::Vec<u8>,
    ) -> ::core::result::Result<
        ::zp::Batch<::zp::__private::Times, Self>,
        ::zp::__private::LengthError,
    > {
        ::core::unreachable!()
    }
    fn __zp_check() {
        ::zp::__private::referent_is_sync::<u8>();
        ::zp::__private::argument_is_send::<u8>();
    }
}
#[allow(
    dead_code,
    deprecated,
    non_snake_case,
    private_bounds,
    private_interfaces,
    unreachable_pub
)]
#[allow(single_use_lifetimes, unused_lifetimes, unused_parens, unused_qualifications)]
#[allow(clippy::all, clippy::pedantic, clippy::nursery)]
impl<'c> ::zp::__private::Body<()> for bad<'c> {
    type Output = u8;
    const NAME: &'static ::core::primitive::str = "bad";
    #[inline]
    fn call(
        &self,
        __zp_index: ::core::primitive::usize,
        __zp_item: (),
        __zp_cx: &mut ::zp::__private::Context<'_>,
    ) -> Self::Output {
        ::core::unreachable!()
    }
}
/// Batches of calls of the function `bad`, and what those calls share.
#[allow(
    dead_code,
    deprecated,
    non_snake_case,
    private_bounds,
    private_interfaces,
    unreachable_pub
)]
#[allow(single_use_lifetimes, unused_lifetimes, unused_parens, unused_qualifications)]
#[allow(clippy::all, clippy::pedantic, clippy::nursery)]
#[allow(
    non_camel_case_types,
    missing_copy_implementations,
    missing_debug_implementations
)]
struct bad<'c> {
    #[doc(hidden)]
    use_new: ::core::marker::PhantomData<(&'c (),)>,
}
