//! The command line.

use clap::Parser;
use std::num::NonZeroUsize;
use std::path::PathBuf;

/// The largest file that is made.
const SIZE_MAX: u64 = 1_000_000_000_000;

/// Loads a file of tensors in parallel through pooled buffers, and compares that with loading it into fresh vectors.
///
/// Each way is timed with the file in the page cache, and has to find the same digest for every tensor.
#[derive(Debug, Parser)]
#[command(name = "tensors", version)]
pub(crate) struct Args {
    /// A file in the safetensors format [default: one of random bits, made in the folder for temporary files and kept].
    pub(crate) file: Option<PathBuf>,

    /// How many threads load [default: one per core].
    #[arg(short, long, value_name = "N", value_parser = count)]
    pub(crate) threads: Option<NonZeroUsize>,

    /// How many bytes of tensors the file that is made has.
    #[arg(short, long, value_name = "BYTES", default_value_t = 500_000_000, conflicts_with = "file",
          value_parser = clap::value_parser!(u64).range(..=SIZE_MAX))]
    pub(crate) size: u64,

    /// How often each way is timed, in turn with the others; the median counts.
    #[arg(short, long, value_name = "N", default_value = "5", value_parser = count)]
    pub(crate) runs: NonZeroUsize,

    /// Prints the digest, type, shape and name of every tensor, in the order of the file.
    #[arg(short, long)]
    pub(crate) digests: bool,
}

fn count(text: &str) -> Result<NonZeroUsize, String> {
    text.parse()
        .map_err(|_| "expected a number, 1 or more".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(args: &[&str]) -> Result<Args, clap::Error> {
        Args::try_parse_from([&["tensors"], args].concat())
    }

    #[test]
    fn everything_has_a_default() {
        let args = parse(&[]).unwrap();
        assert_eq!((args.file, args.threads), (None, None));
        assert_eq!((args.size, args.runs.get()), (500_000_000, 5));
    }

    #[test]
    fn a_size_is_that_of_a_file_to_be_made() {
        assert_eq!(parse(&["--size", "0"]).unwrap().size, 0);
        assert!(parse(&["--size", "10", "model"]).is_err());
        assert!(parse(&["--size", "1000000000001"]).is_err());
        assert!(parse(&["--size", "-1"]).is_err());
    }

    #[test]
    fn counts_start_at_one() {
        assert_eq!(count("3").unwrap().get(), 3);
        for text in ["0", "-1", "many", "", "99999999999999999999"] {
            assert_eq!(count(text).unwrap_err(), "expected a number, 1 or more");
        }
    }
}
