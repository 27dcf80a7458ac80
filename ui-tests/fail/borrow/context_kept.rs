// Nothing of the context is left when the task has ended.
use std::cell::RefCell;

thread_local! {
    static KEPT: RefCell<Option<&'static mut zp::Context<'static>>> = const { RefCell::new(None) };
}

#[zp::task]
fn keep(#[cx] cx: &mut zp::Context<'_>) {
    KEPT.with_borrow_mut(|kept| *kept = Some(cx));
}

fn main() {}
