//! A buffer as a reader and a writer: one cursor, as `std::io::Cursor` over the bytes has.

use super::Buf;
use std::io::{BufRead, Cursor, IoSlice, IoSliceMut, Read, Result, Seek, SeekFrom, Write};

impl Buf {
    /// Where [`Read`] and [`Write`] go on: how many bytes from the start. A buffer is lent with 0.
    ///
    /// Indexing and everything else that takes the buffer as a slice is not concerned with it.
    ///
    /// # Examples
    ///
    /// ```
    /// use std::io::Write;
    ///
    /// let mut buf = zp::BufferPool::new().get(16);
    /// write!(buf, "{} {}", 6, "times")?;
    /// let written = buf.position() as usize;
    /// assert_eq!(buf[..written], *b"6 times");
    /// # Ok::<(), std::io::Error>(())
    /// ```
    #[inline]
    #[must_use]
    pub fn position(&self) -> u64 {
        self.position
    }

    /// Has [`Read`] and [`Write`] go on at `position`. It may be behind the end: nothing is read or written there.
    ///
    /// # Examples
    ///
    /// ```
    /// use std::io::Read;
    ///
    /// let mut buf = zp::BufferPool::new().get_uninit(5).write_from_slice(b"hello");
    /// buf.set_position(3);
    /// let mut rest = String::new();
    /// buf.read_to_string(&mut rest)?;
    /// assert_eq!(rest, "lo");
    /// # Ok::<(), std::io::Error>(())
    /// ```
    #[inline]
    pub fn set_position(&mut self, position: u64) {
        self.position = position;
    }

    /// Lets `f` do what it does to a cursor of the standard library.
    #[inline]
    fn with_cursor<R>(&mut self, f: impl FnOnce(&mut Cursor<&mut [u8]>) -> R) -> R {
        let start = self.position;
        let mut cursor = Cursor::new(&mut **self);
        cursor.set_position(start);
        let result = f(&mut cursor);
        self.position = cursor.position();
        result
    }
}

/// Reads from [`Buf::position`] to the end of the buffer.
///
/// # Examples
///
/// ```
/// use std::io::Read;
///
/// let mut buf = zp::BufferPool::new().get_uninit(5).write_from_slice(b"\x01\x02abc");
/// let mut head = [0; 2];
/// buf.read_exact(&mut head)?;
/// assert_eq!((head, buf.position()), ([1, 2], 2));
/// # Ok::<(), std::io::Error>(())
/// ```
impl Read for Buf {
    #[inline]
    fn read(&mut self, into: &mut [u8]) -> Result<usize> {
        self.with_cursor(|cursor| cursor.read(into))
    }

    fn read_vectored(&mut self, into: &mut [IoSliceMut<'_>]) -> Result<usize> {
        self.with_cursor(|cursor| cursor.read_vectored(into))
    }

    fn read_exact(&mut self, into: &mut [u8]) -> Result<()> {
        self.with_cursor(|cursor| cursor.read_exact(into))
    }

    fn read_to_end(&mut self, into: &mut Vec<u8>) -> Result<usize> {
        self.with_cursor(|cursor| cursor.read_to_end(into))
    }

    fn read_to_string(&mut self, into: &mut String) -> Result<usize> {
        self.with_cursor(|cursor| cursor.read_to_string(into))
    }
}

/// Reads without a copy: what [`fill_buf`](BufRead::fill_buf) shows is the rest of the buffer itself.
///
/// Where `BufRead` is imported, `buf.split(…)` is its method; that of slices is `buf[..].split(…)`.
impl BufRead for Buf {
    #[inline]
    fn fill_buf(&mut self) -> Result<&[u8]> {
        let start = usize::try_from(self.position).unwrap_or(usize::MAX);
        Ok(self.get(start..).unwrap_or_default())
    }

    #[inline]
    fn consume(&mut self, count: usize) {
        self.position = self.position.saturating_add(count as u64);
    }
}

/// Writes at [`Buf::position`], over what is there. It stops at the end of the buffer, which does not grow by itself;
/// [`Buf::resize`] makes room up to the capacity.
///
/// # Examples
///
/// ```
/// use std::io::{ErrorKind, Write};
///
/// let mut buf = zp::BufferPool::new().get(4);
/// assert_eq!(buf.write(b"abcdef")?, 4);
/// assert_eq!(buf.write_all(b"ef").unwrap_err().kind(), ErrorKind::WriteZero);
/// buf.resize(6);
/// buf.write_all(b"ef")?;
/// assert_eq!(*buf, *b"abcdef");
/// # Ok::<(), std::io::Error>(())
/// ```
impl Write for Buf {
    #[inline]
    fn write(&mut self, bytes: &[u8]) -> Result<usize> {
        self.with_cursor(|cursor| cursor.write(bytes))
    }

    fn write_vectored(&mut self, slices: &[IoSlice<'_>]) -> Result<usize> {
        self.with_cursor(|cursor| cursor.write_vectored(slices))
    }

    fn write_all(&mut self, bytes: &[u8]) -> Result<()> {
        self.with_cursor(|cursor| cursor.write_all(bytes))
    }

    /// Does nothing: what is written is in the buffer.
    #[inline]
    fn flush(&mut self) -> Result<()> {
        Ok(())
    }
}

/// Moves [`Buf::position`], behind the end too, but not before the start.
impl Seek for Buf {
    fn seek(&mut self, to: SeekFrom) -> Result<u64> {
        self.with_cursor(|cursor| cursor.seek(to))
    }

    fn stream_position(&mut self) -> Result<u64> {
        Ok(self.position)
    }
}
