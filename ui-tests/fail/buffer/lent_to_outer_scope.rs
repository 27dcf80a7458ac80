// What the worker lends can be lent on, to what ends within the call.
#[zp::task]
fn outer<'scope>(s: &'scope zp::Scope<'scope, '_>, #[buf(8)] tmp: &mut [u8]) {
    s.spawn(|| tmp.fill(1));
}

#[zp::task]
fn inner(#[buf(8)] tmp: &mut [u8]) {
    zp::scope(|s| {
        s.spawn(|| tmp.fill(1));
    });
}

fn main() {}
