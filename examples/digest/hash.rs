//! The task of this program: the SHA-256 of one file, read through a buffer that the worker lends.

use crate::list::Digest;
use crate::progress::Progress;
use crate::regular::{self, Look};
use sha2::{Digest as _, Sha256};
use std::io::{self, ErrorKind, Read};
use std::path::Path;

/// How much is read at a time. Whatever the files are, the program holds this much of them per worker.
///
/// The buffer is lent zeroed, for each file anew: more would cost small files more than it saves large ones.
pub(crate) const CHUNK: usize = 64 * 1024;

/// How many files are handed to the pool at a time: few enough that results are printed while the work goes on and
/// that waiting tasks take no memory to speak of, enough that it hardly shows that each batch waits for its last file.
const BATCH: usize = 16384;

/// Reads the file through a buffer that the worker lends, a chunk at a time.
#[zp::task]
pub(crate) fn hash_file(
    path: &Path,
    look: Look,
    progress: &Progress,
    #[buf(CHUNK)] chunk: &mut [u8],
) -> io::Result<Digest> {
    if is_stdin(path) {
        // Locked until its end, lest two readers get every other chunk.
        return hash_all_of(io::stdin().lock(), None, progress, chunk);
    }
    let (file, len) = regular::open(path, look)?;
    hash_all_of(file, Some(len), progress, chunk)
}

/// Hashes what there is to read. `len` is how much that was when the file was opened, if anybody knows.
fn hash_all_of(
    mut reader: impl Read,
    len: Option<u64>,
    progress: &Progress,
    chunk: &mut [u8],
) -> io::Result<Digest> {
    let mut hasher = Sha256::new();
    let mut total = 0;
    loop {
        match reader.read(chunk) {
            Ok(0) => break,
            Ok(count) => {
                hasher.update(&chunk[..count]);
                progress.add(count);
                total += count as u64;
                // As much as expected, and no more when there was room: saves small files from being asked again.
                if count < chunk.len() && len == Some(total) {
                    break;
                }
            }
            Err(error) if error.kind() == ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    Ok(hasher.finalize().into())
}

/// Hashes the files, as many at a time as the pool has workers, and passes each result to `each` in the order of
/// `files`.
///
/// # Errors
///
/// The first one that `each` returns; then no further batch is begun.
pub(crate) fn hash_all<P: AsRef<Path>>(
    pool: &zp::Pool,
    files: &[P],
    progress: &Progress,
    mut each: impl FnMut(&P, io::Result<Digest>) -> io::Result<()>,
) -> io::Result<()> {
    for batch in files.chunks(BATCH) {
        let mut results: Vec<Option<io::Result<Digest>>> = batch.iter().map(|_| None).collect();
        pool.scope(|s| {
            for (file, result) in batch.iter().zip(&mut results) {
                s.spawn_into(
                    hash_file::new(file.as_ref(), Look::Before, progress),
                    result,
                );
            }
        });
        for (file, result) in batch.iter().zip(results) {
            each(
                file,
                result.expect("the scope has ended, and with it every task"),
            )?;
        }
    }
    Ok(())
}

/// Whether this path means standard input, as it does for `sha256sum`.
pub(crate) fn is_stdin(path: &Path) -> bool {
    path.as_os_str() == "-"
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_regular_files_are_opened() {
        let reason = |path: &str| {
            regular::open(Path::new(path), Look::Before)
                .err()
                .map(|error| error.to_string())
        };
        assert_eq!(
            reason(env!("CARGO_MANIFEST_DIR")).as_deref(),
            Some("Is a directory")
        );
        assert_eq!(
            reason(concat!(env!("CARGO_MANIFEST_DIR"), "/Cargo.toml")),
            None
        );
        #[cfg(unix)]
        assert_eq!(reason("/dev/null").as_deref(), Some("Not a regular file"));
    }

    #[test]
    fn a_file_that_has_become_another_is_hashed_to_its_end() {
        let progress = Progress::start();
        let hash = |len| {
            let chunk = &mut [0; 2];
            hash_all_of(b"abcde".as_slice(), len, &progress, chunk).unwrap()
        };
        let expected: Digest = Sha256::digest(b"abcde").into();
        for len in [None, Some(0), Some(1), Some(4), Some(5), Some(6)] {
            assert_eq!(hash(len), expected, "{len:?}");
        }
    }

    #[test]
    fn results_come_in_the_order_of_the_files_across_batches() {
        let pool = zp::Pool::builder().workers(2).build().unwrap();
        let there = Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/Cargo.toml"));
        let files: Vec<_> = [there, Path::new("not there")]
            .into_iter()
            .cycle()
            .take(2 * BATCH + 1)
            .collect();
        let mut seen = Vec::new();
        hash_all(&pool, &files, &Progress::start(), |file, result| {
            assert_eq!(result.is_ok(), *file == there);
            seen.push(*file);
            Ok(())
        })
        .unwrap();
        assert_eq!(seen, files);
    }

    #[test]
    fn an_error_ends_it() {
        let pool = zp::Pool::builder().workers(2).build().unwrap();
        let files = vec![Path::new("not there"); 2 * BATCH];
        let mut calls = 0;
        let result = hash_all(&pool, &files, &Progress::start(), |_, _| {
            calls += 1;
            if calls == 3 {
                Err(ErrorKind::BrokenPipe.into())
            } else {
                Ok(())
            }
        });
        assert_eq!(
            (result.unwrap_err().kind(), calls),
            (ErrorKind::BrokenPipe, 3)
        );
    }
}
