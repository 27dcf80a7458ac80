//! What the kernel says of our pages.

mod flags;
mod fork;
mod guards;
mod limits;
mod locking;

use super::*;
use std::any;
use std::env;
use std::os::unix::process::ExitStatusExt;
use std::process::{Command, Output};

const MIB: usize = 1 << 20;
/// Set to a test's name in the process that is started for it.
const ALONE: &str = "ZEROPOOL_TEST_ALONE";

/// Runs `body` in a process of its own, by starting the calling test again. None there, after `body`; what came of it to the caller.
fn run_alone<F: FnOnce()>(body: F) -> Option<Output> {
    // Path of the closure, which is in the test's function.
    let name = any::type_name::<F>();
    let (_crate, name) = name.split_once("::").unwrap();
    let name = name.trim_end_matches("::{{closure}}");
    if env::var_os(ALONE).is_some_and(|alone| alone == name) {
        body();
        return None;
    }
    let output = Command::new(env::current_exe().unwrap())
        // One thread: the test's is the main thread, and nobody else is there.
        .args(["--exact", name, "--nocapture", "--test-threads=1"])
        .env(ALONE, name)
        .output()
        .unwrap();
    Some(output)
}

/// `body` must come to its end.
#[track_caller]
fn alone(body: impl FnOnce()) {
    if let Some(output) = run_alone(body) {
        let text = String::from_utf8_lossy(&output.stdout);
        let complaint = String::from_utf8_lossy(&output.stderr);
        // What it panicked with, first.
        let panic = complaint
            .lines()
            .skip_while(|line| !line.contains("panicked at"))
            .nth(1);
        assert!(
            output.status.success() && text.contains("1 passed"),
            "{}\n{}\n{text}\n{complaint}",
            panic.unwrap_or("no panic"),
            output.status
        );
    }
}

/// `body` must say "touching" and then be killed for touching what it may not.
#[track_caller]
fn faults_alone(body: impl FnOnce()) {
    if let Some(output) = run_alone(body) {
        let text = String::from_utf8_lossy(&output.stdout);
        assert!(text.contains("touching"), "{text}");
        assert_eq!(output.status.signal(), Some(libc::SIGSEGV), "{text}");
    }
}

/// A number of `/proc/self/status`, in bytes.
#[track_caller]
fn status(field: &str) -> usize {
    let text = std::fs::read_to_string("/proc/self/status").unwrap();
    let line = text
        .lines()
        .find_map(|line| line.strip_prefix(field)?.strip_prefix(':'));
    kib(line.unwrap())
}

/// "12 kB" in bytes.
#[track_caller]
fn kib(text: &str) -> usize {
    let number = text.trim().strip_suffix(" kB").unwrap();
    number.parse::<usize>().unwrap() << 10
}

/// What `/proc/self/smaps` says of the mapping around an address.
struct Mapped {
    /// Its first line, and those below.
    text: Vec<String>,
}

impl Mapped {
    /// None if there is nothing.
    fn around(address: usize) -> Option<Self> {
        let text = std::fs::read_to_string("/proc/self/smaps").unwrap();
        let mut lines = text.lines();
        let header = lines.find(|line| {
            let range = line.split(' ').next().and_then(|range| range.split_once('-'));
            range.is_some_and(|(start, end)| {
                let number = |text| usize::from_str_radix(text, 16);
                matches!((number(start), number(end)), (Ok(start), Ok(end)) if (start..end).contains(&address))
            })
        })?;
        // Each line below has a name with a colon; the next header's first word has none.
        let below = lines.take_while(|line| line.split(' ').next().unwrap().ends_with(':'));
        Some(Self {
            text: [header]
                .into_iter()
                .chain(below)
                .map(str::to_owned)
                .collect(),
        })
    }

    fn access(&self) -> &str {
        self.text[0].split(' ').nth(1).unwrap()
    }

    #[track_caller]
    fn field(&self, name: &str) -> &str {
        let line = self
            .text
            .iter()
            .find_map(|line| line.strip_prefix(name)?.strip_prefix(':'));
        line.unwrap()
    }

    /// One of the two-letter flags.
    fn has(&self, flag: &str) -> bool {
        self.field("VmFlags").split(' ').any(|has| has == flag)
    }
}

/// The mapping around a region's first byte.
#[track_caller]
fn mapped(region: &Region) -> Mapped {
    Mapped::around(region.start().addr().get()).unwrap()
}
