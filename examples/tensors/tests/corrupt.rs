//! Files that cannot be loaded: one line that names file and reason, exit code 1, nothing on standard output.

use crate::support::{Folder, is_root, small_file};
use std::fs;
use std::os::unix::fs::PermissionsExt;

fn with_header(header: &str) -> Vec<u8> {
    let mut bytes = (header.len() as u64).to_le_bytes().to_vec();
    bytes.extend(header.as_bytes());
    bytes
}

#[test]
fn what_is_no_readable_file_is_an_error() {
    let folder = Folder::new();
    fs::create_dir(folder.path("folder")).unwrap();
    assert_eq!(folder.complaint("missing"), "No such file or directory");
    assert_eq!(folder.complaint("folder"), "Is a directory");
    assert_eq!(folder.complaint("/dev/null"), "Not a regular file");
    folder.write("secret", small_file());
    fs::set_permissions(folder.path("secret"), fs::Permissions::from_mode(0o000)).unwrap();
    if !is_root(&folder.path("")) {
        assert_eq!(folder.complaint("secret"), "Permission denied");
    }
}

#[test]
fn a_pipe_is_not_waited_for() {
    use rustix::fs::{CWD, FileType, Mode, mknodat};
    let folder = Folder::new();
    let mode = Mode::RUSR | Mode::WUSR;
    mknodat(CWD, folder.path("pipe"), FileType::Fifo, mode, 0).unwrap();
    assert_eq!(folder.complaint("pipe"), "Not a regular file");
}

#[test]
fn truncated_files_are_refused_wherever_they_end() {
    let folder = Folder::new();
    let file = small_file();
    assert_eq!(
        folder.write("file", "").complaint("file"),
        "the file is empty"
    );
    for len in [1, 7, 8, 9, file.len() / 2, file.len() - 24, file.len() - 1] {
        let reason = folder.write("file", &file[..len]).complaint("file");
        let expected = if len < 8 { "too short" } else { "truncated: " };
        assert!(reason.starts_with(expected), "{len}: {reason}");
    }
}

#[test]
fn corrupt_headers_are_refused_with_a_reason() {
    let folder = Folder::new();
    let cases = [
        ("{}", "no tensors in it"),
        ("{\"t\":", "corrupt header: EOF while parsing a value"),
        (
            r#"{"t":{"dtype":"F128","shape":[],"data_offsets":[0,16]}}"#,
            "corrupt header: tensor \"t\": unknown variant `F128`",
        ),
        (
            r#"{"t":{"dtype":"U8","shape":[9],"data_offsets":[0,9]}}"#,
            "truncated: 9 bytes of 70 are missing",
        ),
        (
            r#"{"a":{"dtype":"U8","shape":[2],"data_offsets":[0,2]},"b":{"dtype":"U8","shape":[2],"data_offsets":[1,3]}}"#,
            "corrupt header: tensors \"a\" and \"b\" overlap",
        ),
    ];
    for (header, expected) in cases {
        let reason = folder.write("file", with_header(header)).complaint("file");
        assert!(reason.starts_with(expected), "{header}: {reason}");
    }
    let mut longer = small_file();
    longer.push(0);
    let reason = folder.write("file", longer).complaint("file");
    assert_eq!(reason, "corrupt: 1 byte too many at its end");
    let reason = folder.write("file", [0xff; 100]).complaint("file");
    assert!(reason.starts_with("not a file of tensors: "), "{reason}");
}

#[test]
fn names_are_quoted_where_they_need_it() {
    let folder = Folder::new();
    let run = folder.write("a\nb", "").run(["a\nb"]);
    assert_eq!(run.stderr, "tensors: 'a'$'\\n''b': the file is empty\n");
}
