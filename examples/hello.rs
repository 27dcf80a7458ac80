//! A function that is also a task: two calls side by side, each result where it is wanted.
//!
//! `cargo run -p zeropool-examples --example hello`

#[zp::task]
fn checksum(data: &[u8], seed: u32) -> u32 {
    let add = |sum: u32, byte: &u8| sum.rotate_left(5) ^ u32::from(*byte);
    data.iter().fold(seed, add)
}

fn main() {
    let text = b"Tasks may borrow: the scope returns when the last of them has ended.";
    let (left, right) = text.split_at(text.len() / 2);

    let mut second = 0;
    let first = zp::scope(|s| {
        s.spawn_into(checksum::new(right, 2), &mut second);
        s.spawn(checksum::new(left, 1)).join()
    });
    println!("in a scope: {first:08x} {second:08x}");

    let (first, second) = zp::join!(checksum(left, 1), checksum(right, 2));
    println!("joined:     {first:08x} {second:08x}");

    let (first, second) = (checksum(left, 1), checksum(right, 2));
    println!("plain:      {first:08x} {second:08x}");
}
