fn join() {
    match ::zp::join(
        || -> ::zp::__private::JoinArm<_> {
            #[allow(clippy::diverging_sub_expression)]
            let value = a();
            #[allow(unreachable_code)] ::zp::__private::JoinArm(value)
        },
        || ::zp::join(
            || -> ::zp::__private::JoinArm<_> {
                #[allow(clippy::diverging_sub_expression)]
                let value = ::zp::__private::run_here(
                    load::__call(&path, ::zp::__private::Lent),
                );
                #[allow(unreachable_code)] ::zp::__private::JoinArm(value)
            },
            || -> ::zp::__private::JoinArm<_> {
                #[allow(clippy::diverging_sub_expression)]
                let value = c + 1;
                #[allow(unreachable_code)] ::zp::__private::JoinArm(value)
            },
        ),
    ) {
        (
            ::zp::__private::JoinArm(arm0),
            (::zp::__private::JoinArm(arm1), ::zp::__private::JoinArm(arm2)),
        ) => (arm0, arm1, arm2),
    }
}
