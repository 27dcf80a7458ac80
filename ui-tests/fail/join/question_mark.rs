fn number(text: &str) -> Result<u8, std::num::ParseIntError> {
    let (a, b) = zp::join!(text.parse::<u8>()?, 1);
    Ok(a + b)
}

fn option(text: Option<&str>) -> Option<usize> {
    let (a, b) = zp::join!(1, { text?.len() });
    Some(a + b)
}

fn fallible(text: &str) -> Result<u8, std::num::ParseIntError> {
    let (a, b) = zp::try_join!(Ok(text.parse::<u8>()?), text.parse())?;
    Ok(a + b)
}

fn main() {
    let _ = (number("1"), option(None), fallible("1"));
}
