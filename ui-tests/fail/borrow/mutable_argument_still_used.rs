// An argument is the task's while it may run.
#[zp::task]
fn sort(data: &mut Vec<u64>) {
    data.sort();
}

fn main() {
    let mut data = vec![3, 1, 2];
    zp::scope(|s| {
        s.spawn(sort { data: &mut data });
        data.push(4);
    });
}
