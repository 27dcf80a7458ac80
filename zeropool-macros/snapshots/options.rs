fn checksum(sum: u64) -> u64 {
    sum
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
impl Checksum {
    /// The task of calling the function with these arguments.
    #[inline]
    fn new(sum: u64) -> Self {
        Self { sum }
    }
    #[doc(hidden)]
    #[inline]
    fn __call(sum: u64) -> crate::reexport::zp::__private::Call<Self> {
        crate::reexport::zp::__private::Call(Self { sum })
    }
    fn __zp_check() {
        crate::reexport::zp::__private::argument_is_send::<u64>();
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
impl crate::reexport::zp::__private::Task for Checksum
where
    for<'__zp> Checksum: ::core::marker::Send,
{
    type Output = u64;
    const NAME: &'static ::core::primitive::str = "checksum/v1";
    const PRIORITY: crate::reexport::zp::__private::Priority = crate::reexport::zp::__private::Priority::High;
    #[inline]
    fn run(
        self,
        __zp_cx: &mut crate::reexport::zp::__private::Context<'_>,
    ) -> Self::Output {
        let Self { sum: __zp_0 } = self;
        checksum(__zp_0)
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
struct Checksum {
    /// The argument `sum`.
    sum: u64,
}
