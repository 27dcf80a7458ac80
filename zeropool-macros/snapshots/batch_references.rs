#[allow(
    clippy::needless_pass_by_value,
    clippy::ptr_arg,
    clippy::trivially_copy_pass_by_ref
)]
fn bytes(a: &[u8], (b, c): &mut (dyn Show + Send), d: &Text<'_>) {}
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
impl bytes {
    /** A batch of calls of `bytes`, one for each item of `a`, item of `arg1` and item of `d`.

 Nothing runs before it is told how, as by `run` or `collect`.

 # Panics

 If the lengths differ.*/
    #[inline]
    #[track_caller]
    fn over<'a, 'each_a, 'arg1, 'each_arg1, 'd, 'd1>(
        a: &'each_a [&'a [u8]],
        arg1: &'arg1 mut [&'each_arg1 mut (dyn Show + Send)],
        d: &'d [Text<'d1>],
    ) -> ::zp::Batch<
        ::zp::__private::Zip<
            ::zp::__private::Zip<
                ::zp::__private::EachRef<'each_a, &'a [u8]>,
                ::zp::__private::EachMut<'arg1, &'each_arg1 mut (dyn Show + Send)>,
            >,
            ::zp::__private::EachRef<'d, Text<'d1>>,
        >,
        Self,
    > {
        ::zp::__private::batch(
            ::zp::__private::zipped(
                ::zp::__private::zipped(
                    ::zp::__private::each_ref(a),
                    ::zp::__private::each_mut(arg1),
                    ["a", "arg1"],
                ),
                ::zp::__private::each_ref(d),
                ["a", "d"],
            ),
            Self {},
        )
    }
    /** As [`over`](Self::over), for lengths that may differ.

 # Errors

 If they do: which, and by how much.*/
    #[inline]
    #[track_caller]
    fn try_over<'a, 'each_a, 'arg1, 'each_arg1, 'd, 'd1>(
        a: &'each_a [&'a [u8]],
        arg1: &'arg1 mut [&'each_arg1 mut (dyn Show + Send)],
        d: &'d [Text<'d1>],
    ) -> ::core::result::Result<
        ::zp::Batch<
            ::zp::__private::Zip<
                ::zp::__private::Zip<
                    ::zp::__private::EachRef<'each_a, &'a [u8]>,
                    ::zp::__private::EachMut<'arg1, &'each_arg1 mut (dyn Show + Send)>,
                >,
                ::zp::__private::EachRef<'d, Text<'d1>>,
            >,
            Self,
        >,
        ::zp::__private::LengthError,
    > {
        ::core::result::Result::Ok(
            ::zp::__private::batch(
                ::zp::__private::zip(
                    ::zp::__private::zip(
                        ::zp::__private::each_ref(a),
                        ::zp::__private::each_mut(arg1),
                        ["a", "arg1"],
                    )?,
                    ::zp::__private::each_ref(d),
                    ["a", "d"],
                )?,
                Self {},
            ),
        )
    }
    fn __zp_check() {
        ::zp::__private::referent_is_sync::<[u8]>();
        ::zp::__private::argument_is_send::<&mut (dyn Show + Send)>();
        ::zp::__private::referent_is_sync::<Text<'_>>();
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
impl<
    'a,
    'each_a,
    'arg1,
    'each_arg1,
    'd,
    'd1,
> ::zp::__private::Body<
    ((&'each_a &'a [u8], &'arg1 mut &'each_arg1 mut (dyn Show + Send)), &'d Text<'d1>),
> for bytes {
    type Output = ();
    const NAME: &'static ::core::primitive::str = "bytes";
    #[inline]
    fn call(
        &self,
        __zp_index: ::core::primitive::usize,
        __zp_item: (
            (&'each_a &'a [u8], &'arg1 mut &'each_arg1 mut (dyn Show + Send)),
            &'d Text<'d1>,
        ),
        __zp_cx: &mut ::zp::__private::Context<'_>,
    ) -> Self::Output {
        let Self {} = *self;
        let ((__zp_0, __zp_1), __zp_2) = __zp_item;
        let __zp_0 = *__zp_0;
        let __zp_1 = &mut **__zp_1;
        bytes(__zp_0, __zp_1, __zp_2)
    }
}
/// Batches of calls of the function `bytes`, and what those calls share.
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
struct bytes {}
