// Rule 1: `install` is no scope; what is spawned inside is owned.
fn main() {
    let pool = zp::Pool::new().unwrap();
    let text = String::from("gone");
    pool.install(|| {
        let _ = zp::spawn(|| text.len());
    });
}
