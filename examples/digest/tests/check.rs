//! `--check`: the verdicts, warnings and exit codes of `sha256sum --check`.

use crate::support::{ABC, EMPTY, Run, Tree};

/// Checks `list` from a file and from standard input, with `digest` and, where there is one, with `sha256sum`.
/// All must agree, but for the name at the start of each complaint.
fn check(tree: &Tree, list: &str) -> Run {
    tree.file("list", list);
    let mut from_file = tree.digest(["--check", "list"]);
    let from_stdin = tree.digest_with(["--check", "-"], list.as_bytes());
    assert_eq!(from_file.stdout, from_stdin.stdout);
    assert_eq!(from_file.code, from_stdin.code);
    if let Some(expected) = tree.sha256sum(["--check", "list"], b"") {
        assert_eq!(from_file.text(), expected.text(), "{list}");
        assert_eq!(from_file.code, expected.code, "{list}");
        let complaints: Vec<_> = expected
            .complaints()
            .iter()
            .map(|line| line.replace("sha256sum: ", "digest: "))
            .collect();
        assert_eq!(from_file.complaints(), complaints, "{list}");
    }
    from_file.stderr = from_file.complaints().join("\n");
    from_file
}

#[test]
fn its_own_output_is_fine() {
    let tree = Tree::new();
    for name in [
        "a/plain",
        "a/new\nline",
        "a/back\\slash",
        "a/carriage\rreturn",
        "a/ lead",
        "a/*star",
    ] {
        tree.file(name, name.repeat(1000));
    }
    tree.file(b"a/not\xffutf8", "abc");
    let list = tree.digest(["a"]).stdout;
    tree.file("list", &list);
    let run = tree.digest(["--check", "list"]);
    let verdicts = run.stdout.split(|byte| *byte == b'\n');
    assert_eq!(
        verdicts.filter(|line| line.ends_with(b": OK")).count(),
        7,
        "{run:?}"
    );
    assert!(
        run.stdout
            .windows(19)
            .any(|line| line == b"\\a/new\\nline: OK\na/"),
        "{run:?}"
    );
    assert_eq!((run.complaints(), run.code), (vec![], Some(0)));
    if let Some(expected) = tree.sha256sum(["--check", "list"], b"") {
        assert_eq!(run.stdout, expected.stdout);
        assert_eq!(expected.code, Some(0));
    }
}

#[test]
fn verdicts_come_in_the_order_of_the_list() {
    let tree = Tree::new();
    tree.file("abc", "abc").file("empty", "");
    let run = check(&tree, &format!("{EMPTY}  empty\n{ABC} *abc\n{ABC}  abc\n"));
    assert_eq!(run.text(), "empty: OK\nabc: OK\nabc: OK\n");
    assert_eq!((run.stderr.as_str(), run.code), ("", Some(0)));
}

#[test]
fn wrong_digests_fail() {
    let tree = Tree::new();
    tree.file("abc", "abc").file("empty", "");
    let run = check(&tree, &format!("{ABC}  empty\n{ABC}  abc\n"));
    assert_eq!(run.text(), "empty: FAILED\nabc: OK\n");
    assert_eq!(
        run.stderr,
        "digest: WARNING: 1 computed checksum did NOT match"
    );
    assert_eq!(run.code, Some(1));

    let run = check(&tree, &format!("{ABC}  empty\n{EMPTY}  abc\n"));
    assert_eq!(
        run.stderr,
        "digest: WARNING: 2 computed checksums did NOT match"
    );
}

#[test]
fn missing_files_fail() {
    let tree = Tree::new();
    tree.file("abc", "abc").file("folder/inside", "");
    let run = check(&tree, &format!("{ABC}  gone\n{ABC}  abc\n"));
    assert_eq!(run.text(), "gone: FAILED open or read\nabc: OK\n");
    assert_eq!(
        run.stderr,
        "digest: gone: No such file or directory\ndigest: WARNING: 1 listed file could not be read"
    );
    assert_eq!(run.code, Some(1));

    let run = check(&tree, &format!("{ABC}  gone\n{ABC}  folder\n"));
    assert_eq!(
        run.text(),
        "gone: FAILED open or read\nfolder: FAILED open or read\n"
    );
    assert!(
        run.stderr
            .ends_with("digest: WARNING: 2 listed files could not be read"),
        "{}",
        run.stderr
    );
}

#[test]
fn listed_pipes_are_not_opened() {
    let tree = Tree::new();
    tree.pipe("pipe").file("list", format!("{ABC}  pipe\n"));
    let run = tree.digest(["--check", "list"]);
    assert_eq!(run.text(), "pipe: FAILED open or read\n");
    assert_eq!(run.code, Some(1));
}

#[test]
fn malformed_lines_are_counted_and_do_not_fail() {
    let tree = Tree::new();
    tree.file("abc", "abc");
    let run = check(&tree, &format!("what?\n{ABC}  abc\n"));
    assert_eq!(
        run.stderr,
        "digest: WARNING: 1 line is improperly formatted"
    );
    assert_eq!((run.text(), run.code), ("abc: OK\n", Some(0)));

    let run = check(
        &tree,
        &format!("# a comment\n\n \n{ABC}  abc\n{ABC} abc\n\\{ABC}  a\\bc\n{ABC}"),
    );
    assert_eq!(
        run.stderr,
        "digest: WARNING: 4 lines are improperly formatted"
    );
    assert_eq!((run.text(), run.code), ("abc: OK\n", Some(0)));
}

#[test]
fn every_warning_at_once() {
    let tree = Tree::new();
    tree.file("abc", "abc");
    let run = check(
        &tree,
        &format!("what?\n{ABC}  gone\n{EMPTY}  abc\r\nSHA256 (abc) = {ABC}\n"),
    );
    assert_eq!(
        run.text(),
        "gone: FAILED open or read\nabc: FAILED\nabc: OK\n"
    );
    assert_eq!(run.code, Some(1));
}

#[test]
fn a_list_without_entries_fails() {
    let tree = Tree::new();
    for list in ["", "# nothing\n", "what?\n"] {
        let run = check(&tree, list);
        assert_eq!(
            run.stderr,
            "digest: list: no properly formatted checksum lines found"
        );
        assert_eq!((run.text(), run.code), ("", Some(1)));
    }
    let run = tree.digest_with(["--check", "-"], b"what?\n");
    assert_eq!(
        run.complaints(),
        ["digest: 'standard input': no properly formatted checksum lines found"]
    );
}

#[test]
fn a_list_that_cannot_be_read_fails() {
    let tree = Tree::new();
    let run = tree.digest(["--check", "gone"]);
    assert_eq!(
        run.complaints(),
        ["digest: gone: No such file or directory"]
    );
    assert_eq!((run.text(), run.code), ("", Some(1)));
}

#[test]
fn standard_input_is_the_list_or_a_listed_file_but_not_both() {
    let tree = Tree::new();
    let line = format!("{ABC}  -\n");
    tree.file("list", &line);
    let file = tree.digest_with(["--check", "list"], b"abc");
    assert_eq!((file.text(), file.code), ("-: OK\n", Some(0)));
    let list = tree.digest_with(["--check", "-"], line.as_bytes());
    assert_eq!((list.text(), list.code), ("", Some(1)));
}
