//! Options, the file that is made, and where output goes.

use crate::support::{Folder, finish, small_file};
use std::fs::{self, File};

#[test]
fn wrong_options_are_refused() {
    let folder = Folder::new();
    for args in [
        &["--threads", "0"][..],
        &["--threads", "many"],
        &["--runs", "0"],
        &["--size", "-1"],
        &["--size", "1", "file"],
        &["one", "two"],
    ] {
        let run = folder.run(args);
        assert_eq!((run.stdout.as_str(), run.code), ("", Some(2)), "{args:?}");
        assert!(run.stderr.starts_with("error: "), "{}", run.stderr);
    }
    assert!(folder.names().is_empty());
}

#[test]
fn every_way_is_in_the_table() {
    let folder = Folder::new();
    folder.write("file", small_file());
    let run = folder.run(["--runs", "3", "--threads", "2", "file"]);
    assert_eq!((run.stderr.as_str(), run.code), ("", Some(0)));
    let lines: Vec<_> = run.stdout.lines().collect();
    assert!(lines[0].starts_with("1 tensor, 24 bytes, digest of all "));
    assert_eq!(lines[1], "median of 3 runs, file in the page cache");
    let ways = [
        "pooled buffers of 256 KiB, 2 threads ",
        "pooled buffers, all kept to the end, 2 threads ",
        "std::fs::read, digested by 1 thread ",
        "std::fs::read, digested by 2 threads ",
        "a fresh vector for each tensor, 2 threads ",
    ];
    assert_eq!(lines.len(), 2 + ways.len());
    for (line, way) in lines[2..].iter().zip(ways) {
        assert!(line.starts_with(way), "{line}");
        assert!(line.contains(" s ") && line.contains(" GB/s"), "{line}");
    }
    assert_eq!(folder.names(), ["file"]);
}

#[test]
fn a_file_is_made_once_and_kept() {
    let folder = Folder::new();
    let name = "zeropool-tensors-3000001.safetensors";
    let args = ["--size", "3000001", "--runs", "1"];
    let first = folder.run(args);
    assert_eq!(first.code, Some(0), "{}", first.stderr);
    let made = format!("{name} was made, and is kept for the next run\n");
    assert!(first.stderr.ends_with(&made), "{}", first.stderr);
    assert!(
        first.stdout.contains(" tensors, 3000001 bytes, "),
        "{}",
        first.stdout
    );
    assert_eq!(folder.names(), [name]);
    let bytes = fs::read(folder.path(name)).unwrap();

    let second = folder.run(args);
    assert_eq!((second.stderr.as_str(), second.code), ("", Some(0)));
    assert_eq!(second.stdout.lines().next(), first.stdout.lines().next());

    folder.write(name, &bytes[..1000]);
    let third = folder.run(args);
    assert!(third.stderr.ends_with(&made), "{}", third.stderr);
    assert_eq!(fs::read(folder.path(name)).unwrap(), bytes);
}

#[test]
fn a_file_that_cannot_be_made_is_an_error() {
    let folder = Folder::new();
    let missing = folder.path("missing");
    let child = folder
        .command()
        .env("TMPDIR", &missing)
        .args(["--size", "10"])
        .spawn()
        .unwrap();
    let run = finish(child);
    assert_eq!((run.stdout.as_str(), run.code), ("", Some(1)));
    assert!(
        run.stderr
            .contains("missing/zeropool-tensors-10.safetensors: "),
        "{}",
        run.stderr
    );
    assert!(
        run.stderr.contains("No such file or directory"),
        "{}",
        run.stderr
    );
    assert_eq!(run.stderr.lines().count(), 1);
}

#[test]
fn a_reader_who_leaves_ends_it_without_a_word() {
    let folder = Folder::new();
    folder.write("file", small_file());
    let (reader, writer) = std::io::pipe().unwrap();
    drop(reader);
    let child = folder.command().arg("file").stdout(writer).spawn().unwrap();
    let run = finish(child);
    assert_eq!((run.stderr.as_str(), run.code), ("", Some(141)));
}

#[test]
#[cfg(target_os = "linux")]
fn output_that_cannot_be_written_is_an_error() {
    let folder = Folder::new();
    folder.write("file", small_file());
    let full = File::options().write(true).open("/dev/full").unwrap();
    let child = folder.command().arg("file").stdout(full).spawn().unwrap();
    let run = finish(child);
    assert_eq!(
        run.stderr,
        "tensors: write error: No space left on device\n"
    );
    assert_eq!(run.code, Some(1));
}
