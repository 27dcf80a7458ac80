use std::rc::Rc;

fn main() {
    let _: Result<_, ()> = zp::try_join!(Ok(1), Ok(Rc::new(2)));
}
