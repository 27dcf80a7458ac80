//! The global pool: made on first use, shared by everybody, configured by the environment alone.

mod support;

use std::sync::Barrier;
use std::thread;
use support::{LIMIT, times, within};

#[zp::task]
fn workers(#[cx] cx: &mut zp::Context<'_>) -> usize {
    cx.pool().workers()
}

#[test]
fn joins_scopes_and_spawns_outside_every_pool_use_the_global_one() {
    within(LIMIT, || {
        let expected = zp::global().workers();
        assert!(expected >= 1);
        assert_eq!(zp::join!(workers(_), workers(_)), (expected, expected));
        assert_eq!(zp::scope(|s| s.spawn(workers {}).join()), expected);
        assert_eq!(zp::spawn(workers {}).wait().unwrap(), expected);
        assert!(std::ptr::eq(zp::global(), zp::global()));
    });
}

#[test]
fn the_first_use_may_come_from_many_threads_at_once() {
    within(LIMIT, || {
        let all = Barrier::new(8);
        thread::scope(|threads| {
            for n in 0..8 {
                let all = &all;
                threads.spawn(move || {
                    all.wait();
                    for _ in 0..times(100, 2) {
                        match n % 3 {
                            0 => assert_eq!(zp::join!(n, n), (n, n)),
                            1 => assert_eq!(zp::scope(|s| s.spawn(|| n).join()), n),
                            _ => assert_eq!(zp::spawn(move || n).wait().unwrap(), n),
                        }
                    }
                });
            }
        });
    });
}

#[test]
fn a_task_of_another_pool_does_not_use_the_global_one() {
    within(LIMIT, || {
        let pool = support::pool(3);
        let sizes = support::on_worker(&pool, || {
            let (joined,) = zp::join!(workers(_));
            (
                joined,
                zp::scope(|s| s.spawn(workers {}).join()),
                zp::spawn(workers {}).wait().unwrap(),
            )
        });
        assert_eq!(sizes, (3, 3, 3));
    });
}

/// In which order three tasks run that another one has spawned.
fn order_of_spawns() -> Vec<usize> {
    let (sender, order) = std::sync::mpsc::channel();
    support::on_worker(zp::global(), move || {
        for n in 0..3 {
            let sender = sender.clone();
            drop(zp::spawn(move || sender.send(n)));
        }
    });
    order.into_iter().collect()
}

/// Run by the tests below in a process of its own, with the environment they want.
#[test]
#[ignore = "started by other tests"]
fn child() {
    assert_eq!(zp::join!(1, 2), (1, 2));
    assert_eq!(zp::scope(|s| s.spawn(|| 3).join()), 3);
    println!("workers={}", zp::global().workers());
    println!("order={:?}", order_of_spawns());
    println!("explicit={}", zp::Pool::new().unwrap().workers());
}

#[cfg(not(miri))]
mod environment {
    use std::ffi::OsStr;
    use std::process::{Command, Output};
    use std::thread;

    fn child(variables: &[(&str, &OsStr)]) -> Output {
        Command::new(std::env::current_exe().unwrap())
            .args(["--ignored", "--exact", "child", "--nocapture"])
            .env_remove("ZEROPOOL_WORKERS")
            .env_remove("ZEROPOOL_STACK_SIZE")
            .env_remove("ZEROPOOL_SCHEDULING")
            .envs(variables.iter().copied())
            .output()
            .unwrap()
    }

    fn number(output: &Output, key: &str) -> usize {
        let text = String::from_utf8_lossy(&output.stdout);
        assert!(
            output.status.success(),
            "{text}\n{}",
            String::from_utf8_lossy(&output.stderr)
        );
        let at = text
            .find(key)
            .unwrap_or_else(|| panic!("no {key} in {text}"));
        let digits = text[at + key.len()..].split_whitespace().next().unwrap();
        digits.parse().unwrap()
    }

