//! A folder of files, and the program run in it under a time limit.

use crate::finish;
use safetensors::Dtype;
use safetensors::tensor::TensorView;
use std::ffi::OsStr;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use tempfile::TempDir;

/// What the program left behind.
#[derive(Debug)]
pub(crate) struct Run {
    pub(crate) stdout: String,
    pub(crate) stderr: String,
    pub(crate) code: Option<i32>,
}

/// A temporary folder, which is also the folder for temporary files of the programs run in it.
pub(crate) struct Folder(TempDir);

impl Folder {
    pub(crate) fn new() -> Self {
        Self(TempDir::new().unwrap())
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    pub(crate) fn write(&self, name: &str, bytes: impl AsRef<[u8]>) -> &Self {
        fs::write(self.path(name), bytes).unwrap();
        self
    }

    /// The names of the files in the folder, sorted.
    pub(crate) fn names(&self) -> Vec<String> {
        let mut names: Vec<_> = fs::read_dir(self.0.path())
            .unwrap()
            .map(|entry| entry.unwrap().file_name().into_string().unwrap())
            .collect();
        names.sort();
        names
    }

    /// A command that runs the program in this folder.
    pub(crate) fn command(&self) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_tensors"));
        command
            .current_dir(self.0.path())
            .env("TMPDIR", self.0.path())
            .env("LC_ALL", "C")
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        command
    }

    /// Runs the program in this folder.
    pub(crate) fn run<A: AsRef<OsStr>>(&self, args: impl IntoIterator<Item = A>) -> Run {
        finish(self.command().args(args).spawn().unwrap())
    }

    /// The one line that the program says about a file that is not right, without the program's and the file's name.
    #[track_caller]
    pub(crate) fn complaint(&self, name: &str) -> String {
        let run = self.run(["--runs", "1", name]);
        assert_eq!((run.stdout.as_str(), run.code), ("", Some(1)), "{run:?}");
        assert_eq!(run.stderr.lines().count(), 1, "{run:?}");
        let line = run.stderr.trim_end();
        let reason = line.strip_prefix(&format!("tensors: {name}: "));
        reason.unwrap_or_else(|| panic!("{line}")).to_owned()
    }
}

/// Waits for the end of the program.
pub(crate) fn finish(child: Child) -> Run {
    let output = finish::finish(child, b"");
    Run {
        stdout: String::from_utf8(output.stdout).unwrap(),
        stderr: String::from_utf8(output.stderr).unwrap(),
        code: output.status.code(),
    }
}

/// One tensor of a file made for a test.
pub(crate) struct Sample {
    pub(crate) name: String,
    pub(crate) dtype: Dtype,
    pub(crate) shape: Vec<usize>,
    pub(crate) bytes: Vec<u8>,
}

impl Sample {
    /// Bytes without a pattern that a part could share with another.
    pub(crate) fn new(name: &str, dtype: Dtype, shape: &[usize]) -> Self {
        let len = shape.iter().product::<usize>() * dtype.bitsize() / 8;
        let mut state = name.bytes().fold(1_u32, |hash, byte| {
            hash.wrapping_mul(31).wrapping_add(u32::from(byte) + 1)
        });
        let mut byte = || {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            (state >> 24) as u8
        };
        Self {
            name: name.to_owned(),
            dtype,
            shape: shape.to_vec(),
            bytes: (0..len).map(|_| byte()).collect(),
        }
    }
}

/// The file with these tensors, as the `safetensors` crate writes it.
pub(crate) fn serialize(samples: &[Sample]) -> Vec<u8> {
    let views = samples.iter().map(|sample| {
        let view = TensorView::new(sample.dtype, sample.shape.clone(), &sample.bytes).unwrap();
        (sample.name.clone(), view)
    });
    safetensors::serialize(views, None).unwrap()
}

/// A file of one tensor, for tests that do not care what is in it.
pub(crate) fn small_file() -> Vec<u8> {
    serialize(&[Sample::new("t", Dtype::F32, &[2, 3])])
}

/// Whether permissions mean anything to this user.
pub(crate) fn is_root(folder: &Path) -> bool {
    use std::os::unix::fs::PermissionsExt;
    let probe = folder.join("probe");
    fs::write(&probe, "").unwrap();
    fs::set_permissions(&probe, fs::Permissions::from_mode(0o000)).unwrap();
    fs::read(&probe).is_ok()
}
