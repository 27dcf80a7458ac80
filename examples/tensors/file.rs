//! The file: opened once, read anywhere by any thread.

use crate::header::{self, Tensor};
use crate::regular::{self, Look};
use std::fs::File;
use std::io::{self, ErrorKind, Read};
use std::path::{Path, PathBuf};

/// A file of tensors whose header has been read and checked.
pub(crate) struct TensorFile {
    pub(crate) path: PathBuf,
    file: File,
    /// The length of the file in bytes.
    pub(crate) len: u64,
    /// In the order of their bytes. They fill the file from the end of the header, without gaps.
    pub(crate) tensors: Vec<Tensor>,
    /// Who wrote the file, if it says so.
    pub(crate) generator: Option<String>,
}

impl TensorFile {
    /// Opens a regular file, and reads its header.
    ///
    /// # Errors
    ///
    /// Of the system; and `InvalidData`, with a reason, if it is no whole file of tensors.
    pub(crate) fn open(path: &Path) -> io::Result<Self> {
        let (file, len) = regular::open(path, Look::Before)?;
        let header = header::read(&file, len)?;
        Ok(Self {
            path: path.to_owned(),
            file,
            len,
            tensors: header.tensors,
            generator: header.generator,
        })
    }

    /// How many bytes the tensors have.
    pub(crate) fn data_len(&self) -> u64 {
        self.tensors.iter().map(Tensor::len).sum()
    }

    /// A reader that starts at `offset`. Any number of them read at the same time.
    pub(crate) fn at(&self, offset: u64) -> At<'_> {
        At {
            file: &self.file,
            offset,
        }
    }
}

/// Reads on from an offset of its own. The file's cursor plays no part.
#[derive(Debug)]
pub(crate) struct At<'a> {
    file: &'a File,
    offset: u64,
}

impl Read for At<'_> {
    fn read(&mut self, bytes: &mut [u8]) -> io::Result<usize> {
        #[cfg(unix)]
        let count = std::os::unix::fs::FileExt::read_at(self.file, bytes, self.offset)?;
        #[cfg(windows)]
        let count = std::os::windows::fs::FileExt::seek_read(self.file, bytes, self.offset)?;
        self.offset += count as u64;
        Ok(count)
    }
}

/// The error for a file that is no longer as its header said.
pub(crate) fn changed() -> io::Error {
    io::Error::new(ErrorKind::InvalidData, "it changed while it was read")
}
