// The same for closures in boxes.
#[zp::task]
fn call(f: Box<dyn FnOnce() -> u8>) -> u8 {
    f()
}

fn main() {
    let f: Box<dyn FnOnce()> = Box::new(|| ());
    zp::spawn(f);
}
