// The same functions are refused as for a task.
#[zp::batch]
async fn asynchronous(#[each] x: &u8) -> u8 {
    *x
}

#[zp::batch]
unsafe fn dangerous(#[each] x: &u8) -> u8 {
    *x
}

#[zp::batch]
extern "C" fn foreign(#[each] x: &u8) -> u8 {
    *x
}

#[zp::batch]
fn endless(#[each] x: &u8) -> ! {
    panic!("{x}")
}

#[zp::batch]
fn unnamed(#[each] x: &u8) -> impl Sized {
    *x
}

struct Image;

impl Image {
    #[zp::batch]
    fn method(&self, #[each] x: &u8) -> u8 {
        *x
    }
}

#[zp::batch]
fn own_type(#[each] x: &Self) {}

fn main() {
    asynchronous::over(&[1]).run();
    dangerous::over(&[1]).run();
    foreign::over(&[1]).run();
    endless::over(&[1]).run();
    unnamed::over(&[1]).run();
}
