#[zp::task]
fn spin() -> ! {
    loop {}
}

fn main() {}
