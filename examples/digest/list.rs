//! Lines of a checksum list, as `sha256sum` writes and reads them.

use std::ffi::OsString;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

/// A SHA-256.
pub(crate) type Digest = [u8; 32];

/// The length of a digest in hexadecimal digits.
const HEX_LEN: usize = 64;

/// Writes the line for one file: digest, two spaces, name. A name with a backslash, a newline or a carriage return
/// is escaped, and a backslash at the start of the line says so. Any other byte is written as it is.
pub(crate) fn write_line(out: &mut impl Write, digest: &Digest, path: &Path) -> io::Result<()> {
    let name = path.as_os_str().as_encoded_bytes();
    let escape = name.iter().any(|byte| escape_letter(*byte).is_some());
    if escape {
        out.write_all(b"\\")?;
    }
    out.write_all(&hex(digest))?;
    out.write_all(b"  ")?;
    if escape {
        write_escaped(out, name)?
    } else {
        out.write_all(name)?
    }
    out.write_all(b"\n")
}

/// Writes the verdict on one file of a list. Here `sha256sum` escapes a name only if it has a newline.
pub(crate) fn write_verdict(out: &mut impl Write, path: &Path, verdict: &str) -> io::Result<()> {
    let name = path.as_os_str().as_encoded_bytes();
    if name.contains(&b'\n') {
        out.write_all(b"\\")?;
        write_escaped(out, name)?;
    } else {
        out.write_all(name)?;
    }
    writeln!(out, ": {verdict}")
}

/// What a line of a list says.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Line {
    /// A comment, or nothing at all.
    Blank,
    /// Not a line of a checksum list.
    Malformed,
    /// The named file should have this digest.
    Entry(Entry),
}

/// One file of a list.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Entry {
    pub(crate) path: PathBuf,
    pub(crate) digest: Digest,
}

impl AsRef<Path> for Entry {
    fn as_ref(&self) -> &Path {
        &self.path
    }
}

/// Reads the lines of one list in order.
///
/// Lines are either `digest  name` and `digest *name` (text and binary mode), or `digest name` as the BSD tools
/// write them with `-r`. The first one decides for the whole list: otherwise a leading space could be the mode in
/// one line and part of the name in the next. `SHA256 (name) = digest` is understood everywhere.
#[derive(Debug, Default)]
pub(crate) struct Parser {
    style: Option<Style>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Style {
    WithMode,
    WithoutMode,
}

impl Parser {
    /// Parses one line, without its newline.
    pub(crate) fn line(&mut self, line: &[u8]) -> Line {
        let text = line.strip_suffix(b"\r").unwrap_or(line);
        if text.is_empty() || line[0] == b'#' {
            return Line::Blank;
        }
        match self.entry(trim_start(text)) {
            Some(entry) => Line::Entry(entry),
            None => Line::Malformed,
        }
    }

    fn entry(&mut self, text: &[u8]) -> Option<Entry> {
        let (escaped, text) = match text.strip_prefix(b"\\") {
            Some(rest) => (true, rest),
            None => (false, text),
        };
        let (digest, name) = match text.strip_prefix(b"SHA256") {
            Some(rest) => tagged(rest)?,
            None => self.untagged(text)?,
        };
        let name = if escaped {
            unescape(name)?
        } else {
            name.to_vec()
        };
        Some(Entry {
            path: path(name)?,
            digest,
        })
    }

    /// `digest  name`, `digest *name` or `digest name`.
    fn untagged<'a>(&mut self, text: &'a [u8]) -> Option<(Digest, &'a [u8])> {
        let (digits, rest) = text.split_at_checked(HEX_LEN)?;
        let digest = parse_hex(digits)?;
        let (b' ' | b'\t', rest) = rest.split_first()? else {
            return None;
        };
        let has_mode = rest.len() > 1 && matches!(rest[0], b' ' | b'*');
        match (has_mode, self.style) {
            _ if rest.is_empty() => None,
            (false, Some(Style::WithMode)) => None,
            (true, None | Some(Style::WithMode)) => {
                self.style = Some(Style::WithMode);
                Some((digest, &rest[1..]))
            }
            (_, None | Some(Style::WithoutMode)) => {
                self.style = Some(Style::WithoutMode);
                Some((digest, rest))
            }
        }
    }
}

/// ` (name) = digest`, the rest of a line that began with the algorithm.
fn tagged(rest: &[u8]) -> Option<(Digest, &[u8])> {
    let rest = rest.strip_prefix(b" ").unwrap_or(rest).strip_prefix(b"(")?;
    let end = rest.iter().rposition(|byte| *byte == b')')?;
    let digits = trim_start(trim_start(&rest[end + 1..]).strip_prefix(b"=")?);
    Some((parse_hex(digits)?, &rest[..end]))
}

fn trim_start(text: &[u8]) -> &[u8] {
    let blanks = text
        .iter()
        .take_while(|byte| matches!(byte, b' ' | b'\t'))
        .count();
    &text[blanks..]
}

fn hex(digest: &Digest) -> [u8; HEX_LEN] {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    let mut text = [0; HEX_LEN];
    for (pair, byte) in text.chunks_exact_mut(2).zip(digest) {
        pair[0] = DIGITS[usize::from(byte >> 4)];
        pair[1] = DIGITS[usize::from(byte & 15)];
    }
    text
}

/// A digest from exactly 64 hexadecimal digits, in either case.
fn parse_hex(text: &[u8]) -> Option<Digest> {
    if text.len() != HEX_LEN {
        return None;
    }
    let nibble = |digit: u8| char::from(digit).to_digit(16).map(|value| value as u8);
    let mut digest = Digest::default();
    for (byte, pair) in digest.iter_mut().zip(text.chunks_exact(2)) {
        *byte = nibble(pair[0])? << 4 | nibble(pair[1])?;
    }
    Some(digest)
}

fn escape_letter(byte: u8) -> Option<u8> {
    match byte {
        b'\\' => Some(b'\\'),
        b'\n' => Some(b'n'),
        b'\r' => Some(b'r'),
        _ => None,
    }
}

fn write_escaped(out: &mut impl Write, name: &[u8]) -> io::Result<()> {
    for &byte in name {
        match escape_letter(byte) {
            Some(letter) => out.write_all(&[b'\\', letter])?,
            None => out.write_all(&[byte])?,
        }
    }
    Ok(())
}

fn unescape(name: &[u8]) -> Option<Vec<u8>> {
    let mut plain = Vec::with_capacity(name.len());
    let mut bytes = name.iter();
    while let Some(&byte) = bytes.next() {
        plain.push(match byte {
            b'\\' => match bytes.next()? {
                b'\\' => b'\\',
                b'n' => b'\n',
                b'r' => b'\r',
                _ => return None,
            },
            byte => byte,
        });
    }
    Some(plain)
}

/// The path of these bytes: any bytes on Unix, UTF-8 elsewhere.
fn path(name: Vec<u8>) -> Option<PathBuf> {
    #[cfg(unix)]
    let name: Option<OsString> = Some(std::os::unix::ffi::OsStringExt::from_vec(name));
    #[cfg(not(unix))]
    let name: Option<OsString> = String::from_utf8(name).ok().map(OsString::from);
    name.map(PathBuf::from)
}

#[cfg(test)]
mod tests;
