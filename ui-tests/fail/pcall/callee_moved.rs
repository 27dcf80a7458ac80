fn main() {
    let text = String::from("moved");
    let longer = |n: usize| text.len() > n;
    let owned = text.clone();
    let ends = move |n: usize| owned.len() == n;
    zp::scope(|s| {
        zp::pcall!(s, longer(1)).get();
        zp::pcall!(s, longer(2)).get();
        zp::pcall!(s, ends(1)).get();
        zp::pcall!(s, ends(2)).get();
    });
}
