// The result of a scope cannot borrow from its callback.
fn main() {
    let longest = zp::scope(|s| {
        let words = vec![String::from("a"), String::from("bc")];
        s.spawn(|| ());
        words.iter().max_by_key(|word| word.len()).unwrap().as_str()
    });
    println!("{longest}");
}
