//! The end of a program under test. Shared by the tests of this folder's programs.

use std::io::{Read, Write};
use std::process::{Child, Output};
use std::thread;
use std::time::{Duration, Instant};

/// Far more than any run here takes: what is still running then hangs.
const TIME_LIMIT: Duration = Duration::from_secs(60);

/// Feeds the program, if it listens, and waits for its end.
pub(crate) fn finish(mut child: Child, input: &[u8]) -> Output {
    if let Some(mut stdin) = child.stdin.take() {
        // A program that ends before it has read everything is none of this test's business.
        let _ = stdin.write_all(input);
    }
    let stdout = child.stdout.take().map(drain);
    let stderr = child.stderr.take().map(drain);
    let deadline = Instant::now() + TIME_LIMIT;
    let status = loop {
        if let Some(status) = child.try_wait().unwrap() {
            break status;
        }
        if Instant::now() > deadline {
            child.kill().unwrap();
            panic!("the program hangs");
        }
        thread::sleep(Duration::from_millis(2));
    };
    let read = |pipe: Option<thread::JoinHandle<_>>| {
        pipe.map_or_else(Vec::new, |pipe| pipe.join().unwrap())
    };
    Output {
        status,
        stdout: read(stdout),
        stderr: read(stderr),
    }
}

fn drain(mut pipe: impl Read + Send + 'static) -> thread::JoinHandle<Vec<u8>> {
    thread::spawn(move || {
        let mut bytes = Vec::new();
        pipe.read_to_end(&mut bytes).unwrap();
        bytes
    })
}
