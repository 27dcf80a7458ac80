fn pcall() {
    (match s {
        scope => {
            ({
                fn typed<F, R, O, P, A0, A1>(
                    function: F,
                    offer: impl ::core::ops::FnOnce(F) -> O,
                ) -> impl ::core::ops::FnOnce(A0, A1) -> P
                where
                    F: ::core::ops::FnOnce(A0, A1) -> R,
                    O: ::core::ops::FnOnce(A0, A1) -> P,
                {
                    offer(function)
                }
                typed
            })(
                map,
                move |#[allow(unused_mut)] mut function| move |argument0, argument1| ::zp::__private::pcall(
                    scope,
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
                    move || function(argument0, argument1),
                ),
            )
        }
    })(&items, |item| item + 1);
}
