#[zp::task]
fn r#match(r#type: &str, r#fn: usize, #[buf(r#fn)] r#in: &mut [u8]) -> usize {
    r#type.len() + r#in.len()
}

fn main() {
    assert_eq!(r#match("ab", 1, &mut [0; 1]), 3);
    let (a, b) = zp::scope(|s| {
        let a = s.spawn(r#match { r#type: "ab", r#fn: 1 });
        let b = s.spawn(r#match::new("abc", 1));
        (a.join(), b.join())
    });
    assert_eq!((a, b), (3, 4));
    assert_eq!(zp::join!(r#match("ab", 1, _), 1), (3, 1));
    assert_eq!(<r#match as zp::Task>::NAME, "match");
}
