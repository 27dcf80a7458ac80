// Rule 2: `'env` cannot be shortened to borrow from the callback.
fn shorten<'a>(s: &'a zp::Scope<'a, 'a>, text: &'a u8) {
    s.spawn(move || println!("{text}"));
}

fn main() {
    zp::scope(|s| {
        let local = 1;
        shorten(s, &local);
    });
}
