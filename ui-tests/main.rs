//! What must not compile, with the exact message, and odd things that must; see README.md.
//!
//! The messages are those of the toolchain in `rust-toolchain.toml`; with any other they differ in wording, so there
//! only the accepted programs are compiled.

use std::env;

/// The toolchain whose messages are recorded.
const RECORDED: &str = "1.95";

#[test]
#[cfg_attr(miri, ignore = "starts the compiler")]
fn ui() {
    let cases = trybuild::TestCases::new();
    cases.pass("pass/*.rs");
    if is_recorded_toolchain() {
        cases.compile_fail("fail/*/*.rs");
    } else {
        println!("not rust {RECORDED}: compile-fail cases left out");
    }
}

fn is_recorded_toolchain() -> bool {
    let rustc = env::var_os("RUSTC").unwrap_or_else(|| "rustc".into());
    let output = std::process::Command::new(rustc).arg("--version").output();
    output.is_ok_and(|output| {
        let version = String::from_utf8_lossy(&output.stdout).into_owned();
        version.starts_with(&format!("rustc {RECORDED}."))
    })
}
