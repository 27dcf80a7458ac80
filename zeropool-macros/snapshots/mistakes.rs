async unsafe fn bad(a: &[u8], b: u8, x: &u8) -> impl Sized {
    x
}
::core::compile_error! {
    "expected `priority = low|normal|high`"
}
::core::compile_error! {
    "unknown option `colour`: the options are `struct = Name`, `name = \"…\"`, `priority = low|normal|high` and `crate = path`"
}
::core::compile_error! {
    "a task runs from start to end without suspending: make it a plain `fn`; async code waits for its handle where blocking is allowed"
}
::core::compile_error! {
    "calling an `unsafe` function needs a promise that only the caller can make: make this a safe `fn` with the `unsafe` block inside"
}
::core::compile_error! {
    "the length is missing: write `#[buf(LEN)]`, where `LEN` is a number of bytes that may use the other parameters"
}
::core::compile_error! {
    "a lent buffer is there to be written: the type is `&mut [u8]`, `&mut zp::Buf`, `zp::Buf` or `zp::BufUninit`"
}
::core::compile_error! {
    "`#[cx]` supplies the worker's context: the type is `&mut zp::Context<'_>`"
}
::core::compile_error! {
    "the output of a task needs a name: write the type, or box it as `Box<dyn Trait + Send>`"
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
impl<'x> bad<'x> {
    /// The task of calling the function with these arguments.
    #[inline]
    fn new(x: &'x u8) -> Self {
        Self { x }
    }
    #[doc(hidden)]
    #[inline]
    fn __call(
        _: ::zp::__private::LentByWorker,
        _: ::zp::__private::LentByWorker,
        x: &'x u8,
    ) -> ::zp::__private::Call<Self> {
        ::zp::__private::Call(Self { x })
    }
    fn __zp_check() {
        ::zp::__private::referent_is_sync::<u8>();
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
impl<'x> ::zp::__private::Task for bad<'x>
where
    for<'__zp> bad<'x>: ::core::marker::Send,
{
    type Output = ();
    const NAME: &'static ::core::primitive::str = "bad";
    #[inline]
    fn run(self, __zp_cx: &mut ::zp::__private::Context<'_>) -> Self::Output {
        let Self { .. } = self;
        ::core::unreachable!()
    }
}
/// The parameters of the function `bad`, as a task.
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
struct bad<'x> {
    /// The argument `x`.
    x: &'x u8,
}
