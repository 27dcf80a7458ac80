// Other libraries hand the scope to every task; here it is captured.
fn main() {
    zp::scope(|s| {
        s.spawn(|s| {
            s.spawn(|_| println!("inner"));
        });
    });
}
