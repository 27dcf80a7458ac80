//! Finds the files below the paths of the command line, and has them hashed meanwhile.
//!
//! Listing a folder is a task, and so is hashing a file: a task takes the scope as an argument and spawns others in it.
//! They borrow the entries that it has just made, since all that is found out stays in its place in one tree.

use crate::hash::{self, CHUNK, hash_file};
use crate::list::Digest;
use crate::message::Problems;
use crate::progress::Progress;
use crate::regular::{self, Look};
use crate::tree::{Entry, Kind, Tree};
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::OnceLock;
use std::sync::atomic::{
    AtomicUsize,
    Ordering::{AcqRel, Relaxed},
};
use walkdir::{DirEntry, WalkDir};
use zp::Task as _;

/// So many files may wait to be hashed. Who finds one more hashes it at once: that bounds the memory of waiting tasks,
/// and lets the walk run far enough ahead that nobody is short of work.
const WAITING_MAX: usize = 16384;

/// What the tasks of one walk share.
struct Walk<'a> {
    progress: &'a Progress,
    problems: &'a Problems<'a>,
    /// The number of files that wait to be hashed.
    waiting: AtomicUsize,
    /// The number of tasks that will find more files.
    searching: AtomicUsize,
}

/// Hashes the regular files below `roots`, as many at a time as the pool has workers; walking is part of their work.
///
/// The files are those that `find -H ROOT… -type f` lists: a root that is a symbolic link is followed, links below it
/// are not, nor are pipes, sockets and devices ever opened. What overlapping roots share is hashed for each.
pub(crate) fn hash_below(
    roots: &[PathBuf],
    pool: &zp::Pool,
    progress: &Progress,
    problems: &Problems<'_>,
) -> Tree {
    let tree = Tree {
        roots: roots.iter().map(|_| OnceLock::new()).collect(),
    };
    let walk = Walk {
        progress,
        problems,
        waiting: AtomicUsize::new(0),
        searching: AtomicUsize::new(1),
    };
    pool.scope(|s| {
        s.spawn(look_at_roots::new(s, roots, &tree.roots, &walk));
    });
    tree
}

impl<'env> Walk<'env> {
    /// Spawns what is to be done about an entry.
    fn hand_out<'scope>(
        &'env self,
        s: &'scope zp::Scope<'scope, 'env>,
        entry: &'env Entry,
        cx: &mut zp::Context<'_>,
    ) {
        match &entry.kind {
            Kind::File(digest) => {
                let task = hash_found::new(&entry.path, digest, self);
                // Relaxed: a count, nothing is read by way of it.
                if self.waiting.fetch_add(1, Relaxed) < WAITING_MAX {
                    s.spawn(task);
                } else {
                    task.run(cx);
                }
            }
            Kind::Folder(inside) => {
                self.searching.fetch_add(1, Relaxed);
                s.spawn(list_folder::new(s, &entry.path, inside, self));
            }
        }
    }

    /// Counts the end of a task that has handed out what it found.
    fn searched(&self) {
        // AcqRel: who counts last has seen all that the others have told `progress`.
        if self.searching.fetch_sub(1, AcqRel) == 1 {
            self.progress.all_found();
        }
    }
}

/// Finds out what the paths of the command line are, and hashes standard input.
#[zp::task]
fn look_at_roots<'scope, 'env>(
    s: &'scope zp::Scope<'scope, 'env>,
    roots: &'env [PathBuf],
    slots: &'env [OnceLock<Entry>],
    walk: &'env Walk<'env>,
    #[cx] cx: &mut zp::Context<'_>,
) {
    let mut stdins = Vec::new();
    for (path, slot) in roots.iter().zip(slots) {
        match kind_of_root(path, walk.progress) {
            Ok(kind) => {
                let path = path.clone();
                let entry = slot.get_or_init(|| Entry { path, kind });
                match &entry.kind {
                    Kind::File(digest) if hash::is_stdin(&entry.path) => stdins.push(digest),
                    _ => walk.hand_out(s, entry, cx),
                }
            }
            Err(error) => walk.problems.report(path, &error),
        }
    }
    walk.searched();
    // After the others, because nobody knows how long it takes; in turn, because the first gets it all.
    for digest in stdins {
        let chunk = &mut cx.buffer(CHUNK);
        digest.get_or_init(|| hash_file(Path::new("-"), Look::Before, walk.progress, chunk));
    }
}

