// `collect` makes a vector; anything else is made of that.
use std::collections::HashSet;

fn main() {
    let set: HashSet<usize> = zp::times(10, |i| i % 3).collect();
    println!("{}", set.len());
}
