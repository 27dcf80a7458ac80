//! Buffers with files, sockets, async runtimes, and shared as `Bytes`.

use crate::support::{LIMIT, times, within};
use bytes::Bytes;
use std::fs::File;
use std::io::{self, BufRead, Cursor, ErrorKind, IoSlice, IoSliceMut, Read, Seek, SeekFrom, Write};
use std::net::{TcpListener, TcpStream};
use std::path::PathBuf;
use std::thread;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use zp::{Buf, BufferPool};

fn filled(pool: &BufferPool, len: usize) -> Buf {
    let mut values = (0..251).cycle();
    pool.get_uninit(len).fill_with(|| values.next().unwrap())
}

/// Every byte of the block that `buf` has, as a later user could see it.
fn exposed_to_the_next(mut buf: Buf) -> Vec<u8> {
    buf.resize(buf.capacity());
    buf.into_vec()
}

/// A file of the test's own, removed at the end.
struct TempFile(PathBuf);

impl TempFile {
    fn new(name: &str) -> Self {
        let name = format!("zeropool-{}-{name}", std::process::id());
        Self(std::env::temp_dir().join(name))
    }
}

impl Drop for TempFile {
    fn drop(&mut self) {
        let _ = std::fs::remove_file(&self.0);
    }
}

/// What `act` does to a reader and writer, and where it ends.
fn outcome<T: Read + Write + BufRead + Seek>(io: &mut T, act: u32, value: u32) -> (String, u64) {
    let mut small = [9; 5];
    let signed = i64::from(value) - 12;
    let result = match act % 12 {
        0 => format!("{:?}", (io.read(&mut small).unwrap(), small)),
        1 => format!(
            "{:?}",
            (io.read_exact(&mut small).map_err(|e| e.kind()), small)
        ),
        2 => format!("{:?}", io.write(&value.to_le_bytes()).unwrap()),
        3 => format!(
            "{:?}",
            io.write_all(&value.to_be_bytes()).map_err(|e| e.kind())
        ),
        4 => format!("{:?}", io.seek(SeekFrom::Start(u64::from(value))).unwrap()),
        5 => format!("{:?}", io.seek(SeekFrom::End(signed)).map_err(|e| e.kind())),
        6 => format!(
            "{:?}",
            io.seek(SeekFrom::Current(signed)).map_err(|e| e.kind())
        ),
        7 => {
            let seen = io.fill_buf().unwrap().to_vec();
            io.consume(seen.len().min(3));
            format!("{seen:?}")
        }
        8 => {
            let mut bytes = Vec::new();
            let count = io.read_until(0, &mut bytes).unwrap();
            format!("{:?}", (count, bytes))
        }
        9 => {
            let (mut a, mut b) = ([0; 2], [0; 3]);
            let mut slices = [IoSliceMut::new(&mut a), IoSliceMut::new(&mut b)];
            let count = io.read_vectored(&mut slices).unwrap();
            format!("{:?}", (count, a, b))
        }
        10 => {
            let slices = [IoSlice::new(&[1, 2]), IoSlice::new(&[3, 4, 5])];
            format!("{:?}", io.write_vectored(&slices).unwrap())
        }
        _ => {
            let mut rest = vec![7];
            let count = io.read_to_end(&mut rest).unwrap();
            format!("{:?}", (count, rest))
        }
    };
    (result, io.stream_position().unwrap())
}

// covers B17
#[test]
fn the_cursor_does_what_that_of_the_standard_library_does() {
    let mut random: u32 = 0x9E37_79B9;
    let mut next = || {
        random ^= random << 13;
        random ^= random >> 17;
        random ^= random << 5;
        random
    };
    for len in [0, 1, 7, 20] {
        let mut buf = BufferPool::new().get(len);
        let mut model = Cursor::new(vec![0; len].into_boxed_slice());
        for step in 0..times(4000, 100) {
            let (act, value) = (next(), next() % 25);
            let expected = outcome(&mut model, act, value);
            let found = outcome(&mut buf, act, value);
            assert_eq!(found, expected, "step {step}: {} with {value}", act % 12);
            assert_eq!(buf.position(), model.position());
            assert_eq!(*buf, **model.get_ref());
        }
    }
}

