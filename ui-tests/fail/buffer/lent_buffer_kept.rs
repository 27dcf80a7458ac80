// Lent by reference it cannot be kept; `zp::Buf` is given away.
#[zp::task]
fn keep(kept: &mut Vec<zp::Buf>, #[buf(8)] tmp: &mut zp::Buf) {
    kept.push(*tmp);
}

#[zp::task]
fn keep_given(kept: &mut Vec<zp::Buf>, #[buf(8)] tmp: zp::Buf) {
    kept.push(tmp);
}

fn main() {}
