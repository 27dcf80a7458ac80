// The scope is the shorter of the two lifetimes.
fn spawn_length<'scope, 'env>(s: &'scope zp::Scope<'scope, 'env>, text: &'env str, short: &str) {
    s.spawn(move || text.len());
    s.spawn(move || short.len());
}

fn main() {
    zp::scope(|s| spawn_length(s, "a", "b"));
}
