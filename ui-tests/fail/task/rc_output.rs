use std::rc::Rc;

#[zp::task]
fn share(name: String) -> Rc<String> {
    Rc::new(name)
}

fn main() {}
