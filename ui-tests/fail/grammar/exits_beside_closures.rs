// A closure's own `?` and `return` are its own; those beside it are not.
fn sum(texts: &[&str], first: &str) -> Result<u8, std::num::ParseIntError> {
    let (a, b) = zp::join!(
        texts.iter().map(|text| text.parse::<u8>()).sum::<Result<u8, _>>()?,
        {
            let parse = |text: &str| -> Result<u8, std::num::ParseIntError> { Ok(text.parse::<u8>()? + 1) };
            parse(first)?
        }
    );
    Ok(a + b)
}

fn find(texts: &[&str]) -> usize {
    let (n, ()) = zp::join!(
        {
            if texts.iter().any(|text| text.is_empty()) {
                return 0;
            }
            texts.len()
        },
        ()
    );
    n
}

fn main() {
    let _ = (sum(&[], "1"), find(&[]));
}
