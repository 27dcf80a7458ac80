use std::cell::Cell;

fn main() {
    let cell = Cell::new(1);
    let _: Result<_, ()> = zp::try_join!(Ok(1), Ok(2), Ok(cell.set(2)));
}
