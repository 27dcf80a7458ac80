//! Options, exit codes, and where output goes.

use crate::support::{ABC, Tree, finish};
use std::fs::File;
use std::io::Read;
use std::process::{Command, Stdio};

#[test]
fn zero_workers_are_refused() {
    let run = Tree::new().digest(["--workers", "0"]);
    assert!(
        run.stderr
            .contains("'--workers <N>': at least 1 worker is needed"),
        "{}",
        run.stderr
    );
    assert_eq!((run.text(), run.code), ("", Some(2)));
}

#[test]
fn worker_counts_are_numbers() {
    let run = Tree::new().digest(["--workers", "many"]);
    assert!(
        run.stderr.contains("expected a number, 1 or more"),
        "{}",
        run.stderr
    );
    assert_eq!(run.code, Some(2));
}

#[test]
fn a_list_and_paths_exclude_each_other() {
    let run = Tree::new().digest(["--check", "list", "path"]);
    assert!(run.stderr.contains("cannot be used with"), "{}", run.stderr);
    assert_eq!(run.code, Some(2));
}

#[test]
fn the_summary_is_the_only_line_on_standard_error() {
    let tree = Tree::new();
    tree.file("file", "abc");
    let run = tree.digest(["--workers", "1"]);
    assert_eq!(run.text(), format!("{ABC}  ./file\n"));
    assert!(
        run.stderr.starts_with("digest: 1 file, 3 bytes in "),
        "{}",
        run.stderr
    );
    assert!(run.stderr.ends_with(" MB/s, 1 worker\n"), "{}", run.stderr);
    assert_eq!(run.stderr.lines().count(), 1);
}

#[test]
fn a_reader_who_leaves_ends_it_without_a_word() {
    let tree = Tree::new();
    for i in 0..2_000 {
        // Long names fill the pipe, so that something is left to write when the reader is gone.
        tree.file(format!("{i:0200}"), "");
    }
    let mut child = Command::new(env!("CARGO_BIN_EXE_digest"))
        .current_dir(tree.path())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut first = [0; 64];
    let mut stdout = child.stdout.take().unwrap();
    stdout.read_exact(&mut first).unwrap();
    drop(stdout);
    let run = finish(child, b"");
    assert_eq!((run.stderr.as_str(), run.code), ("", Some(141)));
}

#[test]
#[cfg(target_os = "linux")]
fn output_that_cannot_be_written_is_an_error() {
    let tree = Tree::new();
    tree.file("file", "abc");
    let full = File::options().write(true).open("/dev/full").unwrap();
    let child = Command::new(env!("CARGO_BIN_EXE_digest"))
        .current_dir(tree.path())
        .stdout(full)
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let run = finish(child, b"");
    assert_eq!(run.stderr, "digest: write error: No space left on device\n");
    assert_eq!(run.code, Some(1));
}
