fn join() {
    {
        ::core::compile_error! {
            "an arm is already run like a closure: write the expression itself, `f()` instead of `|| f()`"
        }
        ::core::compile_error! {
            "`?` cannot leave an arm of `join!`: let the arm have the `Result` for its value and use `?` on the join's, or use `zp::try_join!`; a function called by the arm may use `?` freely"
        }
        ::core::compile_error! {
            "`_` lends a buffer only where the arm is one call of a task function: `path::function(argument, _)`"
        }
        ::core::compile_error! {
            "`return` cannot leave an arm of `join!`: the arm's value is what its expression evaluates to; leave after the join"
        }
    }
}
