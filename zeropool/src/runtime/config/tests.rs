use super::*;

fn from(pairs: &[(&str, &str)]) -> (Builder, Vec<String>) {
    let mut complaints = Vec::new();
    let builder = Builder::from_variables(
        |name| {
            let pair = pairs.iter().find(|pair| pair.0 == name)?;
            Some(pair.1.to_owned())
        },
        |complaint| complaints.push(complaint),
    );
    (builder, complaints)
}

#[test]
fn variables_are_read() {
    let (builder, complaints) = from(&[
        ("ZEROPOOL_WORKERS", "3"),
        ("ZEROPOOL_STACK_SIZE", "1048576"),
        ("ZEROPOOL_HEARTBEAT_US", "250"),
    ]);
    assert_eq!(builder.workers, Some(3));
    assert_eq!(builder.stack_size, 1 << 20);
    assert_eq!(builder.heartbeat, Duration::from_micros(250));
    assert!(complaints.is_empty());
}

#[test]
fn bad_variables_are_reported_and_ignored() {
    for bad in ["", "0", "-1", "many", "1025", "99999999999999999999999"] {
        let (builder, complaints) = from(&[("ZEROPOOL_WORKERS", bad)]);
        assert_eq!(builder.workers, None);
        assert_eq!(
            complaints,
            [format!(
                "ignoring ZEROPOOL_WORKERS={bad:?}; valid: 1 to 1024"
            )]
        );
    }
}

#[test]
fn a_bad_heartbeat_is_reported_and_ignored() {
    let (builder, complaints) = from(&[("ZEROPOOL_HEARTBEAT_US", "9")]);
    assert_eq!(builder.heartbeat, HEARTBEAT_DEFAULT);
    assert_eq!(
        complaints,
        ["ignoring ZEROPOOL_HEARTBEAT_US=\"9\"; valid: 10 to 1000000"]
    );
}

#[test]
fn bad_values_name_field_value_and_range() {
    let message = |builder: Builder| builder.build().unwrap_err().to_string();
    assert_eq!(
        message(Builder::new().workers(1025)),
        "invalid `workers`: 1025; valid: 1 to 1024"
    );
    assert_eq!(
        message(Builder::new().stack_size(1)),
        format!("invalid `stack_size`: 1; valid: 65536 to {STACK_SIZE_MAX}")
    );
    assert_eq!(
        message(Builder::new().workers(1).thread_name(|_| "a\0b".to_owned())),
        "invalid `thread_name`: \"a\\0b\"; valid: a name without NUL characters"
    );
}
