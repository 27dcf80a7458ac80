fn bad(&self, other: Self) {}
::core::compile_error! {
    "a task is a free function, without `self`: move it out of the `impl` and take the value as an ordinary parameter, `this: &Type`"
}
::core::compile_error! {
    "a task is a free function, outside of any `impl`: write the type's name instead of `Self`"
}
