#[zp::batch]
fn first<'a>(#[each] text: &'a String, or: &'a str) -> &'a str {
    text.get(..1).unwrap_or(or)
}

fn main() {
    let or = String::from("-");
    let found = {
        let texts = [String::from("a")];
        first::over(&texts, &or).collect()
    };
    println!("{found:?}");
    let found = {
        let or = String::from("-");
        first::over(&[], &or).collect()
    };
    println!("{found:?}");
}
