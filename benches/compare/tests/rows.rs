//! Every row with a tiny size, for every contender, with one worker and with several: all results are right.

use compare::contest::Batch;
use compare::group::{GROUPS, Kind, Needs, Row};
use compare::measure::{Limits, measure};
use compare::peers::{Pools, Role};
use compare::plot;
use compare::report::{Table, csv};
use std::num::NonZeroUsize;
use std::time::Duration;

const LIMITS: Limits = Limits {
    rounds: Some(2),
    batch: Duration::from_micros(500),
    budget: Duration::from_secs(1),
    cold_joins: 3,
    cold_idle: Duration::from_millis(1),
};

fn pools(workers: usize) -> Pools {
    Pools::new(NonZeroUsize::new(workers).expect("not 0"))
}

fn rows(workers: usize) -> impl Iterator<Item = (&'static str, &'static Row)> {
    let all = GROUPS
        .iter()
        .flat_map(|group| group.rows.iter().map(move |row| (group.name, row)));
    all.filter(move |(_, row)| workers > 1 || row.needs != Needs::Several)
}

#[test]
fn every_contender_is_right_at_every_row() {
    for workers in [1, 2, 3] {
        let pools = pools(workers);
        for (_, row) in rows(workers) {
            let mut contest = (row.make)(&pools, row.tiny);
            for contender in &mut contest.contenders {
                let done = contender.run(Batch { warm: 2, timed: 20 });
                let what = format!("{}, {}, {workers} workers", row.name, contender.name);
                assert_eq!(done.got, contest.expected, "{what}");
            }
        }
    }
}

#[test]
fn a_row_can_be_measured_and_reported() {
    let pools = pools(2);
    let mut tables = Vec::new();
    for (group, row) in rows(2) {
        let mut contest = (row.make)(&pools, row.tiny);
        let times = measure(row, 2, &mut contest, &LIMITS).expect("right results");
        assert_eq!(times.len(), contest.contenders.len());
        let samples = if row.kind == Kind::Cold { 3 } else { 2 };
        assert!(times.iter().all(|times| times.samples.len() == samples));
        let table = Table::new(group, row, 2, &contest, &times);
        assert!(table.text().contains(row.name));
        assert!(table.entries.iter().all(|entry| entry.to_sequential > 0.0));
        tables.push(table);
    }
    let lines = csv(&tables).lines().count();
    let entries: usize = tables.iter().map(|table| table.entries.len()).sum();
    assert_eq!(lines, entries + 1);
    let folder = std::path::Path::new(env!("CARGO_TARGET_TMPDIR"));
    let paths = plot::draw(folder, &tables).expect("a folder to draw into");
    assert_eq!(paths.len(), GROUPS.len());
}

#[test]
fn a_wrong_result_names_row_and_contender() {
    let pools = pools(1);
    let (_, row) = rows(1).next().expect("a row");
    let mut contest = (row.make)(&pools, row.tiny);
    contest.expected += 1;
    let wrong = measure(row, 1, &mut contest, &LIMITS).expect_err("it was made wrong");
    let text = wrong.to_string();
    for part in [row.name, "sequential", "expected", "got"] {
        assert!(text.contains(part), "{text}");
    }
}

#[test]
fn every_row_has_a_sequential_run_and_us_and_a_peer() {
    let pools = pools(2);
    for (group, row) in rows(2) {
        let contest = (row.make)(&pools, row.tiny);
        let count = |role| {
            contest
                .contenders
                .iter()
                .filter(|it| it.role == role)
                .count()
        };
        // Joins have two orders of arms.
        let sequential = if group == "join" { 2 } else { 1 };
        assert_eq!(count(Role::Sequential), sequential, "{}", row.name);
        assert!(count(Role::Us) >= 1, "{}", row.name);
        assert!(count(Role::Peer) >= 1, "{}", row.name);
    }
}

#[test]
fn names_of_contenders_are_unique_in_a_row() {
    let pools = pools(2);
    for (_, row) in rows(2) {
        let contest = (row.make)(&pools, row.tiny);
        let mut names: Vec<_> = contest.contenders.iter().map(|it| it.name).collect();
        let count = names.len();
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), count, "{}", row.name);
    }
}

#[test]
fn rows_of_shared_work_say_how_far_from_ideal() {
    let pools = pools(2);
    let (group, row) = rows(2)
        .find(|(_, row)| row.kind == Kind::Shared)
        .expect("a row");
    let mut contest = (row.make)(&pools, row.tiny);
    let times = measure(row, 2, &mut contest, &LIMITS).expect("right results");
    let table = Table::new(group, row, 2, &contest, &times);
    assert!(table.text().contains("over ideal"));
    let percentages = table.text().matches(" %").count();
    // The spread for all, the distance for all but the sequential one.
    assert_eq!(percentages, 2 * contest.contenders.len() - 1);
}

#[test]
fn names_are_unique() {
    let mut names: Vec<_> = rows(2).map(|(group, row)| (group, row.name)).collect();
    let count = names.len();
    names.sort_unstable();
    names.dedup();
    assert_eq!(names.len(), count);
}
