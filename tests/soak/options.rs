//! The arguments.

const USAGE: &str = "arguments: [--seed N] [--seconds S | --programs P] [--faults] [--describe]";

/// What to do.
#[derive(Debug)]
pub(crate) struct Options {
    /// Of the first program; the next has the next one.
    pub(crate) seed: u64,
    /// For so long; without, and without `programs`, for ever.
    pub(crate) seconds: Option<u64>,
    /// So many.
    pub(crate) programs: Option<u64>,
    /// With disturbances.
    pub(crate) faults: bool,
    /// Print the first program instead.
    pub(crate) describe: bool,
}

impl Options {
    /// Without a seed, the time is one.
    pub(crate) fn from_args(mut args: impl Iterator<Item = String>) -> Result<Self, String> {
        let now = std::time::SystemTime::now();
        let since = now.duration_since(std::time::UNIX_EPOCH);
        let mut options = Self {
            seed: since.map_or(0, |since| since.as_nanos() as u64),
            seconds: None,
            programs: None,
            faults: false,
            describe: false,
        };
        while let Some(arg) = args.next() {
            let mut number = || {
                let value = args.next().unwrap_or_default();
                value
                    .parse::<u64>()
                    .map_err(|_| format!("{arg} takes a number, not {value:?}; {USAGE}"))
            };
            match arg.as_str() {
                "--seed" => options.seed = number()?,
                "--seconds" => options.seconds = Some(number()?),
                "--programs" => options.programs = Some(number()?),
                "--faults" => options.faults = true,
                "--describe" => options.describe = true,
                _ => return Err(format!("unknown argument {arg:?}; {USAGE}")),
            }
        }
        Ok(options)
    }
}
