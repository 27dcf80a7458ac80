// What must stay on its thread. With two impls to choose from the call is ambiguous, so this compiles only if the
// second one, which has the bound, does not apply.
macro_rules! is_not {
    ($trait:ident: $ty:ty) => {{
        trait Check<Marker> {
            fn check() {}
        }
        struct Other;
        impl<T> Check<()> for T {}
        impl<T: $trait> Check<Other> for T {}
        <$ty as Check<_>>::check();
    }};
}

fn main() {
    is_not!(Send: zp::Context<'static>);
    is_not!(Sync: zp::Context<'static>);
}
