fn pcall() {
    (match s {
        scope_of_call => {
            move |value_of_argument0, value_of_argument1| ::zp::__private::pcall(
                scope_of_call,
                {
                    static SITE: ::zp::__private::CallSite = ::zp::__private::CallSite::new(
                        "f",
                        ::core::file!(),
                        ::core::line!(),
                        ::core::column!(),
                    );
                    &SITE
                },
                ::zp::__private::Level::Adaptive,
                move || f(value_of_argument0, value_of_argument1),
            )
        }
    })(x, y()?);
}
