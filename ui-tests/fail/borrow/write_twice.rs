// A result is written once, by macro too.
#[zp::task]
fn twice(out: zp::Out<'_, u64>) {
    zp::write!(out, 1);
    zp::write!(out, 2);
}

fn main() {}
