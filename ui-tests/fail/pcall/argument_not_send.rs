use std::rc::Rc;

fn f(x: Rc<u8>, y: u8) -> u8 {
    *x + y
}

fn main() {
    let shared = Rc::new(1);
    zp::scope(|s| {
        zp::pcall!(s, f(shared, 2)).get();
    });
}
