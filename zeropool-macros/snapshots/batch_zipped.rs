#[allow(
    clippy::needless_pass_by_value,
    clippy::ptr_arg,
    clippy::trivially_copy_pass_by_ref
)]
fn mix<'a, T: Sync, const N: usize>(
    line: &'a str,
    rows: &mut [Pixel<'_, T>],
    owned: Vec<T>,
    n: usize,
    f: impl Fn(&T) -> bool,
    table: &[T],
    other: &Cell<T>,
    weights: Weights<'_>,
) -> Result<&'a str, T>
where
    T: Clone,
{
    let _ = &n;
    Ok(line)
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
    'table,
    'other,
    'weights,
    T: Sync,
    const N: usize,
    ImplF: Fn(&T) -> bool,
> Mix<'table, 'other, 'weights, T, N, ImplF>
where
    T: Clone,
{
    /** A batch of calls of `mix`, one for each item of `line`, chunk of `rows` and item of `owned`.

 Nothing runs before it is told how, as by `run` or `collect`.

 # Panics

 If the lengths differ, or if a chunk is to have 0 items.*/
    #[inline]
    #[track_caller]
    fn over<'a, 'each_line, 'rows, 'rows1>(
        line: &'each_line [&'a str],
        rows: &'rows mut [Pixel<'rows1, T>],
        owned: crate::zp::__private::Vec<Vec<T>>,
        n: usize,
        f: ImplF,
        table: &'table [T],
        other: &'other Cell<T>,
        weights: Weights<'weights>,
    ) -> crate::zp::Batch<
        crate::zp::__private::Zip<
            crate::zp::__private::Zip<
                crate::zp::__private::EachRef<'each_line, &'a str>,
                crate::zp::__private::ChunksMut<'rows, Pixel<'rows1, T>>,
            >,
            crate::zp::__private::EachOwned<Vec<T>>,
        >,
        Self,
    >
    where
        Pixel<'rows1, T>: ::core::marker::Send,
        Vec<T>: ::core::marker::Send,
        ImplF: ::core::marker::Copy + ::core::marker::Send + ::core::marker::Sync,
        T: ::core::marker::Sync,
        Cell<T>: ::core::marker::Sync,
        Result<&'a str, T>: ::core::marker::Send,
    {
        crate::zp::__private::batch(
            crate::zp::__private::zipped(
                crate::zp::__private::zipped(
                    crate::zp::__private::each_ref(line),
                    crate::zp::__private::chunks_mut(rows, { N * n }),
                    ["line", "rows"],
                ),
                crate::zp::__private::each_owned(owned),
                ["line", "owned"],
            ),
            Self {
                n,
                f,
                table,
                other,
                weights,
            },
        )
    }
    /** As [`over`](Self::over), for lengths that may differ.

 # Errors

 If they do: which, and by how much.

 # Panics

 If a chunk is to have 0 items.*/
    #[inline]
    #[track_caller]
    fn try_over<'a, 'each_line, 'rows, 'rows1>(
        line: &'each_line [&'a str],
        rows: &'rows mut [Pixel<'rows1, T>],
        owned: crate::zp::__private::Vec<Vec<T>>,
        n: usize,
        f: ImplF,
        table: &'table [T],
        other: &'other Cell<T>,
        weights: Weights<'weights>,
    ) -> ::core::result::Result<
        crate::zp::Batch<
            crate::zp::__private::Zip<
                crate::zp::__private::Zip<
                    crate::zp::__private::EachRef<'each_line, &'a str>,
                    crate::zp::__private::ChunksMut<'rows, Pixel<'rows1, T>>,
                >,
                crate::zp::__private::EachOwned<Vec<T>>,
            >,
            Self,
        >,
        crate::zp::__private::LengthError,
    >
    where
        Pixel<'rows1, T>: ::core::marker::Send,
        Vec<T>: ::core::marker::Send,
        ImplF: ::core::marker::Copy + ::core::marker::Send + ::core::marker::Sync,
        T: ::core::marker::Sync,
        Cell<T>: ::core::marker::Sync,
        Result<&'a str, T>: ::core::marker::Send,
    {
        ::core::result::Result::Ok(
            crate::zp::__private::batch(
                crate::zp::__private::zip(
                    crate::zp::__private::zip(
                        crate::zp::__private::each_ref(line),
                        crate::zp::__private::chunks_mut(rows, { N * n }),
                        ["line", "rows"],
                    )?,
                    crate::zp::__private::each_owned(owned),
                    ["line", "owned"],
                )?,
                Self {
                    n,
                    f,
                    table,
                    other,
                    weights,
                },
            ),
        )
    }
    fn __zp_check() {
        crate::zp::__private::referent_is_sync::<str>();
        crate::zp::__private::argument_is_shared::<usize>();
        crate::zp::__private::argument_is_shared::<Weights<'weights>>();
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
    'each_line,
    'rows,
    'rows1,
    'table,
    'other,
    'weights,
    T: Sync,
    const N: usize,
    ImplF: Fn(&T) -> bool,
> crate::zp::__private::Body<
    ((&'each_line &'a str, &'rows mut [Pixel<'rows1, T>]), Vec<T>),
> for Mix<'table, 'other, 'weights, T, N, ImplF>
where
    T: Clone,
    ImplF: ::core::marker::Copy + ::core::marker::Send + ::core::marker::Sync,
    T: ::core::marker::Sync,
    Cell<T>: ::core::marker::Sync,
    for<'__zp> Weights<
        'weights,
    >: ::core::marker::Copy + ::core::marker::Send + ::core::marker::Sync,
    Result<&'a str, T>: ::core::marker::Send,
{
    type Output = Result<&'a str, T>;
    const NAME: &'static ::core::primitive::str = "mix";
    #[inline]
    fn call(
        &self,
        __zp_index: ::core::primitive::usize,
        __zp_item: ((&'each_line &'a str, &'rows mut [Pixel<'rows1, T>]), Vec<T>),
        __zp_cx: &mut crate::zp::__private::Context<'_>,
    ) -> Self::Output {
        let Self {
            n: __zp_3,
            f: __zp_4,
            table: __zp_5,
            other: __zp_6,
            weights: __zp_7,
        } = *self;
        let ((__zp_0, __zp_1), __zp_2) = __zp_item;
        let __zp_0 = *__zp_0;
        mix::<T, N>(__zp_0, __zp_1, __zp_2, __zp_3, __zp_4, __zp_5, __zp_6, __zp_7)
    }
}
/// Batches of calls of the function `mix`, and what those calls share.
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
struct Mix<'table, 'other, 'weights, T: Sync, const N: usize, ImplF: Fn(&T) -> bool>
where
    T: Clone,
{
    /// The argument `n`.
    n: usize,
    /// The argument `f`.
    f: ImplF,
    /// The argument `table`.
    table: &'table [T],
    /// The argument `other`.
    other: &'other Cell<T>,
    /// The argument `weights`.
    weights: Weights<'weights>,
}
