//! What the walk has found: files and folders, each in its place, and the digests.

use crate::list::Digest;
use std::cmp::Ordering;
use std::io;
use std::path::{MAIN_SEPARATOR_STR, Path, PathBuf};
use std::sync::OnceLock;

/// A regular file or a folder, and what has been found out about it.
pub(crate) struct Entry {
    pub(crate) path: PathBuf,
    pub(crate) kind: Kind,
}

pub(crate) enum Kind {
    File(OnceLock<io::Result<Digest>>),
    /// The entries in it, in the order of [`Entry::order`].
    Folder(OnceLock<Vec<Entry>>),
}

/// A path with the digest of the file, or why there is none.
pub(crate) type Hashed<'a> = (&'a Path, &'a io::Result<Digest>);

/// All that was found below some roots.
pub(crate) struct Tree {
    /// One for each root; empty if the root has been reported as a problem.
    pub(crate) roots: Vec<OnceLock<Entry>>,
}

impl Tree {
    /// The files in the order of `LC_ALL=C sort`: by the bytes of their paths.
    pub(crate) fn files(&self) -> Vec<Hashed<'_>> {
        let mut files = Vec::new();
        for root in self.roots.iter().filter_map(OnceLock::get) {
            root.collect_files(&mut files);
        }
        // What is below one root is in order already. Stable: standard input may be there twice, and differ.
        if self.roots.len() > 1 {
            files.sort_by_key(|(path, _)| path.as_os_str().as_encoded_bytes());
        }
        files
    }
}

impl Entry {
    fn collect_files<'a>(&'a self, files: &mut Vec<Hashed<'a>>) {
        match &self.kind {
            Kind::File(digest) => {
                let digest = digest.get().expect("the scope has ended, and every task");
                files.push((&self.path, digest));
            }
            Kind::Folder(inside) => {
                let inside = inside.get().expect("the scope has ended, and every task");
                for entry in inside {
                    entry.collect_files(files);
                }
            }
        }
    }

    /// The order of what two entries of one folder contribute: `a-b` comes before the folder `a`, since `-` comes before
    /// the separator. (`Path`'s own order, component by component, is another one.)
    pub(crate) fn order(&self, other: &Self) -> Ordering {
        let [a, b] = [self, other].map(|entry| entry.path.as_os_str().as_encoded_bytes());
        let common = a.len().min(b.len());
        let ending = |entry: &Self| match entry.kind {
            Kind::File(_) => "",
            Kind::Folder(_) => MAIN_SEPARATOR_STR,
        };
        a[..common].cmp(&b[..common]).then_with(|| {
            let rest_of_a = a[common..].iter().chain(ending(self).as_bytes());
            let rest_of_b = b[common..].iter().chain(ending(other).as_bytes());
            rest_of_a.cmp(rest_of_b)
        })
    }
}

impl Kind {
    pub(crate) fn file() -> Self {
        Self::File(OnceLock::new())
    }

    pub(crate) fn folder() -> Self {
        Self::Folder(OnceLock::new())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn folders_are_in_the_order_of_what_is_in_them() {
        let file = |path: &str| (path.into(), Kind::file());
        let folder = |path: &str| (path.into(), Kind::folder());
        let entries = [
            folder("x/-"),
            file("x/a b"),
            folder("x/a-b"),
            file("x/a.b"),
            folder("x/a"),
            file("x/a0"),
            folder("x/aa"),
            file("x/b"),
        ];
        let mut entries = entries.map(|(path, kind)| Entry { path, kind });
        assert!(entries.is_sorted_by(|a, b| a.order(b).is_lt()));
        entries.reverse();
        assert!(entries.is_sorted_by(|a, b| a.order(b).is_gt()));
    }
}
