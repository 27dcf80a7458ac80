// A task of a pool is waited for with `wait`.
fn main() {
    let handle = zp::spawn(|| 1);
    println!("{}", handle.join());
}
