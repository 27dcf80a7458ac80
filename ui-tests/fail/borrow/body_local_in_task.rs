// Rule 2: the same for a parameter struct.
#[zp::task]
fn sum(data: &[u64]) -> u64 {
    data.iter().sum()
}

fn main() {
    zp::scope(|s| {
        let local = vec![1, 2];
        s.spawn(sum { data: &local });
    });
}
