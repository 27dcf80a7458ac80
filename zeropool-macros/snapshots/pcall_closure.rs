fn pcall() {
    (match s {
        scope_of_call => {
            ({
                fn typed<F, R, O, P, A0, A1>(
                    value_of_callee: F,
                    value_of_offer: impl ::core::ops::FnOnce(F) -> O,
                ) -> impl ::core::ops::FnOnce(A0, A1) -> P
                where
                    F: ::core::ops::FnOnce(A0, A1) -> R,
                    O: ::core::ops::FnOnce(A0, A1) -> P,
                {
                    value_of_offer(value_of_callee)
                }
                typed
            })(
                map,
                move |#[allow(unused_mut)] mut value_of_callee| move |
                    value_of_argument0,
                    value_of_argument1|
                ::zp::__private::pcall(
                    scope_of_call,
                    {
                        static SITE: ::zp::__private::CallSite = ::zp::__private::CallSite::new(
                            "map",
                            ::core::file!(),
                            ::core::line!(),
                            ::core::column!(),
                        );
                        &SITE
                    },
                    ::zp::__private::Level::Adaptive,
                    move || value_of_callee(value_of_argument0, value_of_argument1),
                ),
            )
        }
    })(&items, |item| item + 1);
}
