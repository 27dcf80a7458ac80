//! The command line.

use clap::Parser;
use std::num::NonZeroUsize;
use std::path::PathBuf;

/// Prints the SHA-256 of every regular file below the paths, as `sha256sum` prints it, several files at a time.
///
/// The lines are sorted by path, byte by byte, as by `LC_ALL=C sort`. Symbolic links are followed when they are
/// named on the command line, and passed over below it.
#[derive(Debug, Parser)]
#[command(name = "digest", version)]
pub(crate) struct Args {
    /// Files and folders; `-` is standard input. A path given twice is listed twice.
    #[arg(value_name = "PATH", default_value = ".", conflicts_with = "check")]
    pub(crate) paths: Vec<PathBuf>,

    /// How many files to read at a time [default: one per core].
    #[arg(short, long, value_name = "N", value_parser = worker_count)]
    pub(crate) workers: Option<NonZeroUsize>,

    /// Verifies the files listed in FILE, as `sha256sum --check` does; `-` is standard input.
    #[arg(short, long, value_name = "FILE")]
    pub(crate) check: Option<PathBuf>,
}

fn worker_count(text: &str) -> Result<NonZeroUsize, String> {
    let count: usize = text
        .parse()
        .map_err(|_| "expected a number, 1 or more".to_owned())?;
    NonZeroUsize::new(count).ok_or_else(|| "at least 1 worker is needed".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_default_to_the_current_folder() {
        let args = Args::try_parse_from(["digest"]).unwrap();
        assert_eq!(args.paths, [PathBuf::from(".")]);
        assert_eq!(args.workers, None);
    }

    #[test]
    fn check_needs_no_paths_and_takes_none() {
        assert!(Args::try_parse_from(["digest", "--check", "list"]).is_ok());
        assert!(Args::try_parse_from(["digest", "--check", "list", "path"]).is_err());
    }

    #[test]
    fn worker_counts_start_at_one() {
        assert_eq!(worker_count("3").unwrap().get(), 3);
        assert_eq!(
            worker_count("0").unwrap_err(),
            "at least 1 worker is needed"
        );
        assert!(worker_count("-1").is_err());
        assert!(worker_count("many").is_err());
    }
}
