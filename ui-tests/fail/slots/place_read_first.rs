// The place is the writer's until it is written.
fn main() {
    let mut place = 0;
    let out = zp::Out::new(&mut place);
    println!("{place}");
    out.set(1);
}