#[test]
fn positions_behind_every_end_are_harmless() {
    let mut buf = filled(&BufferPool::new(), 10);
    for position in [10, 11, u64::from(u32::MAX) + 1, u64::MAX] {
        buf.set_position(position);
        assert_eq!(buf.read(&mut [0; 4]).unwrap(), 0);
        assert_eq!(buf.write(&[1; 4]).unwrap(), 0);
        assert_eq!(buf.fill_buf().unwrap(), []);
        assert_eq!(buf.position(), position);
        buf.consume(usize::MAX);
    }
    assert_eq!(buf.position(), u64::MAX);
    let before = buf.seek(SeekFrom::End(-11)).unwrap_err();
    assert_eq!(before.kind(), ErrorKind::InvalidInput);
    assert_eq!(*buf, *filled(&BufferPool::new(), 10));
}

#[test]
fn writing_goes_on_in_zeros_after_growth() {
    let pool = BufferPool::new();
    let mut buf = pool.get(8);
    buf.write_all(b"12345678").unwrap();
    buf.truncate(4);
    assert_eq!(
        buf.write(b"9").unwrap(),
        0,
        "the position is behind the end"
    );
    buf.resize(10);
    assert_eq!(buf, b"1234\0\0\0\0\0\0", "growth reads zero");
    write!(buf, "{}", 90).unwrap();
    assert_eq!(buf, b"1234\0\0\0\x0090");
    buf.rewind().unwrap();
    let mut all = Vec::new();
    buf.read_to_end(&mut all).unwrap();
    assert_eq!(buf, all);
}

#[test]
fn the_cursor_of_a_used_buffer_does_not_come_back() {
    let pool = BufferPool::new();
    let mut buf = pool.get(64);
    buf.write_all(&[1; 40]).unwrap();
    let address = buf.as_ptr();
    drop(buf);
    let again = pool.get(64);
    assert_eq!((again.as_ptr(), again.position()), (address, 0));
}

#[test]
fn a_file_is_written_and_read_through_pooled_buffers() {
    const LEN: usize = 10_000;
    let pool = BufferPool::new();
    let path = TempFile::new("roundtrip");
    let out = filled(&pool, LEN);
    let mut file = File::create(&path.0).unwrap();
    file.write_all(&out).unwrap();
    // The buffer as the source of a copy.
    let mut source = filled(&pool, 100);
    assert_eq!(io::copy(&mut source, &mut file).unwrap(), 100);

    let mut file = File::open(&path.0).unwrap();
    let whole = pool.get_uninit(LEN).read_exact_from(&file).unwrap();
    assert_eq!(whole, out);
    let rest = pool.get_uninit(LEN).read_from(&file).unwrap();
    assert_eq!(*rest, out[..100]);
    assert!(rest.capacity() >= LEN);

    let short = pool.get_uninit(LEN).read_exact_from(&file).unwrap_err();
    assert_eq!(short.kind(), ErrorKind::UnexpectedEof);

    // The buffer as a plain slice, and as the target of a copy.
    file.seek(SeekFrom::Start(LEN as u64)).unwrap();
    let mut slice = pool.get(50);
    file.read_exact(&mut slice).unwrap();
    assert_eq!(*slice, out[..50]);
    let mut target = pool.get(60);
    assert_eq!(io::copy(&mut file, &mut target).unwrap(), 50);
    assert_eq!(target[..50], out[50..100]);
    assert_eq!(target[50..], [0; 10]);
}

/// Looks at what it is to fill, and then does what it was made for.
struct Nosy<F>(Vec<u8>, F);

impl<F: FnMut(&mut [u8]) -> io::Result<usize>> Read for Nosy<F> {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        self.0.extend_from_slice(into);
        (self.1)(into)
    }
}

