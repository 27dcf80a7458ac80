fn render(
    frame: &Frame,
    rows: usize,
    scratch: &mut [u8],
    header: &mut zp::Buf,
    image: zp::Buf,
    raw: zp::BufUninit,
    cx: &mut zp::Context<'_>,
) -> zp::Buf {
    let _ = &frame;
    let _ = &rows;
    image
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
impl<'frame> render<'frame> {
    /// The task of calling the function with these arguments.
    #[inline]
    fn new(frame: &'frame Frame, rows: usize) -> Self {
        Self { frame, rows }
    }
    #[doc(hidden)]
    #[inline]
    fn __call(
        frame: &'frame Frame,
        rows: usize,
        _: ::zp::__private::LentByWorker,
        _: ::zp::__private::LentByWorker,
        _: ::zp::__private::LentByWorker,
        _: ::zp::__private::LentByWorker,
        _: ::zp::__private::LentByWorker,
    ) -> ::zp::__private::Call<Self> {
        ::zp::__private::Call(Self { frame, rows })
    }
    fn __zp_check() {
        ::zp::__private::referent_is_sync::<Frame>();
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
impl<'frame> ::zp::__private::Task for render<'frame>
where
    for<'__zp> render<'frame>: ::core::marker::Send,
{
    type Output = zp::Buf;
    const NAME: &'static ::core::primitive::str = "render";
    #[inline]
    fn run(self, __zp_cx: &mut ::zp::__private::Context<'_>) -> Self::Output {
        let Self { frame: __zp_0, rows: __zp_1 } = self;
        let __zp_2_len: ::core::primitive::usize;
        let __zp_3_len: ::core::primitive::usize;
        let __zp_4_len: ::core::primitive::usize;
        let __zp_5_len: ::core::primitive::usize;
        let __zp_0_back;
        let __zp_1_back;
        {
            let frame = __zp_0;
            let rows = __zp_1;
            {
                __zp_2_len = rows * frame.width();
            }
            {
                __zp_3_len = 16;
            }
            {
                __zp_4_len = rows;
            }
            {
                __zp_5_len = 4;
            }
            {
                __zp_0_back = frame;
            }
            {
                __zp_1_back = rows;
            }
        }
        let mut __zp_2 = <::zp::__private::Buf as ::zp::__private::Lend>::lend(
            __zp_cx,
            __zp_2_len,
        );
        let mut __zp_3 = <zp::Buf as ::zp::__private::Lend>::lend(__zp_cx, __zp_3_len);
        let __zp_4 = <zp::Buf as ::zp::__private::Lend>::lend(__zp_cx, __zp_4_len);
        let __zp_5 = <zp::BufUninit as ::zp::__private::Lend>::lend(__zp_cx, __zp_5_len);
        render(
            __zp_0_back,
            __zp_1_back,
            ::zp::__private::bytes(&mut __zp_2),
            &mut __zp_3,
            __zp_4,
            __zp_5,
            &mut *__zp_cx,
        )
    }
}
/// The parameters of the function `render`, as a task.
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
struct render<'frame> {
    /// The argument `frame`.
    frame: &'frame Frame,
    /// The argument `rows`.
    rows: usize,
}
