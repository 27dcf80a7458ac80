//! The crates on disk, and building them.

use crate::source::{Form, Use, library};
use std::cell::Cell;
use std::fmt::{self, Display};
use std::ops::Sub;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Instant;
use std::{env, fs};

/// Seconds.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Cost {
    /// Of all compilers, and of cargo.
    pub(crate) processor: f64,
    pub(crate) clock: f64,
}

impl Cost {
    pub(crate) fn median(costs: &[Self]) -> Self {
        let median = |of: fn(&Self) -> f64| {
            let mut values = Vec::from_iter(costs.iter().map(of));
            values.sort_by(f64::total_cmp);
            (values[(values.len() - 1) / 2] + values[values.len() / 2]) / 2.0
        };
        Self {
            processor: median(|cost| cost.processor),
            clock: median(|cost| cost.clock),
        }
    }
}

impl Sub for Cost {
    type Output = Self;

    fn sub(self, other: Self) -> Self {
        Self {
            processor: self.processor - other.processor,
            clock: self.clock - other.clock,
        }
    }
}

impl Display for Cost {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:.2} ({:.2})", self.processor, self.clock)
    }
}

/// A workspace with a crate for each form and count, in a folder that is deleted at the end.
pub(crate) struct Crates {
    folder: PathBuf,
    versions: Cell<usize>,
}

impl Crates {
    pub(crate) fn create(counts: &[usize]) -> Self {
        let folder = env::temp_dir().join(format!("zeropool-macro-cost-{}", std::process::id()));
        let repository = Path::new(env!("CARGO_MANIFEST_DIR"))
            .parent()
            .expect("benches/ is in the repository");
        let crates = Self {
            folder,
            versions: Cell::new(0),
        };
        let names = Form::ALL
            .iter()
            .flat_map(|&form| counts.iter().map(move |&count| name(form, count)));
        for name in names {
            let manifest = format!(
                "[package]\nname = \"{name}\"\nedition = \"2024\"\n[dependencies]\nzeropool = {{ path = {:?} }}\n",
                repository.join("zeropool")
            );
            crates.write(&format!("{name}/Cargo.toml"), &manifest);
            crates.write(&format!("{name}/src/lib.rs"), "");
        }
        crates.write(
            "Cargo.toml",
            "[workspace]\nresolver = \"3\"\nmembers = [\"*_*\"]\n",
        );
        // The versions of the repository.
        let lock = fs::read_to_string(repository.join("Cargo.lock"))
            .expect("the repository has a lock file");
        crates.write("Cargo.lock", &lock);
        crates
    }

    /// Builds what all of them need, and says what the two crates of this repository take of it.
    pub(crate) fn build_once(&self) -> Vec<(&'static str, Cost)> {
        self.cargo(&["build", "--workspace"], false);
        let again = |package: &str| {
            self.cargo(&["clean", "-p", package], false);
            self.cargo(&["build", "-p", package], false)
        };
        let macros = again("zeropool-macros");
        let library = again("zeropool");
        vec![
            ("zeropool-macros, after syn", macros),
            ("zeropool", library),
        ]
    }

    /// Builds one of them anew.
    pub(crate) fn build(&self, form: Form, usage: Use, count: usize) -> Cost {
        let (name, incremental) = (name(form, count), usage == Use::Changed);
        let build = || {
            self.versions.set(self.versions.get() + 1);
            let text = library(form, usage, count, self.versions.get());
            self.write(&format!("{name}/src/lib.rs"), &text);
            self.cargo(&["build", "-p", &name], incremental)
        };
        if incremental {
            build();
        }
        build()
    }

    fn write(&self, path: &str, text: &str) {
        let path = self.folder.join(path);
        fs::create_dir_all(path.parent().expect("in a folder")).expect("a folder can be made");
        fs::write(path, text).expect("a file can be written");
    }

    fn cargo(&self, args: &[&str], incremental: bool) -> Cost {
        let mut command = Command::new(env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
        command
            .current_dir(&self.folder)
            .args(["--quiet", "--offline"])
            .args(args)
            .env("CARGO_TARGET_DIR", self.folder.join("target"))
            .env("CARGO_INCREMENTAL", if incremental { "1" } else { "0" });
        let (began, before) = (Instant::now(), processor_time_of_children());
        let output = command.output().expect("cargo can be started");
        let cost = Cost {
            processor: processor_time_of_children() - before,
            clock: began.elapsed().as_secs_f64(),
        };
        if !output.status.success() {
            let text = String::from_utf8_lossy(&output.stderr);
            // Of a thousand equal mistakes the first will do.
            let beginning: String = text.chars().take(2000).collect();
            panic!("cargo {args:?}: {beginning}");
        }
        cost
    }
}

impl Drop for Crates {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.folder);
    }
}

fn name(form: Form, count: usize) -> String {
    format!("{}_{count}", form.name())
}

/// Of those that have ended, and of theirs: fields 16 and 17 of `/proc/self/stat`, in hundredths of a second.
fn processor_time_of_children() -> f64 {
    let stat = fs::read_to_string("/proc/self/stat").expect("Linux");
    // The second field is a name in brackets, which may hold blanks.
    let (_, fields) = stat.rsplit_once(") ").expect("fields");
    let ticks = fields.split(' ').skip(13).take(2);
    ticks
        .map(|ticks| ticks.parse::<f64>().expect("a number"))
        .sum::<f64>()
        / 100.0
}
