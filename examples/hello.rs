//! A function that is also a task: two calls side by side, each result where it is wanted.
//!
//! `cargo run -p zeropool-examples --example hello`

#[zp::task]
fn checksum(data: &[u8], seed: u32) -> u32 {
    data.iter().fold(seed, |sum, byte| sum.rotate_left(5) ^ u32::from(*byte))
}

fn main() {
    let text = b"Tasks may borrow: the scope returns when the last of them has ended.";
    let (left, right) = text.split_at(text.len() / 2);

    let mut second = 0;
    let first = zp::scope(|s| {
        s.spawn_into(checksum { data: right, seed: 2 }, &mut second);
        s.spawn(checksum { data: left, seed: 1 }).join()
    });
    println!("in a scope: {first:08x} {second:08x}");

    let (first, second) = zp::join!(checksum(left, 1), checksum(right, 2));
    println!("joined:     {first:08x} {second:08x}");

    println!("plain:      {:08x} {:08x}", checksum(left, 1), checksum(right, 2));
}
