fn words(text: &str, n: usize) -> Vec<&str> {
    Vec::new()
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
impl<'text> words<'text> {
    /// The task of calling the function with these arguments.
    #[inline]
    fn new(text: &'text str, n: usize) -> Self {
        Self { text, n }
    }
    #[doc(hidden)]
    #[inline]
    fn __call(text: &'text str, n: usize) -> ::zp::__private::Call<Self> {
        ::zp::__private::Call(Self { text, n })
    }
    fn __zp_check() {
        ::zp::__private::referent_is_sync::<str>();
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
impl<'text> ::zp::__private::Task for words<'text>
where
    for<'__zp> words<'text>: ::core::marker::Send,
{
    type Output = Vec<&'text str>;
    const NAME: &'static ::core::primitive::str = "words";
    #[inline]
    fn run(self, __zp_cx: &mut ::zp::__private::Context<'_>) -> Self::Output {
        let Self { text: __zp_0, n: __zp_1 } = self;
        words(__zp_0, __zp_1)
    }
}
/// The parameters of the function `words`, as a task.
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
struct words<'text> {
    /// The argument `text`.
    text: &'text str,
    /// The argument `n`.
    n: usize,
}
