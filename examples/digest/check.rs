//! `--check`: are the files of a list what the list says?

use crate::hash;
use crate::list::{Entry, Line, Parser, write_verdict};
use crate::message::{Problems, quote, say};
use crate::progress::Progress;
use std::fs;
use std::io::{self, Read, Write};
use std::path::Path;

/// What came of checking a list.
#[derive(Debug, Default)]
pub(crate) struct Outcome {
    /// The files listed.
    pub(crate) files: usize,
    malformed: usize,
    unreadable: usize,
    mismatched: usize,
}

impl Outcome {
    /// Whether every listed file is as it should be. Malformed lines do not count against a list that has others.
    pub(crate) fn is_success(&self) -> bool {
        self.files > 0 && self.unreadable == 0 && self.mismatched == 0
    }

    /// Says, in the words of `sha256sum`, what was wrong.
    fn warn(&self, list: &str) {
        if self.files == 0 {
            return say(format_args!(
                "{list}: no properly formatted checksum lines found"
            ));
        }
        let warn = |count: usize, one: &str, many: &str| match count {
            0 => {}
            1 => say(format_args!("WARNING: 1 {one}")),
            n => say(format_args!("WARNING: {n} {many}")),
        };
        warn(
            self.malformed,
            "line is improperly formatted",
            "lines are improperly formatted",
        );
        warn(
            self.unreadable,
            "listed file could not be read",
            "listed files could not be read",
        );
        warn(
            self.mismatched,
            "computed checksum did NOT match",
            "computed checksums did NOT match",
        );
    }
}

/// Checks the files of the list and writes a verdict on each, in the order of the list.
///
/// # Errors
///
/// Only of `out`; everything else is part of the outcome.
pub(crate) fn check(
    list: &Path,
    pool: &zp::Pool,
    progress: &Progress,
    problems: &Problems<'_>,
    out: &mut impl Write,
) -> io::Result<Outcome> {
    let mut outcome = Outcome::default();
    let text = match read(list) {
        Ok(text) => text,
        Err(error) => {
            problems.report(list, &error);
            return Ok(outcome);
        }
    };
    let entries = entries(&text, hash::is_stdin(list), &mut outcome);
    progress.found(|| {
        entries
            .iter()
            .map(|entry| fs::metadata(&entry.path).map_or(0, |file| file.len()))
            .sum()
    });
    progress.all_found();

    hash::hash_all(pool, &entries, progress, |entry, result| {
        let verdict = match result {
            Ok(digest) if digest == entry.digest => "OK",
            Ok(_) => {
                outcome.mismatched += 1;
                "FAILED"
            }
            Err(error) => {
                outcome.unreadable += 1;
                problems.report(&entry.path, &error);
                "FAILED open or read"
            }
        };
        write_verdict(out, &entry.path, verdict)
    })?;
    out.flush()?;
    outcome.warn(&list_name(list));
    Ok(outcome)
}

fn entries(text: &[u8], from_stdin: bool, outcome: &mut Outcome) -> Vec<Entry> {
    let mut parser = Parser::default();
    let mut entries = Vec::new();
    for line in text.split(|byte| *byte == b'\n') {
        match parser.line(line) {
            // The list itself came from there: nothing is left to read.
            Line::Entry(entry) if from_stdin && hash::is_stdin(&entry.path) => {
                outcome.malformed += 1
            }
            Line::Entry(entry) => entries.push(entry),
            Line::Malformed => outcome.malformed += 1,
            Line::Blank => {}
        }
    }
    outcome.files = entries.len();
    entries
}

fn read(list: &Path) -> io::Result<Vec<u8>> {
    if !hash::is_stdin(list) {
        return fs::read(list);
    }
    let mut text = Vec::new();
    io::stdin().read_to_end(&mut text)?;
    Ok(text)
}

fn list_name(list: &Path) -> String {
    if hash::is_stdin(list) {
        "'standard input'".to_owned()
    } else {
        quote(list.as_os_str().as_encoded_bytes()).into_owned()
    }
}
