// Results that borrow from items end with those.
#[zp::batch]
fn first(#[each] word: &str) -> Option<char> {
    word.chars().next()
}

#[zp::batch]
fn trim<'a>(#[each] word: &'a String) -> &'a str {
    word.trim()
}

fn main() {
    let trimmed;
    {
        let words = vec![String::from(" a")];
        first::over(&["a"]).run();
        trimmed = trim::over(&words).collect();
    }
    println!("{trimmed:?}");
}
