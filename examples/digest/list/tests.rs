use super::*;

/// The digest of nothing.
const EMPTY: &str = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";

fn empty() -> Digest {
    parse_hex(EMPTY.as_bytes()).unwrap()
}

fn line_of(name: &str) -> String {
    let mut out = Vec::new();
    write_line(&mut out, &empty(), Path::new(name)).unwrap();
    String::from_utf8(out).unwrap()
}

fn verdict_on(name: &str) -> String {
    let mut out = Vec::new();
    write_verdict(&mut out, Path::new(name), "OK").unwrap();
    String::from_utf8(out).unwrap()
}

/// What a fresh parser reads in `line`, `@` standing for a digest: the name, or nothing if malformed.
fn name_in(line: &str) -> Option<String> {
    name_next(&mut Parser::default(), line)
}

fn name_next(parser: &mut Parser, line: &str) -> Option<String> {
    match parser.line(line.replace('@', EMPTY).as_bytes()) {
        Line::Entry(entry) => {
            assert_eq!(entry.digest, empty());
            Some(entry.path.to_str().unwrap().to_owned())
        }
        Line::Malformed => None,
        Line::Blank => panic!("{line:?} is not blank"),
    }
}

#[test]
fn plain_names_are_written_as_they_are() {
    assert_eq!(line_of("./a b"), format!("{EMPTY}  ./a b\n"));
    assert_eq!(
        line_of("tab\tbell\x07"),
        format!("{EMPTY}  tab\tbell\x07\n")
    );
}

#[test]
fn names_that_would_break_the_line_are_escaped() {
    assert_eq!(line_of("a\nb"), format!("\\{EMPTY}  a\\nb\n"));
    assert_eq!(line_of("a\rb"), format!("\\{EMPTY}  a\\rb\n"));
    assert_eq!(line_of("a\\b"), format!("\\{EMPTY}  a\\\\b\n"));
}

#[test]
fn verdicts_escape_only_names_with_a_newline() {
    assert_eq!(verdict_on("a"), "a: OK\n");
    assert_eq!(verdict_on("a\\b"), "a\\b: OK\n");
    assert_eq!(verdict_on("a\rb"), "a\rb: OK\n");
    assert_eq!(verdict_on("a\\\r\nb"), "\\a\\\\\\r\\nb: OK\n");
}

#[test]
fn written_lines_are_read_back() {
    for name in [
        "a",
        " a",
        "*a",
        "a ",
        "a\nb",
        "a\\nb",
        "\\",
        "\r\n",
        "SHA256 (a) = b",
        "-",
    ] {
        let line = line_of(name);
        assert_eq!(
            name_in(line.trim_end_matches('\n')).as_deref(),
            Some(name),
            "{line:?}"
        );
    }
}

#[test]
#[cfg(unix)]
fn names_need_not_be_text() {
    use std::os::unix::ffi::OsStrExt;
    let path = Path::new(std::ffi::OsStr::from_bytes(b"\xff\xfe"));
    let mut out = Vec::new();
    write_line(&mut out, &empty(), path).unwrap();
    assert!(out.ends_with(b"  \xff\xfe\n"));
    let line = Parser::default().line(&out[..out.len() - 1]);
    assert_eq!(
        line,
        Line::Entry(Entry {
            path: path.to_owned(),
            digest: empty()
        })
    );
}

#[test]
fn text_and_binary_marks_are_read() {
    assert_eq!(name_in("@  a").unwrap(), "a");
    assert_eq!(name_in("@ *a").unwrap(), "a");
    assert_eq!(name_in("@   a").unwrap(), " a");
    assert_eq!(name_in("@ **a").unwrap(), "*a");
    assert_eq!(name_in("@\t a").unwrap(), "a");
    assert_eq!(name_in(" \t@  a").unwrap(), "a");
}

#[test]
fn digits_may_be_in_either_case() {
    assert_eq!(
        name_in(&format!("{}  a", EMPTY.to_uppercase())).unwrap(),
        "a"
    );
}

#[test]
fn carriage_returns_at_the_end_are_dropped() {
    assert_eq!(name_in("@  a\r").unwrap(), "a");
    assert_eq!(name_in("@  a\r\r").unwrap(), "a\r");
}

#[test]
fn comments_and_empty_lines_are_blank() {
    for line in ["", "\r", "#", "# @  a"] {
        assert_eq!(
            Parser::default().line(line.as_bytes()),
            Line::Blank,
            "{line:?}"
        );
    }
}

#[test]
fn malformed_lines_are_noticed() {
    for line in [
        "x",
        " # a",
        "  ",
        "@",
        "@ ",
        "@a",
        "0@  a",
        "@0  a",
        "z@  a",
        "\\ @  a",
        "SHA256",
        "SHA512 (a) = @",
    ] {
        assert_eq!(name_in(line), None, "{line:?}");
    }
    let short = &EMPTY[1..];
    assert_eq!(name_in(&format!("{short}  a")), None);
    assert_eq!(name_in(&format!("g{short}  a")), None);
    assert_eq!(name_in(&format!("+{short}  a")), None);
}

#[test]
fn bad_escapes_are_malformed() {
    assert_eq!(name_in("\\@  a\\\\b\\nc\\rd").unwrap(), "a\\b\nc\rd");
    assert_eq!(name_in("\\@  a\\t"), None);
    assert_eq!(name_in("\\@  a\\"), None);
    assert_eq!(name_in("@  a\\t").unwrap(), "a\\t");
}

#[test]
fn tagged_lines_are_read() {
    assert_eq!(name_in("SHA256 (a) = @").unwrap(), "a");
    assert_eq!(name_in("SHA256(a)=@").unwrap(), "a");
    assert_eq!(name_in("SHA256 (a) b) = @").unwrap(), "a) b");
    assert_eq!(name_in("\\SHA256 (a\\nb) = @").unwrap(), "a\nb");
    assert_eq!(name_in("SHA256 (a) = @0"), None);
    assert_eq!(name_in("SHA256 (a = @"), None);
    assert_eq!(name_in("SHA256 (a) @"), None);
}

#[test]
fn the_first_line_decides_whether_there_is_a_mark() {
    let mut with = Parser::default();
    assert_eq!(name_next(&mut with, "@  a").unwrap(), "a");
    assert_eq!(name_next(&mut with, "@ a"), None);
    assert_eq!(name_next(&mut with, "@ *a").unwrap(), "a");

    let mut without = Parser::default();
    assert_eq!(name_next(&mut without, "@ a").unwrap(), "a");
    assert_eq!(name_next(&mut without, "@  a").unwrap(), " a");
    assert_eq!(name_next(&mut without, "@ *").unwrap(), "*");
}
