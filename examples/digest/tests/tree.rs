//! Ordinary trees: which files are listed, in which order, with which digests.

use crate::support::{ABC, EMPTY, MILLION, Tree};
use std::ffi::{OsStr, OsString};
use std::os::unix::ffi::OsStrExt;

#[test]
fn files_are_listed_by_the_bytes_of_their_paths() {
    let tree = Tree::new();
    // '-' sorts before '/', which component-wise order would not see.
    tree.file("a/z", "abc")
        .file("a-b", "")
        .file("a/b/c", "a".repeat(1_000_000))
        .file("B", "abc");
    let run = tree.digest([] as [&str; 0]);
    assert_eq!(
        run.text(),
        format!("{ABC}  ./B\n{EMPTY}  ./a-b\n{MILLION}  ./a/b/c\n{ABC}  ./a/z\n")
    );
    assert_eq!(run.code, Some(0));
    assert!(
        run.stderr.starts_with("digest: 4 files, 1000006 bytes in "),
        "{}",
        run.stderr
    );
}

#[test]
fn paths_are_printed_as_given() {
    let tree = Tree::new();
    tree.file("a/b", "abc");
    let absolute = tree.path().join("a");
    for (root, name) in [
        ("a", "a/b"),
        ("a/", "a/b"),
        ("./a", "./a/b"),
        ("a/b", "a/b"),
        ("a/../a", "a/../a/b"),
    ] {
        assert_eq!(tree.digest([root]).text(), format!("{ABC}  {name}\n"));
    }
    assert_eq!(
        tree.digest([&absolute]).text(),
        format!("{ABC}  {}/b\n", absolute.display())
    );
}

#[test]
fn what_overlapping_paths_share_is_listed_for_each() {
    let tree = Tree::new();
    tree.file("a/b", "abc").file("a/c", "");
    let run = tree.digest(["a/b", "a"]);
    assert_eq!(
        run.text(),
        format!("{ABC}  a/b\n{ABC}  a/b\n{EMPTY}  a/c\n")
    );
}

#[test]
fn an_empty_folder_prints_nothing() {
    let run = Tree::new().digest([] as [&str; 0]);
    assert_eq!((run.text(), run.code), ("", Some(0)));
}

#[test]
fn a_dash_is_standard_input() {
    let run = Tree::new().digest_with(["-"], b"abc");
    assert_eq!(run.text(), format!("{ABC}  -\n"));
}

#[test]
fn any_number_of_workers_prints_the_same() {
    let tree = Tree::new();
    for i in 0..500_usize {
        tree.file(format!("{:02}/{i}", i % 7), "x".repeat(i * 37));
    }
    tree.file("03/large", "y".repeat(3_000_000));
    let one = tree.digest(["--workers", "1"]);
    assert_eq!(one.text().lines().count(), 501);
    for workers in ["2", "3", "16"] {
        let run = tree.digest(["--workers", workers]);
        assert_eq!(run.stdout, one.stdout, "{workers} workers");
        assert_eq!(run.code, Some(0));
    }
    let names = one
        .text()
        .lines()
        .map(|line| line.split_once("  ").unwrap().1);
    if let Some(expected) = tree.sha256sum(names, b"") {
        assert_eq!(one.stdout, expected.stdout);
    }
}

#[test]
fn odd_names_are_written_as_sha256sum_writes_them() {
    let tree = Tree::new();
    let mut names: Vec<&[u8]> = vec![
        b"./new\nline",
        b"./back\\slash",
        b"./carriage\rreturn",
        b"./all\\three\r\n",
        b"./not\xffutf8",
        b"./ lead",
        b"./trail ",
        b"./*star",
        b"./-dash",
        b"./tab\t",
        "./größe".as_bytes(),
    ];
    for name in &names {
        tree.file(name, "abc");
    }
    names.sort();
    let run = tree.digest([] as [&str; 0]);
    assert_eq!(run.code, Some(0), "{}", run.stderr);
    let line = |name: &str| format!("{ABC}  ./{name}\n").into_bytes();
    let contains = |line: &[u8]| run.stdout.windows(line.len()).any(|window| window == line);
    assert!(contains(&[b"\\".as_slice(), &line("new\\nline")].concat()));
    assert!(contains(
        &[b"\n\\".as_slice(), &line("back\\\\slash")].concat()
    ));
    assert!(contains(
        &[b"\n\\".as_slice(), &line("all\\\\three\\r\\n")].concat()
    ));
    assert!(contains(&line("tab\t")));
    if let Some(expected) = tree.sha256sum(names.iter().map(|name| OsStr::from_bytes(name)), b"") {
        assert_eq!(run.stdout, expected.stdout);
    }
}

#[test]
fn a_path_may_be_given_in_any_bytes() {
    let tree = Tree::new();
    tree.file(b"\xfe/\xff", "abc");
    let run = tree.digest([OsString::from(OsStr::from_bytes(b"\xfe"))]);
    assert_eq!(run.stdout, [ABC.as_bytes(), b"  \xfe/\xff\n"].concat());
}
