// With a lent buffer beside it, one reference is not enough to tell.
#[zp::task]
fn trim(text: &str, #[buf(8)] tmp: &mut [u8]) -> &str {
    tmp[0] = 1;
    text.trim()
}

fn main() {}
