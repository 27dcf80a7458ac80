fn join() {
    match ::zp::__private::try_join(
        {
            static SITE: ::zp::__private::JoinSite = ::zp::__private::JoinSite::new();
            &SITE
        },
        || -> ::zp::__private::JoinArm<_> {
            #[allow(clippy::diverging_sub_expression)]
            let value: ::core::result::Result<_, _> = a();
            #[allow(unreachable_code)] ::zp::__private::JoinArm::of(value)
        },
        || ::zp::__private::JoinArm::of(
            ::zp::__private::try_join(
                {
                    static SITE: ::zp::__private::JoinSite = ::zp::__private::JoinSite::new();
                    &SITE
                },
                || -> ::zp::__private::JoinArm<_> {
                    #[allow(clippy::diverging_sub_expression)]
                    let value: ::core::result::Result<_, _> = b(x);
                    #[allow(unreachable_code)] ::zp::__private::JoinArm::of(value)
                },
                || -> ::zp::__private::JoinArm<_> {
                    #[allow(clippy::diverging_sub_expression)]
                    let value: ::core::result::Result<_, _> = ::zp::__private::run_here(
                        load::<u8>::__call(&path, ::zp::__private::Lent),
                    );
                    #[allow(unreachable_code)] ::zp::__private::JoinArm::of(value)
                },
            ),
        ),
    ) {
        ::core::result::Result::Ok((arm0, (arm1, arm2))) => {
            ::core::result::Result::Ok((arm0, arm1, arm2))
        }
        ::core::result::Result::Err(error) => ::core::result::Result::Err(error),
    }
}
