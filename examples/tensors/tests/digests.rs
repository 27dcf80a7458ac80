//! The digests, against a sequential computation on the bytes that were written.

use crate::support::{Folder, Sample, serialize};
use safetensors::{Dtype, SafeTensors};
use twox_hash::XxHash3_64;

/// What a digest covers at a time.
const PART_LEN: usize = 256 << 10;

fn digest(bytes: &[u8]) -> u64 {
    let parts = bytes.chunks(PART_LEN).map(XxHash3_64::oneshot);
    XxHash3_64::oneshot(&parts.flat_map(u64::to_le_bytes).collect::<Vec<_>>())
}

/// The lines of `--digests`, in the order in which the crate has laid the tensors out.
fn expected_lines(file: &[u8]) -> Vec<String> {
    let (header_len, metadata) = SafeTensors::read_metadata(file).unwrap();
    let data = &file[8 + header_len..];
    let line = |name: &String| {
        let info = metadata.info(name).unwrap();
        let digest = digest(&data[info.data_offsets.0..info.data_offsets.1]);
        format!("{digest:016x}  {} {:?} {name}", info.dtype, info.shape)
    };
    // Those without bytes may begin at the same place; then their names decide.
    let mut names = metadata.offset_keys();
    names.sort_by_key(|name| {
        (
            metadata.info(name).map(|info| info.data_offsets),
            name.clone(),
        )
    });
    names.iter().map(line).collect()
}

fn samples() -> Vec<Sample> {
    vec![
        Sample::new("matrix", Dtype::F32, &[3, 5]),
        Sample::new("half", Dtype::BF16, &[7]),
        Sample::new("odd", Dtype::U8, &[1]),
        Sample::new("nibbles", Dtype::F4, &[2, 3]),
        Sample::new("wide", Dtype::F64, &[2, 2, 2]),
        Sample::new("flags", Dtype::BOOL, &[13]),
        Sample::new("scalar", Dtype::I64, &[]),
        Sample::new("one part", Dtype::U16, &[PART_LEN / 2]),
        Sample::new("one part and a bit", Dtype::I8, &[PART_LEN + 1]),
        Sample::new("several parts", Dtype::F16, &[1000, 1000]),
    ]
}

#[test]
fn every_tensor_is_digested_whatever_the_threads() {
    let folder = Folder::new();
    let file = serialize(&samples());
    folder.write("file", &file);
    let expected = expected_lines(&file);
    assert_eq!(expected.len(), samples().len());
    for threads in ["1", "2", "5"] {
        let run = folder.run(["--digests", "--runs", "2", "--threads", threads, "file"]);
        assert_eq!((run.stderr.as_str(), run.code), ("", Some(0)));
        let lines: Vec<_> = run.stdout.lines().collect();
        assert_eq!(lines[..expected.len()], expected);
        assert!(
            lines[expected.len()].starts_with("10 tensors, "),
            "{}",
            run.stdout
        );
    }
}

#[test]
fn empty_tensors_have_the_digest_of_nothing() {
    let folder = Folder::new();
    let file = serialize(&[
        Sample::new("none", Dtype::F32, &[0]),
        Sample::new("none of many", Dtype::F32, &[1024, 0, 3]),
    ]);
    folder.write("file", &file);
    let run = folder.run(["--digests", "--runs", "1", "file"]);
    assert_eq!(run.code, Some(0), "{}", run.stderr);
    let lines: Vec<_> = run.stdout.lines().collect();
    assert_eq!(lines[..2], expected_lines(&file));
    assert!(lines[0].starts_with(&format!("{:016x}  ", XxHash3_64::oneshot(b""))));
    assert!(lines[2].starts_with("2 tensors, 0 bytes, "), "{}", lines[2]);
    assert!(
        !run.stdout.contains("NaN") && !run.stdout.contains("inf"),
        "{}",
        run.stdout
    );
}

#[test]
fn one_changed_byte_changes_one_digest() {
    let folder = Folder::new();
    let mut file = serialize(&samples());
    folder.write("file", &file);
    let digests = || {
        let run = folder.run(["--digests", "--runs", "1", "file"]);
        let lines = run.stdout.lines().take(samples().len());
        lines.map(str::to_owned).collect::<Vec<_>>()
    };
    let before = digests();
    let last = file.len() - 1;
    file[last] ^= 1;
    folder.write("file", &file);
    let after = digests();
    let differ = before.iter().zip(&after).filter(|(a, b)| a != b);
    assert_eq!(differ.count(), 1);
}

#[test]
fn names_cannot_forge_lines() {
    let folder = Folder::new();
    folder.write(
        "file",
        serialize(&[Sample::new("a\nb\u{1b}", Dtype::U8, &[1])]),
    );
    let run = folder.run(["--digests", "--runs", "1", "file"]);
    let line = run.stdout.lines().next().unwrap();
    assert!(line.ends_with(r" U8 [1] a\nb\u{1b}"), "{line}");
}
