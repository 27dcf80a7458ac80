// Functions, parameters, generics and locals of generated code never meet.
#![deny(warnings)]

#[zp::task]
fn sum(sum: u64) -> u64 {
    sum
}

#[zp::task]
fn new(new: u64, run: u64, value: u64, cx: u64, len: u64, this: u64) -> u64 {
    new + run + value + cx + len + this
}

#[zp::task]
fn run(len: usize, #[buf(len)] data: &mut [u8], #[buf(len + data_len)] more: &mut [u8], data_len: usize) -> usize {
    data.len() + more.len()
}

#[zp::task(struct = Image, name = "image/v1", priority = high)]
fn image(width: usize) -> usize {
    width
}

#[zp::task(priority = low, struct = U8)]
#[allow(non_snake_case)]
fn u8(X: usize) -> usize {
    X
}

fn main() {
    let value = 1;
    let arm0 = 2;
    assert_eq!(zp::join!(value, arm0, sum(3)), (1, 2, 3));
    zp::scope(|s| {
        assert_eq!(s.spawn(sum { sum: 3 }).join(), 3);
        assert_eq!(s.spawn(new::new(1, 2, 3, 4, 5, 6)).join(), 21);
        assert_eq!(s.spawn(run { len: 1, data_len: 2 }).join(), 4);
        assert_eq!(s.spawn(Image { width: 4 }).join(), 4);
        assert_eq!(s.spawn(U8 { X: 5 }).join(), 5);
    });
    use zp::Task as _;
    assert_eq!((Image::NAME, Image::PRIORITY), ("image/v1", zp::Priority::High));
    assert_eq!((sum::NAME, sum::PRIORITY), ("sum", zp::Priority::Normal));
    assert_eq!(U8::PRIORITY, zp::Priority::Low);
}
