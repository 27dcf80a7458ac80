// An argument lent mutably is one task's.
#[zp::task]
fn sort(data: &mut Vec<u64>) {
    data.sort();
}

fn main() {
    let mut data = vec![3, 1, 2];
    zp::scope(|s| {
        s.spawn(sort { data: &mut data });
        s.spawn(sort::new(&mut data));
    });
}
