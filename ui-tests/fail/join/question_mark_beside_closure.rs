// A closure in the arm may have a `?` of its own; this one is the arm's.
fn sum(texts: &[&str], first: &str) -> Result<u8, std::num::ParseIntError> {
    let (a, b) = zp::join!(
        {
            let all: Vec<u8> = texts.iter().map(|text| text.parse().unwrap()).collect();
            all.len() as u8 + first.parse::<u8>()?
        },
        1
    );
    Ok(a + b)
}

fn main() {
    let _ = sum(&[], "1");
}
