//! What is no readable regular file: one line each, and the others are unaffected.

use crate::support::{ABC, EMPTY, Tree};
use std::fs::{self, File, Permissions};
use std::os::unix::fs::PermissionsExt;

#[test]
fn links_below_a_path_are_passed_over() {
    let tree = Tree::new();
    tree.file("a/file", "abc")
        .link("a/to-file", "file")
        .link("a/to-folder", ".")
        .link("a/dangling", "gone");
    let run = tree.digest(["a"]);
    assert_eq!(run.text(), format!("{ABC}  a/file\n"));
    assert_eq!((run.complaints(), run.code), (vec![], Some(0)));
}

#[test]
fn links_on_the_command_line_are_followed() {
    let tree = Tree::new();
    tree.file("a/file", "abc")
        .link("file-link", "a/file")
        .link("folder-link", "a");
    let run = tree.digest(["file-link", "folder-link"]);
    assert_eq!(
        run.text(),
        format!("{ABC}  file-link\n{ABC}  folder-link/file\n")
    );
    assert_eq!((run.complaints(), run.code), (vec![], Some(0)));
}

#[test]
fn a_link_to_itself_is_reported_wherever_it_is() {
    let tree = Tree::new();
    tree.file("a/file", "abc")
        .link("a/left", "right")
        .link("a/right", "left");
    let below = tree.digest(["a"]);
    assert_eq!(below.text(), format!("{ABC}  a/file\n"));
    let mut complaints = below.complaints();
    complaints.sort_unstable();
    let reason = "Too many levels of symbolic links";
    assert_eq!(
        complaints,
        [
            format!("digest: a/left: {reason}"),
            format!("digest: a/right: {reason}")
        ]
    );
    assert_eq!(below.code, Some(1));

    let named = tree.digest(["a/left", "a/file"]);
    assert_eq!(named.text(), format!("{ABC}  a/file\n"));
    assert_eq!(named.complaints(), [format!("digest: a/left: {reason}")]);
    assert_eq!(named.code, Some(1));
}

#[test]
fn missing_paths_are_reported() {
    let tree = Tree::new();
    tree.file("here", "").link("dangling", "gone");
    let run = tree.digest(["gone", "here", "dangling", "here/below", "two\nlines"]);
    assert_eq!(run.text(), format!("{EMPTY}  here\n"));
    assert_eq!(
        run.complaints(),
        [
            "digest: gone: No such file or directory",
            "digest: dangling: No such file or directory",
            "digest: here/below: Not a directory",
            r"digest: 'two'$'\n''lines': No such file or directory",
        ]
    );
    assert_eq!(run.code, Some(1));
}

#[test]
fn pipes_and_devices_are_never_opened() {
    let tree = Tree::new();
    tree.file("a/file", "abc").pipe("a/pipe");
    let below = tree.digest(["a"]);
    assert_eq!(below.text(), format!("{ABC}  a/file\n"));
    assert_eq!((below.complaints(), below.code), (vec![], Some(0)));

    let named = tree.digest(["a/file", "a/pipe", "/dev/zero"]);
    assert_eq!(named.text(), format!("{ABC}  a/file\n"));
    assert_eq!(
        named.complaints(),
        [
            "digest: a/pipe: Not a regular file",
            "digest: /dev/zero: Not a regular file"
        ]
    );
    assert_eq!(named.code, Some(1));
}

#[test]
fn files_and_folders_without_permission_are_reported() {
    let tree = Tree::new();
    tree.file("locked", "abc")
        .file("folder/inside", "abc")
        .file("open", "");
    let lock = |name: &str, mode| {
        fs::set_permissions(tree.path().join(name), Permissions::from_mode(mode)).unwrap();
    };
    lock("locked", 0o000);
    lock("folder", 0o000);
    let permitted = File::open(tree.path().join("locked")).is_ok();
    let run = tree.digest([] as [&str; 0]);
    lock("folder", 0o700);
    if permitted {
        eprintln!("not tested: this user may read everything");
        return;
    }
    assert_eq!(run.text(), format!("{EMPTY}  ./open\n"));
    let mut complaints = run.complaints();
    complaints.sort_unstable();
    assert_eq!(
        complaints,
        [
            "digest: ./folder: Permission denied",
            "digest: ./locked: Permission denied"
        ]
    );
    assert_eq!(run.code, Some(1));
}

#[test]
#[cfg(target_os = "linux")]
fn an_error_in_the_middle_of_reading_is_reported() {
    let tree = Tree::new();
    tree.file("file", "abc");
    // A regular file by its looks; nothing is mapped at address 0, where reading begins.
    let run = tree.digest(["/proc/self/mem", "file"]);
    assert_eq!(run.text(), format!("{ABC}  file\n"));
    assert_eq!(
        run.complaints(),
        ["digest: /proc/self/mem: Input/output error"]
    );
    assert_eq!(run.code, Some(1));
}
