// What the worker lends goes back when the call ends.
#[zp::task]
fn keep(kept: &mut Vec<&'static mut [u8]>, #[buf(8)] tmp: &mut [u8]) {
    kept.push(tmp);
}

fn main() {}
