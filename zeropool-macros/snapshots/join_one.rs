fn join() {
    match (|| -> ::zp::__private::JoinArm<_> {
        #[allow(clippy::diverging_sub_expression)]
        let value_of_arm = a();
        #[allow(unreachable_code)] ::zp::__private::JoinArm::of(value_of_arm)
    })() {
        value_of_arm0 => (value_of_arm0.value(),),
    }
}
