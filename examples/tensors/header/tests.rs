//! Headers, whole and corrupt.

use super::*;

/// The bytes of a file with this header and `data_len` bytes of tensors.
fn file(header: &str, data_len: usize) -> Vec<u8> {
    let mut bytes = (header.len() as u64).to_le_bytes().to_vec();
    bytes.extend(header.as_bytes());
    bytes.resize(bytes.len() + data_len, 0);
    bytes
}

fn parse(bytes: &[u8]) -> io::Result<Header> {
    read(bytes, bytes.len() as u64)
}

fn reason(bytes: &[u8]) -> String {
    parse(bytes).unwrap_err().to_string()
}

fn entry(name: &str, dtype: &str, shape: &str, from: u64, to: u64) -> String {
    format!(r#""{name}":{{"dtype":"{dtype}","shape":{shape},"data_offsets":[{from},{to}]}}"#)
}

#[test]
fn tensors_come_in_the_order_of_their_bytes() {
    let entries = [
        entry("a", "F32", "[2,3]", 10, 34),
        entry("b", "BF16", "[1]", 8, 10),
        entry("scalar", "I64", "[]", 0, 8),
        entry("none", "F64", "[3,0]", 8, 8),
        entry("wide", "F16", "[9223372036854775807,1,0]", 8, 8),
        entry("bits", "F4", "[2]", 34, 35),
    ]
    .join(",");
    let header = format!(r#"{{"__metadata__":{{"generator":"me"}},{entries}}}   "#);
    let parsed = parse(&file(&header, 35)).unwrap();
    let start = 8 + header.len() as u64;
    let places: Vec<_> = parsed
        .tensors
        .iter()
        .map(|tensor| {
            let place = (tensor.bytes.start - start, tensor.len());
            (tensor.name.as_str(), place)
        })
        .collect();
    let expected = [
        ("scalar", (0, 8)),
        ("none", (8, 0)),
        ("wide", (8, 0)),
        ("b", (8, 2)),
        ("a", (10, 24)),
        ("bits", (34, 1)),
    ];
    assert_eq!(places, expected);
    assert_eq!(parsed.tensors[4].shape, [2, 3]);
    assert_eq!(parsed.generator.as_deref(), Some("me"));
}

#[test]
fn what_the_safetensors_crate_writes_is_read() {
    let data = [7; 24];
    let view = |dtype, shape| safetensors::tensor::TensorView::new(dtype, shape, &data).unwrap();
    let views = [
        ("x", view(Dtype::F32, vec![2, 3])),
        ("y", view(Dtype::U8, vec![24])),
    ];
    let bytes = safetensors::serialize(views, None).unwrap();
    let tensors = parse(&bytes).unwrap().tensors;
    assert_eq!(tensors.iter().map(Tensor::len).sum::<u64>(), 48);
    assert!(safetensors::SafeTensors::deserialize(&bytes).is_ok());
}

#[test]
fn short_files_say_what_is_there() {
    assert_eq!(reason(b""), "the file is empty");
    assert!(reason(b"1234567").starts_with("too short for a file of tensors: 7 of the 8 bytes"));
    let whole = file(&format!("{{{}}}", entry("a", "U8", "[4]", 0, 4)), 4);
    let cut = |by: usize| reason(&whole[..whole.len() - by]);
    assert_eq!(
        cut(1),
        format!("truncated: 1 byte of {} is missing", whole.len())
    );
    assert_eq!(
        cut(5),
        format!(
            "truncated: a header of {0} bytes, of which {1} are there",
            whole.len() - 12,
            whole.len() - 13
        )
    );
}

#[test]
fn lengths_of_headers_are_checked_before_they_are_believed() {
    for len in [HEADER_LEN_MAX + 1, u64::MAX] {
        let mut bytes = len.to_le_bytes().to_vec();
        bytes.push(b'{');
        let text = reason(&bytes);
        assert!(text.starts_with("not a file of tensors: "), "{text}");
    }
}

#[test]
fn corrupt_headers_are_refused_with_a_reason() {
    let one = |dtype, shape, from, to| format!("{{{}}}", entry("t", dtype, shape, from, to));
    let two = |a, b| format!("{{{a},{b}}}");
    let cases = [
        (String::new(), "corrupt header: EOF"),
        ("{".into(), "corrupt header: EOF"),
        ("[]".into(), "corrupt header: invalid type"),
        ("{}".into(), "no tensors in it"),
        (r#"{"__metadata__":{}}"#.into(), "no tensors in it"),
        (
            r#"{"t":1}"#.into(),
            "corrupt header: tensor \"t\": invalid type",
        ),
        (
            r#"{"t":{"dtype":"U8"}}"#.into(),
            "corrupt header: tensor \"t\": missing field `shape`",
        ),
        (
            one("F128", "[1]", 0, 8),
            "corrupt header: tensor \"t\": unknown variant `F128`",
        ),
        (
            one("U8", "[-8]", 0, 8),
            "corrupt header: tensor \"t\": invalid value: integer `-8`",
        ),
        (
            one("U8", "[8]", 8, 0),
            "corrupt header: tensor \"t\": begins at byte 8 and ends at 0",
        ),
        (
            one("F32", "[3]", 0, 8),
            "corrupt header: tensor \"t\": F32 of shape [3] takes 12 bytes, and has 8",
        ),
        (
            one("F4", "[3]", 0, 1),
            "corrupt header: tensor \"t\": F4 of shape [3] takes 1.5 bytes, and has 1",
        ),
        (
            one("U8", "[4294967296,4294967296]", 0, 8),
            "corrupt header: tensor \"t\": U8 of shape",
        ),
        (
            one("U8", "[8]", 1, 9),
            "corrupt header: before tensor \"t\", 1 byte belongs to none",
        ),
        (one("U8", "[9]", 0, 9), "truncated: 1 byte of "),
        (
            one("U8", "[7]", 0, 7),
            "corrupt: 1 byte too many at its end",
        ),
        (
            two(entry("a", "U8", "[5]", 0, 5), entry("b", "U8", "[4]", 4, 8)),
            "corrupt header: tensors \"a\" and \"b\" overlap",
        ),
        (
            two(entry("a", "U8", "[3]", 0, 3), entry("b", "U8", "[4]", 4, 8)),
            "corrupt header: before tensor \"b\", 1 byte belongs to none",
        ),
        (
            two(entry("a", "U8", "[8]", 0, 8), entry("a", "U8", "[4]", 4, 8)),
            "corrupt header: before tensor \"a\", 4 bytes belong to none",
        ),
    ];
    for (header, expected) in cases {
        let text = reason(&file(&header, 8));
        assert!(text.starts_with(expected), "{header}: {text}");
        assert!(!text.contains('\n'), "{text}");
    }
    let mut not_text = file("{\"\"}", 8);
    not_text[10] = 0xff;
    assert!(reason(&not_text).starts_with("corrupt header: "));
}
