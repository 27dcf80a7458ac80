fn pcall() {
    (match s {
        scope_of_call => {
            move || ::zp::__private::pcall(
                scope_of_call,
                {
                    static SITE: ::zp::__private::CallSite = ::zp::__private::CallSite::new(
                        "<T as Shape>::area::<u8, _>",
                        ::core::file!(),
                        ::core::line!(),
                        ::core::column!(),
                    );
                    &SITE
                },
                ::zp::__private::Level::Standard,
                move || <T as Shape>::area::<u8, _>(),
            )
        }
    })();
    (match (s, (self.op)) {
        #[allow(unused_mut)]
        (scope_of_call, mut value_of_callee) => {
            move |value_of_argument0| ::zp::__private::pcall(
                scope_of_call,
                {
                    static SITE: ::zp::__private::CallSite = ::zp::__private::CallSite::new(
                        "(self.op)",
                        ::core::file!(),
                        ::core::line!(),
                        ::core::column!(),
                    );
                    &SITE
                },
                if ::core::cfg!(debug_assertions) {
                    ::zp::__private::Level::Standard
                } else {
                    ::zp::__private::Level::Plain
                },
                move || value_of_callee(value_of_argument0),
            )
        }
    })(x);
    (match s {
        scope_of_call => {
            move |value_of_argument0, value_of_argument1| ::zp::__private::pcall(
                scope_of_call,
                {
                    static SITE: ::zp::__private::CallSite = ::zp::__private::CallSite::new(
                        "load",
                        ::core::file!(),
                        ::core::line!(),
                        ::core::column!(),
                    );
                    &SITE
                },
                ::zp::__private::Level::Adaptive,
                move || ::zp::__private::run_here(
                    load::__call(value_of_argument0, value_of_argument1),
                ),
            )
        }
    })(&path, ::zp::__private::LentByWorker);
}
