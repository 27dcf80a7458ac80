fn join() {
    match (|| -> ::zp::__private::JoinArm<_> {
        #[allow(clippy::diverging_sub_expression)]
        let value = a();
        #[allow(unreachable_code)] ::zp::__private::JoinArm::of(value)
    })() {
        arm0 => (arm0.value(),),
    }
}
