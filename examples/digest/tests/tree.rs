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
fn folders_are_sorted_by_what_is_in_them() {
    let tree = Tree::new();
    let mut names = vec![
        "x/1", "x/z/2", "x/z-2", "x/z.2/3", "x/z0", "x-y", "x.d/1", "x0", "X/1", "xx/1", "y",
    ];
    for name in &names {
        tree.file(name, "abc");
    }
    let lines_of = |mut names: Vec<&str>| {
        names.sort_unstable();
        let lines = names.iter().map(|name| format!("{ABC}  {name}\n"));
        lines.collect::<String>()
    };
    let below_x = ["x/1", "x/z/2", "x/z-2", "x/z.2/3", "x/z0"];
    assert_eq!(tree.digest(["x"]).text(), lines_of(below_x.to_vec()));

    let dotted: Vec<_> = names.iter().map(|name| format!("./{name}")).collect();
    let dotted = dotted.iter().map(String::as_str).collect();
    assert_eq!(tree.digest(["."]).text(), lines_of(dotted));

    let roots = ["y", "x", "xx", "X", "x0", "x.d", "x-y", "x/z"];
    names.extend(["x/z/2"]);
    assert_eq!(tree.digest(roots).text(), lines_of(names));
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
fn the_same_path_twice_is_listed_twice() {
    let tree = Tree::new();
    tree.file("a/b", "abc").file("a/c/d", "");
    for workers in ["1", "2"] {
        let run = tree.digest(["--workers", workers, "a", "a"]);
        assert_eq!(
            run.text(),
            format!("{ABC}  a/b\n{ABC}  a/b\n{EMPTY}  a/c/d\n{EMPTY}  a/c/d\n")
        );
        assert!(
            run.stderr.starts_with("digest: 4 files, 6 bytes in "),
            "{}",
            run.stderr
        );
    }
}

#[test]
fn more_files_than_may_wait_are_hashed_all_the_same() {
    let tree = Tree::new();
    tree.file("f", "abc");
    for workers in ["1", "2"] {
        let args = ["--workers", workers].into_iter();
        let run = tree.digest(args.chain([&"f"; 20_000].into_iter().copied()));
        assert_eq!(run.text(), format!("{ABC}  f\n").repeat(20_000));
        assert_eq!((run.complaints(), run.code), (vec![], Some(0)));
    }
}

#[test]
fn folders_may_be_deep() {
    let tree = Tree::new();
    let name = format!("{}file", "d/".repeat(1_000));
    tree.file(&name, "abc");
    for workers in ["1", "2"] {
        let run = tree.digest(["--workers", workers, "d"]);
        assert_eq!(run.text(), format!("{ABC}  {name}\n"));
        assert_eq!(run.code, Some(0), "{}", run.stderr);
    }
}

#[test]
fn an_empty_folder_prints_nothing() {
    let tree = Tree::new();
    assert_eq!(tree.digest([] as [&str; 0]).text(), "");
    std::fs::create_dir_all(tree.path().join("a/b/c")).unwrap();
    let run = tree.digest([".", "a"]);
    assert_eq!((run.text(), run.code), ("", Some(0)));
    assert!(
        run.stderr.starts_with("digest: 0 files, 0 bytes in "),
        "{}",
        run.stderr
    );
}

#[test]
fn a_dash_is_standard_input() {
    let run = Tree::new().digest_with(["-"], b"abc");
    assert_eq!(run.text(), format!("{ABC}  -\n"));
}

#[test]
fn standard_input_is_read_once() {
    let tree = Tree::new();
    tree.file("a/b", "");
    let input = "a".repeat(1_000_000);
    for workers in ["1", "2"] {
        let args = ["--workers", workers, "-", "a", "-"];
        let run = tree.digest_with(args, input.as_bytes());
        assert_eq!(
            run.text(),
            format!("{MILLION}  -\n{EMPTY}  -\n{EMPTY}  a/b\n")
        );
    }
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
