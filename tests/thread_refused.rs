//! The operating system refuses a thread: `build` says so, and the threads it had started have ended.

#[cfg(all(target_os = "linux", not(miri)))]
mod support;

#[cfg(all(target_os = "linux", not(miri)))]
mod linux {
    use super::support::{LIMIT, within};
    use std::error::Error;
    use std::process::Command;
    use std::sync::Arc;
    use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};

    const GIB: usize = 1 << 30;

    fn threads() -> usize {
        std::fs::read_dir("/proc/self/task").unwrap().count()
    }

    /// Run by the test below in a process that may have 8 GiB of address space.
    #[test]
    #[ignore = "started by another test"]
    fn child() {
        within(LIMIT, || {
            let before = threads();
            let (started, ended) = (Arc::new(AtomicUsize::new(0)), Arc::new(AtomicUsize::new(0)));
            let (start, end) = (Arc::clone(&started), Arc::clone(&ended));
            let result = zp::Pool::builder()
                .workers(64)
                .stack_size(GIB)
                .on_thread_start(move |_| {
                    start.fetch_add(1, SeqCst);
                })
                .on_thread_exit(move |_| {
                    end.fetch_add(1, SeqCst);
                })
                .build();
            let error = result.expect_err("64 stacks of 1 GiB do not fit");
            let text = error.to_string();
            let zp::BuildError::Thread {
                index, ref source, ..
            } = error
            else {
                panic!("{error:?}");
            };
            assert!(index > 0 && index < 64, "some were started: {index}");
            assert!(source.raw_os_error().is_some());
            assert!(text.contains(&format!("worker {index}")), "{text}");
            assert!(error.source().is_some());
            assert_eq!((started.load(SeqCst), ended.load(SeqCst)), (index, index));
            // None is left, though the system may list one for a moment after it was joined.
            while threads() > before {
                std::thread::yield_now();
            }

            let pool = super::support::pool(2);
            assert_eq!(pool.scope(|s| s.spawn(|| 1).join()), 1);
            println!("refused at {index}");
        });
    }

    #[test]
    fn started_threads_end_again_if_a_later_one_is_refused() {
        within(LIMIT, || {
            let output = Command::new("sh")
                .args(["-c", "ulimit -v 8388608 || exit 77; exec \"$0\" \"$@\""])
                .arg(std::env::current_exe().unwrap())
                .args(["--ignored", "--exact", "linux::child", "--nocapture"])
                .output();
            let output = match output {
                Ok(output) if output.status.code() != Some(77) => output,
                other => {
                    eprintln!(
                        "SKIPPED: the address space of a process cannot be limited here: {other:?}"
                    );
                    return;
                }
            };
            let text = String::from_utf8_lossy(&output.stdout);
            let complaint = String::from_utf8_lossy(&output.stderr);
            assert!(output.status.success(), "{text}\n{complaint}");
            assert!(text.contains("refused at"), "{text}\n{complaint}");
        });
    }

    #[test]
    fn an_absurd_stack_size_is_an_error_or_works() {
        within(LIMIT, || {
            // Whether the system promises so much address space is its own affair.
            match zp::Pool::builder().workers(8).stack_size(1 << 40).build() {
                Ok(pool) => assert_eq!(pool.scope(|s| s.spawn(|| 1).join()), 1),
                Err(error) => assert!(matches!(error, zp::BuildError::Thread { .. }), "{error}"),
            }
        });
    }
}
