// What a task takes is gone.
fn main() {
    let list = vec![1, 2, 3];
    zp::scope(|s| {
        s.spawn(move || list.len());
        println!("{list:?}");
    });
}
