fn squares(_: usize, #[cfg(unix)] n: &u64) -> u64 {
    *n
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
impl<'n> squares<'n> {
    /** A batch of `n1` calls of `squares`, with the indices from 0.

 Nothing runs before it is told how, as by `run` or `collect`.*/
    #[inline]
    fn times(
        n1: ::core::primitive::usize,
        #[cfg(unix)]
        n: &'n u64,
    ) -> ::zp::Batch<::zp::__private::Times, Self> {
        ::zp::__private::batch(
            ::zp::__private::times(n1),
            Self {
                #[cfg(unix)]
                n,
                use_new: ::core::marker::PhantomData,
            },
        )
    }
    fn __zp_check() {
        #[cfg(unix)] ::zp::__private::argument_is_shared::<&'n u64>();
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
impl<'n> ::zp::__private::Body<()> for squares<'n>
where
    for<'__zp> squares<'n>: ::core::marker::Send + ::core::marker::Sync,
{
    type Output = u64;
    const NAME: &'static ::core::primitive::str = "squares";
    #[inline]
    fn call(
        &self,
        __zp_index: ::core::primitive::usize,
        __zp_item: (),
        __zp_cx: &mut ::zp::__private::Context<'_>,
    ) -> Self::Output {
        let Self { #[cfg(unix)] n: __zp_1, use_new: _ } = *self;
        let () = __zp_item;
        let __zp_0 = __zp_index;
        squares(__zp_0, #[cfg(unix)] __zp_1)
    }
}
/// Batches of calls of the function `squares`, and what those calls share.
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
struct squares<'n> {
    #[cfg(unix)]
    /// The argument `n`.
    n: &'n u64,
    #[doc(hidden)]
    use_new: ::core::marker::PhantomData<(&'n (),)>,
}