/// Lists a folder, and spawns the tasks for what is in it.
#[zp::task]
fn list_folder<'scope, 'env>(
    s: &'scope zp::Scope<'scope, 'env>,
    path: &'env Path,
    inside: &'env OnceLock<Vec<Entry>>,
    walk: &'env Walk<'env>,
    #[cx] cx: &mut zp::Context<'_>,
) {
    let entries = inside.get_or_init(|| {
        let mut entries = entries_of(path, walk);
        entries.sort_unstable_by(Entry::order);
        entries
    });
    // Folders last: a worker goes on with what it spawned last, so the walk runs ahead; the others take its oldest tasks.
    let (files, folders): (Vec<_>, Vec<_>) = entries
        .iter()
        .partition(|entry| matches!(entry.kind, Kind::File(_)));
    for entry in files.into_iter().chain(folders) {
        walk.hand_out(s, entry, cx);
    }
    walk.searched();
}

/// Hashes a file that the walk has found.
#[zp::task]
fn hash_found(
    path: &Path,
    digest: &OnceLock<io::Result<Digest>>,
    walk: &Walk<'_>,
    #[buf(CHUNK)] chunk: &mut [u8],
) {
    walk.waiting.fetch_sub(1, Relaxed);
    digest.get_or_init(|| hash_file(path, Look::After, walk.progress, chunk));
}

fn kind_of_root(path: &Path, progress: &Progress) -> io::Result<Kind> {
    if hash::is_stdin(path) {
        return Ok(Kind::file());
    }
    let metadata = fs::metadata(path)?;
    if metadata.is_dir() {
        return Ok(Kind::folder());
    }
    regular::expect(&metadata)?;
    progress.found(|| metadata.len());
    Ok(Kind::file())
}

fn entries_of(folder: &Path, walk: &Walk<'_>) -> Vec<Entry> {
    let mut entries = Vec::new();
    for found in WalkDir::new(folder).min_depth(1).max_depth(1) {
        match found {
            Ok(found) => entries.extend(look_at(found, walk)),
            Err(error) => {
                let path = error.path().unwrap_or(folder).to_owned();
                // Only a walk that follows links meets errors that are not the system's.
                let error = error
                    .into_io_error()
                    .unwrap_or_else(|| io::Error::other("Unreadable"));
                walk.problems.report(&path, &error);
            }
        }
    }
    entries
}

/// The entry if it is a file or a folder. It is known without asking for its metadata on most file systems.
fn look_at(found: DirEntry, walk: &Walk<'_>) -> Option<Entry> {
    let kind = if found.file_type().is_file() {
        let len = || found.metadata().map_or(0, |metadata| metadata.len());
        walk.progress.found(len);
        Kind::file()
    } else if found.file_type().is_dir() {
        Kind::folder()
    } else {
        if found.path_is_symlink() {
            report_if_endless(found.path(), walk.problems);
        }
        return None;
    };
    let path = found.into_path();
    Some(Entry { path, kind })
}

/// A link that leads nowhere or elsewhere is an ordinary thing to find in a tree. One that leads to itself never
/// is: nobody can say whether it was meant to be a file.
fn report_if_endless(link: &Path, problems: &Problems<'_>) {
    if let Err(error) = fs::metadata(link)
        && is_endless(&error)
    {
        problems.report(link, &error);
    }
}

#[cfg(unix)]
fn is_endless(error: &io::Error) -> bool {
    error.raw_os_error() == Some(rustix::io::Errno::LOOP.raw_os_error())
}

/// No code for it that is known here.
#[cfg(not(unix))]
fn is_endless(_: &io::Error) -> bool {
    false
}
