// A slot takes one result; a list of them is for a batch.
fn main() {
    let mut out: Vec<i32> = Vec::new();
    zp::scope(|s| {
        s.spawn_into(|| 1_i32, &out);
        s.spawn_into(|| 1_i32, out);
    });
}
