// A closure in the arm may have a `return` of its own; these are the arms'.
fn f(texts: &[&str]) -> usize {
    let (a, b) = zp::join!(
        {
            if texts.iter().any(|text| text.is_empty()) {
                return 0;
            }
            texts.len()
        },
        1
    );
    a + b
}

fn g(texts: &[&str]) {
    zp::join!(
        {
            if texts.iter().any(|text| text.is_empty()) {
                return;
            }
        },
        1
    );
}

fn main() {
    f(&[]);
    g(&[]);
}
