// The same for a loop.
fn lengths<T: AsRef<str>>(items: &[T]) -> Vec<usize> {
    zp::map(items, |item| item.as_ref().len()).collect()
}

fn main() {
    lengths(&["a"]);
}
