// `join` has the value itself, `wait` has a `Result`.
fn main() {
    zp::scope(|s| {
        let sum: i32 = s.spawn(|| 1).join().unwrap();
        let other: i32 = s.spawn(|| 1).wait();
        println!("{}", sum + other);
    });
}
