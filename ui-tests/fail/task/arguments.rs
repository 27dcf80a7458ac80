#[zp::task]
fn repeat(text: &str, times: usize, #[buf(8)] tmp: &mut [u8]) -> String {
    tmp[0] = 1;
    text.repeat(times)
}

fn main() {
    let _ = repeat { text: "a" };
    let _ = repeat { text: "a", time: 2 };
    let _ = repeat { text: 1, times: 2 };
    let _ = repeat::new("a");
    let _ = repeat::new(2, "a");
}
