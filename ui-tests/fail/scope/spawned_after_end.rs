// A scope that has ended takes nothing.
fn main() {
    let mut late: Option<Box<dyn FnOnce()>> = None;
    zp::scope(|s| {
        late = Some(Box::new(|| {
            s.spawn(|| ());
        }));
    });
    late.unwrap()();
}
