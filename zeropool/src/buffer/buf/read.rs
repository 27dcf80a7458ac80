//! Filling a buffer that has not been written from a reader, without unsafe code.

use super::{Buf, BufUninit};
use std::io::{Error, ErrorKind, Read, Result};

impl BufUninit {
    /// Fills the whole buffer from `reader`.
    ///
    /// The reader may look at what it is to fill: it finds zeros, which cost nothing, as in [`BufUninit::zeroed`].
    ///
    /// # Examples
    ///
    /// ```
    /// let mut reader: &[u8] = b"a header and the rest";
    /// let header = zp::BufferPool::new().get_uninit(8).read_exact_from(&mut reader)?;
    /// assert_eq!(*header, *b"a header");
    /// assert_eq!(reader, b" and the rest");
    /// # Ok::<(), std::io::Error>(())
    /// ```
    ///
    /// # Errors
    /// What the reader says, and [`ErrorKind::UnexpectedEof`] if it ends before the buffer does. The buffer is returned, and what
    /// had been read is lost.
    pub fn read_exact_from(self, mut reader: impl Read) -> Result<Buf> {
        let mut buf = self.zeroed();
        reader.read_exact(&mut buf)?;
        Ok(buf)
    }

    /// Reads until the buffer is full or `reader` is at its end. What comes of it is as long as what was read; its
    /// capacity is the same.
    ///
    /// The reader may look at what it is to fill: it finds zeros, which cost nothing, as in [`BufUninit::zeroed`].
    ///
    /// # Examples
    ///
    /// ```
    /// let reader: &[u8] = b"short";
    /// let buf = zp::BufferPool::new().get_uninit(4096).read_from(reader)?;
    /// assert_eq!(*buf, *b"short");
    /// # Ok::<(), std::io::Error>(())
    /// ```
    ///
    /// # Errors
    /// 1. What the reader says, except [`ErrorKind::Interrupted`], after which it is asked again.
    /// 2. [`ErrorKind::InvalidData`] if it says that it has read more than there was room for.
    ///
    /// The buffer is returned, and what had been read is lost.
    pub fn read_from(self, mut reader: impl Read) -> Result<Buf> {
        let mut buf = self.zeroed();
        let mut filled = 0;
        while filled < buf.len() {
            let room = &mut buf[filled..];
            match reader.read(room) {
                Ok(0) => break,
                Ok(count) if count > room.len() => {
                    let room = room.len();
                    let complaint =
                        format!("a reader with room for {room} bytes says it read {count}");
                    return Err(Error::new(ErrorKind::InvalidData, complaint));
                }
                Ok(count) => filled += count,
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
            }
        }
        buf.truncate(filled);
        Ok(buf)
    }
}
