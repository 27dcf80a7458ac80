#[zp::batch]
fn double(px: &mut u8, by: &u8) {
    *px *= by;
}

#[zp::batch]
fn print(text: String) {
    println!("{text}");
}

#[zp::batch]
fn nothing() {}

#[zp::batch]
fn only_lent(#[buf(8)] tmp: &mut [u8], #[cx] cx: &mut zp::Context<'_>) -> usize {
    tmp.len() + cx.pool().workers()
}

fn main() {
    double::over(&mut [1, 2], &3).run();
    print::over(vec![String::new()]).run();
}
