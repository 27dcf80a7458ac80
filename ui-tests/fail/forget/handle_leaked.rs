// A handle that is never dropped does not keep its scope.
fn main() {
    let leaked: &'static mut zp::Handle<'static, u8> = zp::scope(|s| Box::leak(Box::new(s.spawn(|| 1))));
    println!("{}", leaked.is_complete());
}
