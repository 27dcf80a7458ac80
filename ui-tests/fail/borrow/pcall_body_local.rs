// Rule 2: the same for an argument of `pcall!`, at every level.
fn length(text: &str) -> usize {
    text.len()
}

fn main() {
    zp::scope(|s| {
        let local = String::from("gone");
        zp::pcall!(s, length(&local)).get();
        zp::pcall!(s, minimal, length(&local)).get();
        zp::pcall!(s, standard, length(&String::from("temporary"))).get();
        let closure = || local.len();
        zp::pcall!(s, (&closure)()).get();
    });
}
