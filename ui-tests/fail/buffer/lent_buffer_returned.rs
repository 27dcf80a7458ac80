// An owned result cannot be made of what is lent by reference.
#[zp::task]
fn copy(data: &[u8], #[buf(data.len())] tmp: &mut zp::Buf) -> zp::Buf {
    tmp.copy_from_slice(data);
    tmp
}

fn main() {}
