//! A folder of files with known digests, and programs run in it under a time limit.

use crate::finish;
use std::ffi::OsStr;
use std::fs;
use std::io::ErrorKind;
use std::os::unix::ffi::OsStrExt;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use tempfile::TempDir;

/// The test vectors of FIPS 180: nothing, three letters, and a million letters, which is several chunks.
pub(crate) const EMPTY: &str = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";
pub(crate) const ABC: &str = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
pub(crate) const MILLION: &str = "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0";

/// What a program left behind.
#[derive(Debug)]
pub(crate) struct Run {
    pub(crate) stdout: Vec<u8>,
    pub(crate) stderr: String,
    pub(crate) code: Option<i32>,
}

impl Run {
    /// The lines on standard error, but for the summary at the end.
    pub(crate) fn complaints(&self) -> Vec<&str> {
        self.stderr
            .lines()
            .filter(|line| !line.contains(" MB/s, "))
            .collect()
    }

    pub(crate) fn text(&self) -> &str {
        str::from_utf8(&self.stdout).expect("the names in this test are text")
    }
}

/// A temporary folder.
pub(crate) struct Tree(TempDir);

impl Tree {
    pub(crate) fn new() -> Self {
        Self(TempDir::new().unwrap())
    }

    pub(crate) fn path(&self) -> &Path {
        self.0.path()
    }

    /// Writes a file, and the folders it needs.
    pub(crate) fn file(&self, name: impl AsRef<[u8]>, content: impl AsRef<[u8]>) -> &Self {
        let path = self.path().join(OsStr::from_bytes(name.as_ref()));
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, content).unwrap();
        self
    }

    pub(crate) fn link(&self, name: &str, target: &str) -> &Self {
        std::os::unix::fs::symlink(target, self.path().join(name)).unwrap();
        self
    }

    pub(crate) fn pipe(&self, name: &str) -> &Self {
        use rustix::fs::{CWD, FileType, Mode, mknodat};
        mknodat(
            CWD,
            self.path().join(name),
            FileType::Fifo,
            Mode::RUSR | Mode::WUSR,
            0,
        )
        .unwrap();
        self
    }

    /// Runs `digest` in this folder.
    pub(crate) fn digest<A: AsRef<OsStr>>(&self, args: impl IntoIterator<Item = A>) -> Run {
        self.digest_with(args, b"")
    }

    /// Runs `digest` in this folder, with something on its standard input.
    pub(crate) fn digest_with<A: AsRef<OsStr>>(
        &self,
        args: impl IntoIterator<Item = A>,
        input: &[u8],
    ) -> Run {
        let program = env!("CARGO_BIN_EXE_digest");
        self.run(program, args, input)
            .expect("the program was built for this test")
    }

    /// Runs `sha256sum` in this folder; nothing if there is no such program.
    pub(crate) fn sha256sum<A: AsRef<OsStr>>(
        &self,
        args: impl IntoIterator<Item = A>,
        input: &[u8],
    ) -> Option<Run> {
        self.run("sha256sum", args, input)
    }

    fn run<A: AsRef<OsStr>>(
        &self,
        program: &str,
        args: impl IntoIterator<Item = A>,
        input: &[u8],
    ) -> Option<Run> {
        let mut command = Command::new(program);
        command
            .args(args)
            .current_dir(self.path())
            .env("LC_ALL", "C");
        command
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        match command.spawn() {
            Ok(child) => Some(finish(child, input)),
            Err(error) if error.kind() == ErrorKind::NotFound => None,
            Err(error) => panic!("{program}: {error}"),
        }
    }
}

/// Feeds the program, if it listens, and waits for its end.
pub(crate) fn finish(child: Child, input: &[u8]) -> Run {
    let output = finish::finish(child, input);
    Run {
        stdout: output.stdout,
        stderr: String::from_utf8_lossy(&output.stderr).into_owned(),
        code: output.status.code(),
    }
}
