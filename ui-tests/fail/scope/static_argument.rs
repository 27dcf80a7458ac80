// A function that wants a scope for ever gets none.
fn keep(s: &'static zp::Scope<'static, 'static>) {
    s.spawn(|| ());
}

fn main() {
    zp::scope(|s| keep(s));
}
