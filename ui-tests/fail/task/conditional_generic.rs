#[zp::task]
fn f<#[cfg(all())] T: Copy + Send>(x: T) -> T {
    x
}

fn main() {}
