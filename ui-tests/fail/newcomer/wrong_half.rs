// Halves are made before the join.
fn sort(list: &mut [i32]) {
    list.sort();
}

fn main() {
    let mut list = [3, 1, 2];
    zp::join!(sort(&mut list[..1]), sort(&mut list[1..]));
}
