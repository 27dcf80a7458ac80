#[zp::task]
fn f(#[buf(8)] tmp: Vec<u8>) -> usize {
    tmp.len()
}

#[zp::task]
fn g(#[buf(8)] tmp: &mut Vec<u8>) {
    tmp.push(1);
}

fn main() {}
