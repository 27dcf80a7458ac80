fn pcall() {
    (match s {
        scope => {
            move |argument0, argument1| ::zp::__private::pcall(
                scope,
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
                move || f(argument0, argument1),
            )
        }
    })(x, y()?);
}
