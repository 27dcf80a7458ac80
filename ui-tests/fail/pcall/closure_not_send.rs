use std::rc::Rc;

fn map(items: &[u8], f: impl Fn(u8) -> u8) -> u8 {
    items.iter().map(|&item| f(item)).sum()
}

fn main() {
    let (items, shared) = (vec![1], Rc::new(1));
    zp::scope(|s| {
        let shared = &shared;
        zp::pcall!(s, map(&items, move |item| item + **shared)).get();
    });
}
