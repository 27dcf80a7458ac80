fn pcall() {
    {
        ::core::compile_error! {
            "write a call: `zp::pcall!(s, f(x))`; for anything else make it a function, or use `s.spawn(|| …)`"
        }
    };
    {
        ::core::compile_error! {
            "a method call does not say how it takes `a`: write `Type::f(&a, …)`"
        }
    };
    {
        ::core::compile_error! {
            "`fast` is no level: write `standard`, `minimal`, or none for a call that adapts, `zp::pcall!(s, f(x))`"
        }
        ::core::compile_error! {
            "write a call: `zp::pcall!(s, f(x))`; for anything else make it a function, or use `s.spawn(|| …)`"
        }
    };
    {
        ::core::compile_error! {
            "the level comes before the call: `zp::pcall!(s, standard, f(x))`"
        }
    };
    {
        ::core::compile_error! {
            "one call only: write a `zp::pcall!` for each"
        }
    };
    {
        ::core::compile_error! {
            "the scope comes first: `zp::pcall!(s, f(x))`, inside `zp::scope(|s| …)`"
        }
    };
}
