//! A pool from its making to its end: waiting until it is idle, what it does with panics nobody collects, and a
//! thousand of them.

use crate::support::{LIMIT, message, occupy, on_worker, panic_of, pool, times, within};
use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};
use std::sync::{Arc, Mutex};
use std::time::Duration;

#[test]
fn waiting_for_idleness_inside_a_task_panics_and_says_so() {
    within(LIMIT, || {
        let pool = pool(1);
        let inner = pool.clone();
        let text = panic_of(|| on_worker(&pool, move || inner.wait_idle()));
        assert!(
            text.contains("wait_idle") && text.contains("inside a task"),
            "{text}"
        );
        let inner = pool.clone();
        let text = panic_of(|| on_worker(&pool, move || inner.wait_idle_timeout(Duration::ZERO)));
        assert!(text.contains("wait_idle_timeout"), "{text}");
    });
}

#[test]
fn waiting_for_idleness_waits_for_what_tasks_spawn() {
    within(LIMIT, || {
        let pool = pool(2);
        pool.wait_idle();
        let ran = Arc::new(AtomicUsize::new(0));
        let (inner, count) = (pool.clone(), Arc::clone(&ran));
        drop(pool.spawn(move || {
            for _ in 0..10 {
                let (inner2, count) = (inner.clone(), Arc::clone(&count));
                drop(inner.spawn(move || drop(inner2.spawn(move || count.fetch_add(1, SeqCst)))));
            }
        }));
        pool.wait_idle();
        assert_eq!(ran.load(SeqCst), 10);
        let busy = occupy(&pool, 1);
        assert!(!pool.wait_idle_timeout(Duration::from_millis(5)));
        drop(busy);
        assert!(pool.wait_idle_timeout(Duration::MAX));
    });
}

#[test]
fn a_thousand_pools_are_created_and_dropped() {
    within(LIMIT, || {
        for n in 0..times(1000, 5) {
            let pool = pool(1 + n % 3);
            match n % 4 {
                0 => {}
                1 => drop(pool.spawn(move || n)),
                2 => assert_eq!(pool.scope(|s| s.spawn(|| n).join()), n),
                _ => assert_eq!(pool.install(|| zp::join!(n, n)), (n, n)),
            }
        }
    });
}

#[test]
fn the_panic_handler_gets_what_nobody_collects() {
    within(LIMIT, || {
        let heard = Arc::new(Mutex::new(Vec::new()));
        let hear = Arc::clone(&heard);
        let pool = zp::Pool::builder()
            .workers(2)
            .panic_handler(move |payload| {
                hear.lock().unwrap().push(message(&*payload));
                panic!("a handler that panics");
            })
            .build()
            .unwrap();
        drop(pool.spawn(|| panic!("detached")));
        pool.wait_idle();
        let late = pool.spawn(|| panic!("dropped late"));
        pool.wait_idle();
        drop(late);
        assert!(pool.spawn(|| panic!("collected")).wait().is_err());
        assert!(panic_of(|| pool.scope(|s| drop(s.spawn(|| panic!("scoped"))))) == "scoped");
        assert_eq!(*heard.lock().unwrap(), ["detached", "dropped late"]);
        assert_eq!(pool.spawn(|| 1).wait().unwrap(), 1);
    });
}
