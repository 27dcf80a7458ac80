// A task of a pool borrows nothing: for that there are scopes.
fn main() {
    let list = vec![1, 2, 3];
    let pool = zp::Pool::new().unwrap();
    let handle = pool.spawn(|| list.len());
    println!("{}", handle.wait().unwrap());
}
