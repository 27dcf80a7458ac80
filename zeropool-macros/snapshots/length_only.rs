fn zeros(n: usize, bytes: zp::Buf) -> zp::Buf {
    #![allow(unused_mut)]
    let _ = &n;
    bytes
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
impl zeros {
    /// The task of calling the function with these arguments.
    #[inline]
    fn new(n: usize) -> Self {
        Self { n }
    }
    #[doc(hidden)]
    #[inline]
    fn __call(
        n: usize,
        _: ::zp::__private::LentByWorker,
    ) -> ::zp::__private::Call<Self> {
        ::zp::__private::Call(Self { n })
    }
    fn __zp_check() {
        ::zp::__private::argument_is_send::<usize>();
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
impl ::zp::__private::Task for zeros
where
    for<'__zp> zeros: ::core::marker::Send,
{
    type Output = zp::Buf;
    const NAME: &'static ::core::primitive::str = "zeros";
    #[inline]
    fn run(self, __zp_cx: &mut ::zp::__private::Context<'_>) -> Self::Output {
        let Self { n: __zp_0 } = self;
        let __zp_1_len: ::core::primitive::usize;
        let __zp_0_back;
        {
            let n = __zp_0;
            {
                __zp_1_len = n;
            }
            {
                __zp_0_back = n;
            }
        }
        let __zp_1 = <zp::Buf as ::zp::__private::Lend>::lend(__zp_cx, __zp_1_len);
        zeros(__zp_0_back, __zp_1)
    }
}
/// The parameters of the function `zeros`, as a task.
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
#[must_use = "a task does nothing until it is given to a pool, a scope or a join"]
struct zeros {
    /// The argument `n`.
    n: usize,
}
