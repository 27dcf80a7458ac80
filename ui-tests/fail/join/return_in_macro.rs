// A `return` that a macro brings along does not end the arm alone either.
macro_rules! ensure {
    ($condition:expr) => {
        if !$condition {
            return Err(());
        }
    };
}

fn f(n: u8) -> Result<u8, ()> {
    let (a, b) = zp::join!(
        {
            ensure!(n > 1);
            n
        },
        1
    );
    Ok(a + b)
}

fn g(n: u8) -> Result<u8, ()> {
    let (a, b) = zp::try_join!(
        {
            ensure!(n > 1);
            Ok(n)
        },
        Ok(1)
    )?;
    Ok(a + b)
}

fn main() {
    let _ = (f(1), g(1));
}
