// Rule 1: nothing of a scope is left when it has ended.
fn main() {
    let mut kept = None;
    zp::scope(|s| {
        kept = Some(s.spawn(|| 1));
    });
    drop(kept);
}
