use std::rc::Rc;

fn f(x: u8) -> Rc<u8> {
    Rc::new(x)
}

fn main() {
    zp::scope(|s| {
        zp::pcall!(s, f(1)).get();
    });
}