    fn complaints(output: &Output) -> Vec<String> {
        let text = String::from_utf8_lossy(&output.stderr);
        let lines = text.lines().filter(|line| line.contains("zeropool"));
        lines.map(str::to_owned).collect()
    }

    fn default() -> usize {
        thread::available_parallelism().unwrap().get()
    }

    #[test]
    fn without_variables_the_system_decides() {
        let output = child(&[]);
        assert_eq!(number(&output, "workers="), default());
        assert_eq!(complaints(&output), Vec::<String>::new());
    }

    #[test]
    fn a_good_number_of_workers_is_used_for_the_global_pool_only() {
        for value in ["1", "3", " 7 "] {
            let output = child(&[("ZEROPOOL_WORKERS", value.as_ref())]);
            assert_eq!(
                number(&output, "workers="),
                value.trim().parse::<usize>().unwrap()
            );
            assert_eq!(number(&output, "explicit="), default());
            assert_eq!(complaints(&output), Vec::<String>::new());
        }
    }

    #[test]
    fn a_bad_number_of_workers_is_reported_once_and_ignored() {
        for value in ["0", "many", "-1", "1025", "2.5", "99999999999999999999999"] {
            let output = child(&[("ZEROPOOL_WORKERS", value.as_ref())]);
            assert_eq!(number(&output, "workers="), default(), "{value}");
            let lines = complaints(&output);
            assert_eq!(lines.len(), 1, "{lines:?}");
            for part in ["ZEROPOOL_WORKERS", value, "1 to 1024"] {
                assert!(lines[0].contains(part), "{part} is missing: {}", lines[0]);
            }
        }
    }

    #[cfg(unix)]
    #[test]
    fn a_value_that_is_no_text_is_reported_once_and_ignored() {
        use std::os::unix::ffi::OsStrExt;
        let output = child(&[("ZEROPOOL_WORKERS", OsStr::from_bytes(b"\xff2"))]);
        assert_eq!(number(&output, "workers="), default());
        assert_eq!(complaints(&output).len(), 1);
    }

    #[test]
    fn the_stack_size_is_taken_or_reported() {
        let output = child(&[("ZEROPOOL_STACK_SIZE", "1048576".as_ref())]);
        assert_eq!(number(&output, "workers="), default());
        assert_eq!(complaints(&output), Vec::<String>::new());
        let output = child(&[
            ("ZEROPOOL_STACK_SIZE", "7".as_ref()),
            ("ZEROPOOL_WORKERS", "x".as_ref()),
        ]);
        assert_eq!(number(&output, "workers="), default());
        let lines = complaints(&output);
        assert_eq!(lines.len(), 2, "{lines:?}");
        assert!(
            lines
                .iter()
                .any(|line| line.contains("ZEROPOOL_STACK_SIZE") && line.contains('7'))
        );
    }

    #[test]
    fn the_scheduling_is_taken_or_reported() {
        let variable = "ZEROPOOL_SCHEDULING";
        for (value, order) in [
            ("work-stealing", "order=[2, 1, 0]"),
            ("global-fifo", "order=[0, 1, 2]"),
            (" locked ", "order=[0, 1, 2]"),
            ("fifo", "order=[2, 1, 0]"),
        ] {
            let output = child(&[
                (variable, value.as_ref()),
                ("ZEROPOOL_WORKERS", "1".as_ref()),
            ]);
            let text = String::from_utf8_lossy(&output.stdout);
            assert!(output.status.success() && text.contains(order), "{text}");
            let lines = complaints(&output);
            if value == "fifo" {
                assert_eq!(lines.len(), 1, "{lines:?}");
                for part in [variable, value, "work-stealing, global-fifo, locked"] {
                    assert!(lines[0].contains(part), "{part} is missing: {}", lines[0]);
                }
            } else {
                assert_eq!(lines, Vec::<String>::new());
            }
        }
    }
}