#[test]
fn a_nosy_reader_sees_zeros() {
    let pool = BufferPool::new();
    drop(filled(&pool, 100));
    let mut nosy = Nosy(Vec::new(), |into: &mut [u8]| Ok(into.len()));
    let buf = pool.get_uninit(100).read_exact_from(&mut nosy).unwrap();
    assert_eq!((nosy.0, buf), (vec![0; 100], pool.get(100)));

    // Also where safe code has handed the bytes out, written or not.
    let mut uninit = pool.get_uninit(100);
    uninit.as_uninit_mut()[3].write(3);
    let mut nosy = Nosy(Vec::new(), |_: &mut [u8]| Ok(0));
    let buf = uninit.read_from(&mut nosy).unwrap();
    assert_eq!((nosy.0, buf.len()), (vec![0; 100], 0));
}

#[test]
fn a_reader_that_lies_is_an_error() {
    let pool = BufferPool::new();
    for lie in [11, usize::MAX] {
        let liar = Nosy(Vec::new(), |_: &mut [u8]| Ok(lie));
        let error = pool.get_uninit(10).read_from(liar).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::InvalidData);
        assert!(error.to_string().contains("room for 10 bytes"), "{error}");
    }
}

#[test]
fn a_reader_that_stutters_is_asked_again_and_one_that_fails_is_not() {
    let pool = BufferPool::new();
    let mut calls = 0;
    let stutter = Nosy(Vec::new(), |into: &mut [u8]| {
        calls += 1;
        match calls {
            1 | 3 => Err(ErrorKind::Interrupted.into()),
            2 | 4 => {
                into[..3].fill(calls);
                Ok(3)
            }
            _ => Ok(0),
        }
    });
    let buf = pool.get_uninit(10).read_from(stutter).unwrap();
    assert_eq!(buf, [2, 2, 2, 4, 4, 4]);

    let failing = Nosy(Vec::new(), |into: &mut [u8]| {
        into.fill(5);
        Err(ErrorKind::ConnectionReset.into())
    });
    let error = pool.get_uninit(10).read_from(failing).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::ConnectionReset);
    let next = exposed_to_the_next(pool.get(10));
    assert!(next.iter().all(|&byte| byte == 0), "what it wrote is wiped");
}

#[test]
fn a_socket_is_read_and_written_through_pooled_buffers() {
    const LEN: usize = 300_000;
    within(LIMIT, || {
        let pool = BufferPool::new();
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let echo_pool = pool.clone();
        let echo = thread::spawn(move || {
            let (mut stream, _) = listener.accept().unwrap();
            loop {
                let mut buf = echo_pool.get(4096);
                match stream.read(&mut buf).unwrap() {
                    0 => break,
                    count => stream.write_all(&buf[..count]).unwrap(),
                }
            }
        });
        let mut stream = TcpStream::connect(address).unwrap();
        let mut sending = stream.try_clone().unwrap();
        let message = filled(&pool, LEN);
        let sender = thread::spawn(move || {
            sending.write_all(&message).unwrap();
            sending.shutdown(std::net::Shutdown::Write).unwrap();
            message // an owned buffer goes where it is needed
        });
        let echoed = pool.get_uninit(LEN).read_exact_from(&mut stream).unwrap();
        assert_eq!(sender.join().unwrap(), echoed);
        let nothing = pool.get_uninit(1).read_from(&mut stream).unwrap();
        assert!(nothing.is_empty());
        echo.join().unwrap();
    });
}

#[tokio::test]
async fn an_async_runtime_reads_and_writes_through_pooled_buffers() {
    let pool = BufferPool::new();
    let (mut near, mut far) = tokio::io::duplex(64);
    let far_pool = pool.clone();
    // Owned and `Send`: held across an await in a spawned task.
    let echo = tokio::spawn(async move {
        loop {
            let mut buf = far_pool.get(50);
            let count = far.read(&mut buf[..]).await.unwrap();
            if count == 0 {
                return;
            }
            far.write_all(&buf[..count]).await.unwrap();
        }
    });
    for len in [1, 64, 1000] {
        let message = filled(&pool, len).freeze();
        let mut back = pool.get(len);
        let (mut reading, mut writing) = tokio::io::split(near);
        let sent = message.clone();
        let sender = tokio::spawn(async move {
            writing.write_all(&sent).await.unwrap();
            writing
        });
        reading.read_exact(&mut back).await.unwrap();
        assert_eq!(*back, message);
        near = reading.unsplit(sender.await.unwrap());
    }
    drop(near);
    echo.await.unwrap();
}

