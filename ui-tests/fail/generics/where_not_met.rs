// So is the `where` clause.
#[zp::task]
fn total<I>(items: I) -> u64
where
    I: IntoIterator + Send,
    I::Item: Into<u64>,
{
    items.into_iter().map(Into::into).sum()
}

fn main() {
    let _ = total::new(vec!["a"]);
}
