//! Regular files, and nothing else. Shared by the programs of this folder.

use std::fs::{self, File, Metadata};
use std::io::{self, ErrorKind};
use std::path::Path;

/// When to look at what a path leads to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Look {
    /// Before opening it, since opening a pipe may wait for its other end and opening a device can have any effect;
    /// and again after it, for what took the file's place in between.
    Before,
    /// Only after opening it: it was a regular file a moment ago.
    #[allow(dead_code, reason = "not every program lists files beforehand")]
    After,
}

/// Opens a regular file. Tells its length, too.
pub(crate) fn open(path: &Path, look: Look) -> io::Result<(File, u64)> {
    if look == Look::Before {
        expect(&fs::metadata(path)?)?;
    }
    let mut options = File::options();
    options.read(true);
    #[cfg(unix)]
    {
        use rustix::fs::OFlags;
        use std::os::unix::fs::OpenOptionsExt;
        // Should it be a pipe by now, this does not wait. It changes nothing for regular files.
        options.custom_flags((OFlags::NONBLOCK | OFlags::NOCTTY).bits() as i32);
    }
    let file = options.open(path)?;
    let metadata = file.metadata()?;
    expect(&metadata)?;
    Ok((file, metadata.len()))
}

/// An error that says what it is, unless it is a regular file.
pub(crate) fn expect(metadata: &Metadata) -> io::Result<()> {
    if metadata.is_file() {
        Ok(())
    } else if metadata.is_dir() {
        Err(io::Error::new(ErrorKind::IsADirectory, "Is a directory"))
    } else {
        Err(io::Error::new(
            ErrorKind::InvalidInput,
            "Not a regular file",
        ))
    }
}
