#[allow(
    clippy::needless_pass_by_value,
    clippy::ptr_arg,
    clippy::trivially_copy_pass_by_ref
)]
/// Shades.
pub fn shade(
    px: &mut Rgb,
    i: usize,
    lut: &Lut,
    gain: f32,
    tmp: &mut [u8],
    cx: &mut zp::Context<'_>,
) -> u32 {
    let _ = &i;
    let _ = &gain;
    tmp.len() as u32
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
impl<'lut> shade<'lut> {
    /** A batch of calls of `shade`, one for each item of `px`.

 Nothing runs before it is told how, as by `run` or `collect`.*/
    #[inline]
    pub fn over<'px>(
        px: &'px mut [Rgb],
        lut: &'lut Lut,
        gain: f32,
    ) -> ::zp::Batch<::zp::__private::EachMut<'px, Rgb>, Self> {
        ::zp::__private::batch(::zp::__private::each_mut(px), Self { lut, gain })
    }
    fn __zp_check() {
        ::zp::__private::argument_is_send::<&mut Rgb>();
        ::zp::__private::argument_is_shared::<&'lut Lut>();
        ::zp::__private::argument_is_shared::<f32>();
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
impl<'px, 'lut> ::zp::__private::Body<&'px mut Rgb> for shade<'lut>
where
    for<'__zp> Lut: ::core::marker::Sync,
{
    type Output = u32;
    const NAME: &'static ::core::primitive::str = "shade/v1";
    const PRIORITY: ::zp::__private::Priority = ::zp::__private::Priority::Low;
    #[inline]
    fn call(
        &self,
        __zp_index: ::core::primitive::usize,
        __zp_item: &'px mut Rgb,
        __zp_cx: &mut ::zp::__private::Context<'_>,
    ) -> Self::Output {
        let Self { lut: __zp_2, gain: __zp_3 } = *self;
        let __zp_0 = __zp_item;
        let __zp_1 = __zp_index;
        let __zp_4_len: ::core::primitive::usize;
        let __zp_1_back;
        let __zp_3_back;
        {
            let i = __zp_1;
            let gain = __zp_3;
            {
                __zp_4_len = i + gain as usize;
            }
            {
                __zp_1_back = i;
            }
            {
                __zp_3_back = gain;
            }
        }
        let mut __zp_4 = <::zp::__private::Buf as ::zp::__private::Lend>::lend(
            __zp_cx,
            __zp_4_len,
        );
        shade(
            __zp_0,
            __zp_1_back,
            __zp_2,
            __zp_3_back,
            ::zp::__private::bytes(&mut __zp_4),
            &mut *__zp_cx,
        )
    }
}
/// Batches of calls of the function `shade`, and what those calls share.
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
pub struct shade<'lut> {
    /// The argument `lut`.
    lut: &'lut Lut,
    /// The argument `gain`.
    gain: f32,
}
