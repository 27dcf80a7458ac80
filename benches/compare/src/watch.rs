//! Ends the program if a contender hangs, naming it.

use std::process;
use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::thread;
use std::time::Duration;

/// Longer than any batch takes, even on a slow and busy machine.
const LIMIT: Duration = Duration::from_secs(120);

static BATCHES: AtomicU64 = AtomicU64::new(0);
static AT: Mutex<String> = Mutex::new(String::new());

/// From now on the program ends with an error if [`alive`] is not called for two to four minutes.
pub fn start() {
    thread::spawn(|| {
        let mut seen = 0;
        loop {
            thread::sleep(LIMIT);
            let now = BATCHES.load(Relaxed);
            if now == seen {
                let at = AT.lock().map(|at| at.clone()).unwrap_or_default();
                eprintln!(
                    "error: {at} has been running for {} s and more: it hangs",
                    LIMIT.as_secs()
                );
                process::exit(1);
            }
            seen = now;
        }
    });
}

/// A batch begins: the work named by `contender` in `row`.
pub fn alive(row: &str, contender: &str) {
    BATCHES.fetch_add(1, Relaxed);
    if let Ok(mut at) = AT.lock() {
        at.clear();
        at.push_str(row);
        at.push_str(": ");
        at.push_str(contender);
    }
}
