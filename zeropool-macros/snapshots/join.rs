fn join() {
    match ::zp::__private::run_arms(
        {
            static SITE: ::zp::__private::JoinSite = ::zp::__private::JoinSite::new();
            &SITE
        },
        || -> ::zp::__private::JoinArm<_> {
            #[allow(clippy::diverging_sub_expression)]
            let value_of_arm = a();
            #[allow(unreachable_code)] ::zp::__private::JoinArm::of(value_of_arm)
        },
        || ::zp::__private::run_arms(
            {
                static SITE: ::zp::__private::JoinSite = ::zp::__private::JoinSite::new();
                &SITE
            },
            || -> ::zp::__private::JoinArm<_> {
                #[allow(clippy::diverging_sub_expression)]
                let value_of_arm = ::zp::__private::run_here(
                    load::__call(&path, ::zp::__private::LentByWorker),
                );
                #[allow(unreachable_code)] ::zp::__private::JoinArm::of(value_of_arm)
            },
            || -> ::zp::__private::JoinArm<_> {
                #[allow(clippy::diverging_sub_expression)]
                let value_of_arm = c + 1;
                #[allow(unreachable_code)] ::zp::__private::JoinArm::of(value_of_arm)
            },
        ),
    ) {
        (value_of_arm0, (value_of_arm1, value_of_arm2)) => {
            (value_of_arm0.value(), value_of_arm1.value(), value_of_arm2.value())
        }
    }
}
