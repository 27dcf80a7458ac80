// Rule 2: the scope itself cannot get out, in a shared box neither.
use std::sync::{Arc, Mutex};

fn main() {
    let kept: Arc<Mutex<Vec<&zp::Scope<'_, '_>>>> = Arc::default();
    let inside = Arc::clone(&kept);
    zp::scope(|s| inside.lock().unwrap().push(s));
    kept.lock().unwrap()[0].spawn(|| ());
}
