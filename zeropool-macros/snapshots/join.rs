fn join() {
    match ::zp::__private::join(
        {
            static SITE: ::zp::__private::JoinSite = ::zp::__private::JoinSite::new();
            &SITE
        },
        || -> ::zp::__private::JoinArm<_> {
            #[allow(clippy::diverging_sub_expression)]
            let value = a();
            #[allow(unreachable_code)] ::zp::__private::JoinArm::of(value)
        },
        || ::zp::__private::join(
            {
                static SITE: ::zp::__private::JoinSite = ::zp::__private::JoinSite::new();
                &SITE
            },
            || -> ::zp::__private::JoinArm<_> {
                #[allow(clippy::diverging_sub_expression)]
                let value = ::zp::__private::run_here(
                    load::__call(&path, ::zp::__private::Lent),
                );
                #[allow(unreachable_code)] ::zp::__private::JoinArm::of(value)
            },
            || -> ::zp::__private::JoinArm<_> {
                #[allow(clippy::diverging_sub_expression)]
                let value = c + 1;
                #[allow(unreachable_code)] ::zp::__private::JoinArm::of(value)
            },
        ),
    ) {
        (arm0, (arm1, arm2)) => (arm0.value(), arm1.value(), arm2.value()),
    }
}
