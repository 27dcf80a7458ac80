// Rule 2: the scope itself cannot get out.
fn main() {
    let mut kept = None;
    zp::scope(|s| {
        kept = Some(s);
    });
    drop(kept);
}
