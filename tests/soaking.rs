//! A short run of the binary `soak`: random programs against their sequential interpretation, undisturbed and disturbed.

#[cfg(not(miri))]
mod run {
    use std::process::{Command, Output};
    use std::time::{Duration, Instant};

    fn soak(args: &[&str]) -> Output {
        Command::new(env!("CARGO_BIN_EXE_soak"))
            .args(args)
            .output()
            .unwrap()
    }

    /// It must say what it has done, and it has its own limit for a hang.
    fn check(args: &[&str]) {
        let began = Instant::now();
        let output = soak(args);
        let text = String::from_utf8_lossy(&output.stdout);
        let complaint = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "{text}\n{complaint}");
        let summary = text.lines().last().unwrap();
        let programs = summary.split(' ').next().unwrap();
        assert!(programs.parse::<u64>().unwrap() > 0, "{text}");
        assert!(began.elapsed() < Duration::from_secs(300), "{text}");
    }

    #[test]
    fn random_programs_do_what_their_interpreter_says() {
        check(&["--seed", "1", "--seconds", "10"]);
    }

    #[test]
    #[cfg(target_os = "linux")]
    fn random_programs_survive_refusals_and_interruptions() {
        check(&["--seed", "1000000", "--seconds", "5", "--faults"]);
    }

    #[test]
    fn arguments_that_make_no_sense_are_refused() {
        let output = soak(&["--seed", "many"]);
        assert_eq!(output.status.code(), Some(2));
        let complaint = String::from_utf8_lossy(&output.stderr);
        assert!(complaint.contains("--seed takes a number"), "{complaint}");
    }
}
