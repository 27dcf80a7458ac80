#[cfg(unix)]
fn area(
    (w, h): (u32, u32),
    _: u8,
    mut n: u32,
    #[cfg(feature = "z")]
    z: &u32,
    #[cfg(feature = "z")]
    b: &mut [u8],
) {
    let _ = &n;
}
#[cfg(unix)]
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
impl<'z> area<'z> {
    /// The task of calling the function with these arguments.
    #[inline]
    fn new(
        arg0: (u32, u32),
        arg1: u8,
        n: u32,
        #[cfg(feature = "z")]
        z: &'z u32,
    ) -> Self {
        Self {
            arg0,
            arg1,
            n,
            #[cfg(feature = "z")]
            z,
            use_new: ::core::marker::PhantomData,
        }
    }
    #[doc(hidden)]
    #[inline]
    fn __call(
        arg0: (u32, u32),
        arg1: u8,
        n: u32,
        #[cfg(feature = "z")]
        z: &'z u32,
        #[cfg(feature = "z")]
        _: ::zp::__private::LentByWorker,
    ) -> ::zp::__private::Call<Self> {
        ::zp::__private::Call(Self {
            arg0,
            arg1,
            n,
            #[cfg(feature = "z")]
            z,
            use_new: ::core::marker::PhantomData,
        })
    }
    fn __zp_check() {
        ::zp::__private::argument_is_send::<(u32, u32)>();
        ::zp::__private::argument_is_send::<u8>();
        ::zp::__private::argument_is_send::<u32>();
        #[cfg(feature = "z")] ::zp::__private::referent_is_sync::<u32>();
    }
}
#[cfg(unix)]
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
impl<'z> ::zp::__private::Task for area<'z>
where
    for<'__zp> area<'z>: ::core::marker::Send,
{
    type Output = ();
    const NAME: &'static ::core::primitive::str = "area";
    #[inline]
    fn run(self, __zp_cx: &mut ::zp::__private::Context<'_>) -> Self::Output {
        let Self {
            arg0: __zp_0,
            arg1: __zp_1,
            n: __zp_2,
            #[cfg(feature = "z")]
            z: __zp_3,
            use_new: _,
        } = self;
        #[cfg(feature = "z")]
        let __zp_4_len: ::core::primitive::usize;
        let __zp_2_back;
        {
            let n = __zp_2;
            #[cfg(feature = "z")]
            {
                __zp_4_len = n as usize;
            }
            {
                __zp_2_back = n;
            }
        }
        #[cfg(feature = "z")]
        let mut __zp_4 = <::zp::__private::Buf as ::zp::__private::Lend>::lend(
            __zp_cx,
            __zp_4_len,
        );
        area(
            __zp_0,
            __zp_1,
            __zp_2_back,
            #[cfg(feature = "z")]
            __zp_3,
            #[cfg(feature = "z")]
            ::zp::__private::bytes(&mut __zp_4),
        )
    }
}
/// The parameters of the function `area`, as a task.
#[cfg(unix)]
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
struct area<'z> {
    /// The argument `arg0`.
    arg0: (u32, u32),
    /// The argument `arg1`.
    arg1: u8,
    /// The argument `n`.
    n: u32,
    #[cfg(feature = "z")]
    /// The argument `z`.
    z: &'z u32,
    #[doc(hidden)]
    use_new: ::core::marker::PhantomData<(&'z (),)>,
}
