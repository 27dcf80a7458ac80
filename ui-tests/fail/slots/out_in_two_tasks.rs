// One place, one task.
fn main() {
    let mut place = 0;
    let out = zp::Out::new(&mut place);
    zp::scope(|s| {
        s.spawn(move || drop(out.set(1)));
        s.spawn(move || drop(out.set(2)));
    });
}
