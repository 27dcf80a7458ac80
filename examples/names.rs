//! Names and errors in messages for people: on one line, quoted, plain. Shared by the programs of this folder.

use std::borrow::Cow;
use std::fmt::Write as _;
use std::io;

/// The error in words, without the number that std appends.
pub(crate) fn reason(error: &io::Error) -> String {
    let text = error.to_string();
    match text.find(" (os error ") {
        Some(end) => text[..end].to_owned(),
        None => text,
    }
}

/// The name on one line and ready to paste into a shell: quoted where it needs it, the way the GNU tools do.
pub(crate) fn quote(name: &[u8]) -> Cow<'_, str> {
    match str::from_utf8(name) {
        Ok(text) if is_plain(text) => Cow::Borrowed(text),
        Ok(text)
            if text.contains('\'') && text.chars().all(|c| is_word(c) || " ':".contains(c)) =>
        {
            Cow::Owned(format!("\"{text}\""))
        }
        _ => Cow::Owned(quoted(name)),
    }
}

/// Whether a shell, and a reader of `name: reason`, take the text for one word as it is.
fn is_plain(text: &str) -> bool {
    let is_special = matches!(text, "" | "{" | "}") || text.starts_with(['#', '~']);
    !is_special && text.chars().all(|c| is_word(c) || "#~{}".contains(c))
}

fn is_word(c: char) -> bool {
    c.is_alphanumeric() || "/._-+,@%]".contains(c)
}

fn quoted(name: &[u8]) -> String {
    let mut out = String::from("'");
    // Whether the quotes that are open are those of `$'…'`, in which escapes count.
    let mut escaping = false;
    for chunk in name.utf8_chunks() {
        for c in chunk.valid().chars() {
            match c {
                '\'' => {
                    out.push_str(r"'\''");
                    escaping = false;
                }
                c if c.is_control() => {
                    c.encode_utf8(&mut [0; 4])
                        .bytes()
                        .for_each(|byte| escape(&mut out, &mut escaping, byte));
                }
                c => {
                    if escaping {
                        out.push_str("''");
                        escaping = false;
                    }
                    out.push(c);
                }
            }
        }
        chunk
            .invalid()
            .iter()
            .for_each(|&byte| escape(&mut out, &mut escaping, byte));
    }
    out.push('\'');
    out
}

fn escape(out: &mut String, escaping: &mut bool, byte: u8) {
    if !*escaping {
        out.push_str("'$'");
        *escaping = true;
    }
    match byte {
        b'\n' => out.push_str(r"\n"),
        b'\r' => out.push_str(r"\r"),
        b'\t' => out.push_str(r"\t"),
        // Writing into a string cannot fail.
        byte => drop(write!(out, r"\{byte:03o}")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ordinary_names_stay_as_they_are() {
        for name in [
            "a",
            "./src/main.rs",
            "/usr/lib/x86_64-linux-gnu",
            "größe",
            "a@b+c,d%",
        ] {
            assert_eq!(quote(name.as_bytes()), name);
        }
    }

    #[test]
    fn odd_names_are_quoted_on_one_line() {
        assert_eq!(quote(b""), "''");
        assert_eq!(quote(b"two words"), "'two words'");
        assert_eq!(quote(b"it's"), "\"it's\"");
        assert_eq!(quote(b"it's $1"), r"'it'\''s $1'");
        assert_eq!(quote(b"a\nb"), r"'a'$'\n''b'");
        assert_eq!(quote(b"'\n\r'"), r"''\'''$'\n\r'\'''");
        assert_eq!(quote(b"a\xff\xfeb"), r"'a'$'\377\376''b'");
        assert_eq!(quote(b"\x1b[31m"), r"''$'\033''[31m'");
        assert_eq!(quote(b"~"), "'~'");
        assert_eq!(quote(b"list: gone"), "'list: gone'");
    }

    #[test]
    fn reasons_have_no_error_number() {
        assert_eq!(
            reason(&io::Error::from_raw_os_error(2)),
            "No such file or directory"
        );
        assert_eq!(reason(&io::Error::other("odd")), "odd");
    }
}
