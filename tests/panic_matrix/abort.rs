//! The matrix in a program whose panics abort it: it dies of the first one, with its message, and does not hang.

use crate::support::LIMIT;
use crate::table::cells;
use std::io::Read;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

/// Builds `panic_cell` with the profile `abort`, for this machine, whatever the tests themselves are built for.
fn build() -> PathBuf {
    // Cargo's own directory for what tests write lies in the target directory.
    let target = Path::new(env!("CARGO_TARGET_TMPDIR")).parent().unwrap();
    let built = Command::new(env!("CARGO"))
        .args(["build", "--quiet", "--offline", "--profile", "abort"])
        .args(["--package", "zeropool-tests", "--bin", "panic_cell"])
        .arg("--target-dir")
        .arg(target)
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        // Flags of sanitizers would need a standard library of their own.
        .env_remove("RUSTFLAGS")
        .env_remove("CARGO_ENCODED_RUSTFLAGS")
        .env_remove("CARGO_BUILD_TARGET")
        .status()
        .expect("cargo runs");
    assert!(built.success(), "panic_cell does not build");
    target.join("abort").join("panic_cell")
}

#[test]
fn a_program_whose_panics_abort_dies_of_each() {
    let program = build();
    let mut ran = 0;
    for cell in cells().filter(|cell| cell.fate.is_possible()) {
        let mut child = Command::new(&program)
            .arg(cell.to_string())
            .env("RUST_BACKTRACE", "0")
            .stderr(Stdio::piped())
            .spawn()
            .expect("panic_cell starts");
        let begun = Instant::now();
        let status = loop {
            if let Some(status) = child.try_wait().unwrap() {
                break status;
            }
            if begun.elapsed() > LIMIT {
                child.kill().unwrap();
                panic!("{cell} hangs");
            }
            thread::sleep(Duration::from_millis(1));
        };
        let mut said = String::new();
        child.stderr.unwrap().read_to_string(&mut said).unwrap();
        // Of the panic under test, or its rival, and of no assertion of ours.
        assert!(
            said.contains("panicked at") && said.contains("probe.rs"),
            "{cell}: {said}"
        );
        assert!(!status.success(), "{cell} survived");
        #[cfg(unix)]
        assert_eq!(
            std::os::unix::process::ExitStatusExt::signal(&status),
            Some(libc::SIGABRT),
            "{cell}: {status}"
        );
        ran += 1;
    }
    assert_eq!(ran, cells().filter(|cell| cell.fate.is_possible()).count());
}
