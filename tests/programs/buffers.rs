//! Buffers that are asked for, held and returned in every way; each must be zero, and stay its holder's.

use crate::parallel::{Run, Value, eval};
use crate::program::{Id, Lend, Loan, Return};
use std::sync::Arc;
use std::thread;
use std::time::Duration;
use zp::{Buf, BufError};

#[zp::task]
fn lent(run: &Arc<Run>, child: Id, len: usize, #[buf(len)] bytes: &mut [u8]) -> Value {
    check(run, bytes, 0, "was not zero when lent to a task");
    bytes.fill(mark(child));
    let value = eval(run, child);
    check(run, bytes, mark(child), "was changed while it was lent");
    value
}

#[zp::task]
fn given(len: usize, #[buf(len)] buf: Buf) -> Buf {
    buf
}

fn mark(child: Id) -> u8 {
    child as u8 | 1
}

/// Where a byte is not `expected`. Whole pieces are compared first: under a sanitizer that is all the time a program takes.
pub(crate) fn find_other(bytes: &[u8], expected: u8) -> Option<usize> {
    let piece = [expected; 4096];
    let mut pieces = bytes.chunks(piece.len());
    let at = pieces.position(|bytes| *bytes != piece[..bytes.len()])?;
    let begin = at * piece.len();
    let within = bytes[begin..].iter().position(|&byte| byte != expected);
    within.map(|within| begin + within)
}

fn check(run: &Run, bytes: &[u8], expected: u8, what: &str) {
    if let Some(at) = find_other(bytes, expected) {
        let len = bytes.len();
        run.complain(format!(
            "a buffer of {len} bytes {what}: byte {at} is {}",
            bytes[at]
        ));
    }
}

/// The child while a buffer is held.
pub(crate) fn hold(run: &Arc<Run>, loan: Loan, child: Id) -> Value {
    let len = loan.len;
    if loan.capped {
        return match capped(run, loan) {
            Some(buf) => held(run, loan, child, buf),
            None => eval(run, child),
        };
    }
    match loan.how {
        Lend::Get => held(run, loan, child, run.open.get(len)),
        Lend::Uninit => {
            let buf = run.open.get_uninit(len).fill(mark(child));
            check(run, &buf, mark(child), "was filled");
            held(run, loan, child, buf.write_again(0))
        }
        Lend::Untouched => {
            let buf = run.open.get_uninit(len);
            let value = eval(run, child);
            if len.is_multiple_of(2) {
                check(run, &buf.zeroed(), 0, "was to be zeroed");
            }
            value
        }
        Lend::Task => zp::scope(|s| s.spawn(lent::new(run, child, len)).join()),
        Lend::Given => {
            let buf = zp::scope(|s| s.spawn(given::new(len)).join());
            held(run, loan, child, buf)
        }
    }
}

/// All of it written anew, for a buffer that came filled.
trait WriteAgain {
    fn write_again(self, byte: u8) -> Self;
}

impl WriteAgain for Buf {
    fn write_again(mut self, byte: u8) -> Self {
        self.fill(byte);
        self
    }
}

/// It may be refused, for good reason.
fn capped(run: &Run, loan: Loan) -> Option<Buf> {
    let result = match loan.how {
        Lend::Uninit => run.capped.get_timeout(loan.len, Duration::from_micros(100)),
        _ => run.capped.try_get(loan.len),
    };
    match result {
        Ok(buf) => Some(buf),
        Err(BufError::Exhausted { .. } | BufError::TimedOut { .. } | BufError::TooLarge { .. }) => {
            None
        }
        Err(error) => {
            run.complain(format!("{error}"));
            None
        }
    }
}

fn held(run: &Arc<Run>, loan: Loan, child: Id, mut buf: Buf) -> Value {
    check(run, &buf, 0, "was not zero");
    if buf.len() != loan.len {
        run.complain(format!("{} bytes instead of {}", buf.len(), loan.len));
    }
    buf.fill(mark(child));
    let value = eval(run, child);
    check(run, &buf, mark(child), "was changed while it was held");
    match loan.end {
        Return::Drop => drop(buf),
        Return::Truncate => {
            buf.resize(buf.capacity());
            check(run, &buf[loan.len..], 0, "has grown");
            buf.fill(0xFF);
            buf.truncate(loan.len / 2);
        }
        Return::Thread => {
            if thread::spawn(move || drop(buf)).join().is_err() {
                run.complain("the drop of a buffer panicked".to_owned());
            }
        }
        Return::Task => drop(zp::spawn(move || drop(buf))),
        Return::Freeze => {
            let bytes = buf.freeze();
            let view = bytes.slice(bytes.len() / 2..);
            drop(bytes);
            let (run, mark) = (Arc::clone(run), mark(child));
            drop(zp::spawn(move || {
                check(&run, &view, mark, "was changed while frozen")
            }));
        }
        Return::IntoVec => {
            let bytes = buf.into_vec();
            check(run, &bytes, mark(child), "was taken out");
            if bytes.len() != loan.len {
                run.complain(format!("{} bytes taken out", bytes.len()));
            }
        }
    }
    value
}

/// Waits in line, holding nothing that others wait for.
pub(crate) fn queue(run: &Run, len: usize) {
    let mut buf = run.line.get(len);
    check(run, &buf, 0, "was not zero in line");
    buf.fill(0x3C);
    check(run, &buf, 0x3C, "was changed in line");
}
