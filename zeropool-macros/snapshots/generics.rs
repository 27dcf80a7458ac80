fn pick<'a, T, U: Default, const N: usize>(
    items: &'a [T; N],
    other: &T,
    keep: impl Fn(&T) -> bool,
    or: Cow<'_, str>,
) -> Option<&'a T>
where
    T: Debug,
{
    None
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
    'other,
    'or,
    T,
    U: Default,
    const N: usize,
    ImplKeep: Fn(&T) -> bool,
> pick<'a, 'other, 'or, T, U, N, ImplKeep>
where
    T: Debug,
{
    /// The task of calling the function with these arguments.
    #[inline]
    fn new(
        items: &'a [T; N],
        other: &'other T,
        keep: ImplKeep,
        or: Cow<'or, str>,
    ) -> Self {
        Self {
            items,
            other,
            keep,
            or,
            use_new: ::core::marker::PhantomData,
        }
    }
    #[doc(hidden)]
    #[inline]
    fn __call(
        items: &'a [T; N],
        other: &'other T,
        keep: ImplKeep,
        or: Cow<'or, str>,
    ) -> ::zp::__private::Call<Self> {
        ::zp::__private::Call(Self {
            items,
            other,
            keep,
            or,
            use_new: ::core::marker::PhantomData,
        })
    }
    fn __zp_check() {
        ::zp::__private::argument_is_send::<Cow<'or, str>>();
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
    'other,
    'or,
    T,
    U: Default,
    const N: usize,
    ImplKeep: Fn(&T) -> bool,
> ::zp::__private::Task for pick<'a, 'other, 'or, T, U, N, ImplKeep>
where
    T: Debug,
    pick<'a, 'other, 'or, T, U, N, ImplKeep>: ::core::marker::Send,
    Option<&'a T>: ::core::marker::Send,
{
    type Output = Option<&'a T>;
    const NAME: &'static ::core::primitive::str = "pick";
    #[inline]
    fn run(self, __zp_cx: &mut ::zp::__private::Context<'_>) -> Self::Output {
        let Self {
            items: __zp_0,
            other: __zp_1,
            keep: __zp_2,
            or: __zp_3,
            use_new: _,
        } = self;
        pick::<T, U, N>(__zp_0, __zp_1, __zp_2, __zp_3)
    }
}
/// The parameters of the function `pick`, as a task.
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
struct pick<'a, 'other, 'or, T, U: Default, const N: usize, ImplKeep: Fn(&T) -> bool>
where
    T: Debug,
{
    /// The argument `items`.
    items: &'a [T; N],
    /// The argument `other`.
    other: &'other T,
    /// The argument `keep`.
    keep: ImplKeep,
    /// The argument `or`.
    or: Cow<'or, str>,
    #[doc(hidden)]
    use_new: ::core::marker::PhantomData<(fn() -> ::core::marker::PhantomData<U>,)>,
}
