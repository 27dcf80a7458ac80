fn bad(a: &u8, b: &mut [u8]) {}
::core::compile_error! {
    "no parameter says what the calls are for: mark one as the item, `#[each] a: &u8`; or as a slice of up to `N` items, `#[chunk(N)] items: &[T]`; or add `#[index] i: usize` to make a number of calls"
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
impl<'a> bad<'a> {
    /** A batch of calls of `bad`, one for each .

 Nothing runs before it is told how, as by `run` or `collect`.

 # Panics

 If the lengths differ.*/
    #[inline]
    #[track_caller]
    fn over(a: impl ::core::marker::Sized) -> ::zp::Batch<::zp::__private::Times, Self> {
        ::core::unreachable!()
    }
    /** As [`over`](Self::over), for lengths that may differ.

 # Errors

 If they do: which, and by how much.*/
    #[inline]
    #[track_caller]
    fn try_over(
        a: impl ::core::marker::Sized,
    ) -> ::core::result::Result<
        ::zp::Batch<::zp::__private::Times, Self>,
        ::zp::__private::LengthError,
    > {
        ::core::unreachable!()
    }
    fn __zp_check() {}
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
impl<'a> ::zp::__private::Body<()> for bad<'a> {
    type Output = ();
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
struct bad<'a> {
    #[doc(hidden)]
    use_new: ::core::marker::PhantomData<(&'a (),)>,
}
