/// Sums.
#[inline]
pub fn checksum(data: &[u8], seed: u64) -> u64 {
    0
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
impl<'data> checksum<'data> {
    /// The task of calling the function with these arguments.
    #[inline]
    pub fn new(data: &'data [u8], seed: u64) -> Self {
        Self { data, seed }
    }
    #[doc(hidden)]
    #[inline]
    pub fn __call(data: &'data [u8], seed: u64) -> ::zp::__private::Call<Self> {
        ::zp::__private::Call(Self { data, seed })
    }
    fn __zp_check() {
        ::zp::__private::referent_is_sync::<[u8]>();
        ::zp::__private::argument_is_send::<u64>();
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
impl<'data> ::zp::__private::Task for checksum<'data>
where
    for<'__zp> checksum<'data>: ::core::marker::Send,
{
    type Output = u64;
    const NAME: &'static ::core::primitive::str = "checksum";
    #[inline]
    fn run(self, __zp_cx: &mut ::zp::__private::Context<'_>) -> Self::Output {
        let Self { data: __zp_0, seed: __zp_1 } = self;
        checksum(__zp_0, __zp_1)
    }
}
/// The parameters of the function `checksum`, as a task.
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
pub struct checksum<'data> {
    /// The argument `data`.
    pub data: &'data [u8],
    /// The argument `seed`.
    pub seed: u64,
}
