//! Which files there are below the paths of the command line.

use crate::hash;
use crate::message::Problems;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use walkdir::{DirEntry, WalkDir};

/// The regular files below `roots`, in the order of `LC_ALL=C sort`: by the bytes of their paths.
///
/// This is what `find -H ROOT… -type f` lists: a root that is a symbolic link is followed, links below it are not,
/// nor are pipes, sockets and devices ever opened. What overlapping roots share is listed once for each of them.
pub(crate) fn files_below(roots: &[PathBuf], problems: &Problems<'_>) -> Vec<PathBuf> {
    let mut files = Vec::new();
    for root in roots {
        if hash::is_stdin(root) {
            files.push(root.clone());
            continue;
        }
        match fs::metadata(root) {
            Ok(metadata) if metadata.is_dir() => walk(root, &mut files, problems),
            Ok(metadata) => match hash::expect_regular(&metadata) {
                Ok(()) => files.push(root.clone()),
                Err(error) => problems.report(root, &error),
            },
            Err(error) => problems.report(root, &error),
        }
    }
    // Stable: `Path`'s own order compares component by component, which is not how `sort` sees it.
    files.sort_by(|a, b| {
        a.as_os_str()
            .as_encoded_bytes()
            .cmp(b.as_os_str().as_encoded_bytes())
    });
    files
}

fn walk(root: &Path, files: &mut Vec<PathBuf>, problems: &Problems<'_>) {
    for entry in WalkDir::new(root).min_depth(1) {
        match entry {
            Ok(entry) if entry.file_type().is_file() => files.push(entry.into_path()),
            Ok(entry) => report_if_endless(&entry, problems),
            Err(error) => {
                let path = error.path().unwrap_or(root).to_owned();
                // Only a walk that follows links meets errors that are not the system's.
                let error = error
                    .into_io_error()
                    .unwrap_or_else(|| io::Error::other("Unreadable"));
                problems.report(&path, &error);
            }
        }
    }
}

/// A link that leads nowhere or elsewhere is an ordinary thing to find in a tree. One that leads to itself never
/// is: nobody can say whether it was meant to be a file.
fn report_if_endless(entry: &DirEntry, problems: &Problems<'_>) {
    if entry.path_is_symlink()
        && let Err(error) = fs::metadata(entry.path())
        && is_endless(&error)
    {
        problems.report(entry.path(), &error);
    }
}

fn is_endless(error: &io::Error) -> bool {
    #[cfg(unix)]
    return error.raw_os_error() == Some(rustix::io::Errno::LOOP.raw_os_error());
    #[cfg(not(unix))]
    return false;
}
