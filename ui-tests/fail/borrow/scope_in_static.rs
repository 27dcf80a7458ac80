// Rule 2: the scope itself cannot get out.
use std::sync::Mutex;

static KEPT: Mutex<Option<&'static zp::Scope<'static, 'static>>> = Mutex::new(None);

fn main() {
    zp::scope(|s| {
        *KEPT.lock().unwrap() = Some(s);
    });
}