#[test]
fn a_frozen_buffer_is_shared_without_a_copy_and_comes_home_once() {
    let pool = BufferPool::new();
    let buf = filled(&pool, 1000);
    let (address, expected) = (buf.as_ptr(), buf.to_vec());
    let frozen = buf.freeze();
    assert_eq!(frozen.as_ptr(), address);
    let clone = frozen.clone();
    let slice = frozen.slice(10..20);
    assert_eq!(clone.as_ptr(), address);
    assert_eq!(slice.as_ptr(), address.wrapping_add(10));
    drop(frozen);
    drop(clone);
    assert_eq!(slice, expected[10..20]);
    let other = pool.get(1000);
    assert_ne!(other.as_ptr(), address, "a view is left");

    drop(slice);
    let home = pool.get(1000);
    assert_eq!(home.as_ptr(), address, "the last view is gone");
    assert_ne!(pool.get(1000).as_ptr(), address, "it came home twice");
    let seen = exposed_to_the_next(home);
    assert!(seen.iter().all(|&byte| byte == 0), "it was not wiped");
}

#[test]
fn the_last_view_may_go_on_another_thread_after_the_pool() {
    within(LIMIT, || {
        let pool = BufferPool::new();
        let frozen: Bytes = filled(&pool, 5000).into();
        drop(pool);
        let threads: Vec<_> = (0..4)
            .map(|part| {
                let view = frozen.slice(part * 1000..(part + 1) * 1000);
                thread::spawn(move || view.iter().map(|&byte| u64::from(byte)).sum::<u64>())
            })
            .collect();
        drop(frozen);
        let sum: u64 = threads.into_iter().map(|t| t.join().unwrap()).sum();
        assert_eq!(sum, (0..4000).map(|index| index % 251).sum());
    });
}

#[test]
fn an_empty_or_resized_buffer_freezes_as_long_as_it_is() {
    assert!(Buf::default().freeze().is_empty());
    let pool = BufferPool::new();
    assert!(pool.get(0).freeze().is_empty());
    let mut buf = filled(&pool, 100);
    buf.truncate(3);
    buf.set_position(2);
    let address = buf.as_ptr();
    assert_eq!(buf.freeze(), [0, 1, 2][..]);
    let seen = exposed_to_the_next(pool.get(100));
    assert!(
        seen.iter().all(|&byte| byte == 0),
        "what was cut off is wiped"
    );
    assert_eq!(pool.get(100).as_ptr(), address);
}

#[test]
fn buffers_compare_iterate_and_convert_as_slices_do() {
    let pool = BufferPool::new();
    let mut buf = pool.get_uninit(3).write_from_slice(b"abc");
    assert_eq!(buf, *b"abc");
    assert_eq!(buf, b"abc");
    assert_eq!(buf, b"abc"[..]);
    assert_eq!(buf, &b"abc"[..]);
    assert_eq!(buf, b"abc".to_vec());
    assert_ne!(buf, *b"abd");
    assert_ne!(buf, pool.get(3));
    let mut longer = pool.get(500);
    longer.truncate(3);
    longer.copy_from_slice(b"abc");
    longer.set_position(1);
    assert_eq!(buf, longer, "capacity and position do not count");

    for byte in &mut buf {
        *byte += 1;
    }
    let mut sum = 0;
    for &byte in &buf {
        sum += u32::from(byte);
    }
    assert_eq!(sum, 3 * u32::from(b'c'));
    let (left, right) = buf.split_at_mut(1);
    std::mem::swap(&mut left[0], &mut right[1]);
    assert_eq!(Vec::from(buf), b"dcb");
}
