// What a call of the inner scope returns ends with it.
fn double(n: u32) -> u32 {
    n * 2
}

fn main() {
    zp::scope(|outer| {
        let mut calls = Vec::new();
        zp::scope(|inner| calls.push(zp::pcall!(inner, double(1))));
        outer.spawn(move || calls.pop().unwrap().get());
    });
}
