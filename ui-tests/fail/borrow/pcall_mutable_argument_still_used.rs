// Rule 3: what a call may change is not looked at before the scope ends.
fn push(list: &mut Vec<u8>) {
    list.push(1);
}

fn main() {
    let mut list = Vec::new();
    zp::scope(|s| {
        zp::pcall!(s, minimal, push(&mut list)).get();
        println!("{}", list.len());
        zp::pcall!(s, push(&mut list)).get();
    });
}
