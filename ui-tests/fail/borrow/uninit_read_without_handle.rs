// Nobody reads a `MaybeUninit` slot but through the handle, which has it until the scope ends.
use std::mem::MaybeUninit;

fn main() {
    let mut out = MaybeUninit::<String>::uninit();
    let text: &String = zp::scope(|s| s.spawn_into(|| String::new(), &mut out).join());
    out.write(String::new());
    println!("{text}");
}
