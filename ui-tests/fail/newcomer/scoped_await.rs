// Rule 11: what borrows is waited for by blocking.
async fn f(text: &str) -> usize {
    zp::scope(|s| async { s.spawn(|| text.len()).await }).await
}

fn main() {
    drop(f(""));
}
