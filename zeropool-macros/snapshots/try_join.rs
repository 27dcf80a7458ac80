fn join() {
    match ::zp::__private::run_fallible_arms(
        {
            static SITE: ::zp::__private::JoinSite = ::zp::__private::JoinSite::new();
            &SITE
        },
        || -> ::zp::__private::JoinArm<_> {
            #[allow(clippy::diverging_sub_expression)]
            let value_of_arm: ::core::result::Result<_, _> = a();
            #[allow(unreachable_code)] ::zp::__private::JoinArm::of(value_of_arm)
        },
        || ::zp::__private::JoinArm::of(
            ::zp::__private::run_fallible_arms(
                {
                    static SITE: ::zp::__private::JoinSite = ::zp::__private::JoinSite::new();
                    &SITE
                },
                || -> ::zp::__private::JoinArm<_> {
                    #[allow(clippy::diverging_sub_expression)]
                    let value_of_arm: ::core::result::Result<_, _> = b(x);
                    #[allow(unreachable_code)] ::zp::__private::JoinArm::of(value_of_arm)
                },
                || -> ::zp::__private::JoinArm<_> {
                    #[allow(clippy::diverging_sub_expression)]
                    let value_of_arm: ::core::result::Result<_, _> = ::zp::__private::run_here(
                        load::<u8>::__call(&path, ::zp::__private::LentByWorker),
                    );
                    #[allow(unreachable_code)] ::zp::__private::JoinArm::of(value_of_arm)
                },
            ),
        ),
    ) {
        ::core::result::Result::Ok((value_of_arm0, (value_of_arm1, value_of_arm2))) => {
            ::core::result::Result::Ok((value_of_arm0, value_of_arm1, value_of_arm2))
        }
        ::core::result::Result::Err(error_of_join) => {
            ::core::result::Result::Err(error_of_join)
        }
    }
}
