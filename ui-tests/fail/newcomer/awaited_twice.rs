// A result is taken once.
async fn f() {
    let handle = zp::spawn(|| 1);
    let first = handle.await;
    let second = handle.await;
    println!("{first:?} {second:?}");
}

fn main() {
    drop(f());
}
