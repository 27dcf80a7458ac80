//! What was measured, as tables and as CSV.

use crate::contest::Contest;
use crate::group::{Kind, Needs, Row};
use crate::measure::Times;
use crate::peers::{Order, Role};
use crate::stats::Summary;
use std::fmt::Write;

/// One contender at one row with one worker count.
#[derive(Debug, Clone)]
pub struct Entry {
    /// Who.
    pub name: &'static str,
    /// What it is to the others.
    pub role: Role,
    /// Operations per batch.
    pub batch: u64,
    /// Nanoseconds per operation.
    pub ns: Summary,
    /// Its median in sequential medians, those of the run in the same order of arms.
    pub to_sequential: f64,
    /// Its median in medians of the best peer.
    pub to_best_peer: f64,
}

/// One row with one worker count.
#[derive(Debug, Clone)]
pub struct Table {
    /// The group's name.
    pub group: &'static str,
    /// The row's name.
    pub row: &'static str,
    shows: &'static str,
    kind: Kind,
    needs: Needs,
    /// How many threads worked; says nothing about rows with threads of their own.
    pub workers: usize,
    /// The contenders.
    pub entries: Vec<Entry>,
}

impl Table {
    /// Puts together what `contest` and `times`, which is in its order, say about `row`.
    pub fn new(
        group: &'static str,
        row: &Row,
        workers: usize,
        contest: &Contest<'_>,
        times: &[Times],
    ) -> Self {
        let measured: Vec<_> = contest
            .contenders
            .iter()
            .zip(times)
            .filter_map(|(contender, times)| {
                Some((contender, times.batch, Summary::of(&times.samples)?))
            })
            .collect();
        let sequential = |order: Order| {
            measured
                .iter()
                .find(|(contender, ..)| {
                    contender.role == Role::Sequential && contender.order == order
                })
                .map_or(f64::NAN, |(_, _, ns)| ns.median)
        };
        let best_peer = measured
            .iter()
            .filter(|(contender, ..)| contender.role == Role::Peer)
            .map(|(_, _, ns)| ns.median)
            .fold(f64::NAN, f64::min);
        let entries = measured
            .iter()
            .map(|&(contender, batch, ns)| Entry {
                name: contender.name,
                role: contender.role,
                batch,
                ns,
                to_sequential: ns.median / sequential(contender.order),
                to_best_peer: ns.median / best_peer,
            })
            .collect();
        Self {
            group,
            row: row.name,
            shows: row.shows,
            kind: row.kind,
            needs: row.needs,
            workers,
            entries,
        }
    }

    /// For people.
    pub fn text(&self) -> String {
        let columns: &[&str] = match self.kind {
            Kind::Hot => &[
                "contender",
                "median",
                "x sequential",
                "x best peer",
                "spread",
            ],
            Kind::Shared => &[
                "contender",
                "median",
                "x sequential",
                "x best peer",
                "spread",
                "over ideal",
            ],
            Kind::Baseline => &[
                "contender",
                "median",
                "over baseline",
                "x baseline",
                "x best peer",
                "spread",
            ],
            Kind::Cold => &[
                "contender",
                "p50",
                "p90",
                "p99",
                "max",
                "x sequential",
                "x best peer",
            ],
        };
        let mut lines = vec![columns.iter().map(ToString::to_string).collect()];
        lines.extend(self.entries.iter().map(|entry| self.cells(entry)));
        let workers = match (self.needs, self.workers) {
            (Needs::Nothing, _) => String::new(),
            (_, 1) => ", 1 worker".to_owned(),
            (_, workers) => format!(", {workers} workers"),
        };
        format!(
            "{}/{}{workers}: {}\n{}",
            self.group,
            self.row,
            self.shows,
            aligned(&lines)
        )
    }

    fn cells(&self, entry: &Entry) -> Vec<String> {
        let Entry { name, ns, .. } = entry;
        // Against itself a sequential run is 1; it says nothing.
        let to_sequential = match entry.role {
            Role::Sequential => "-".to_owned(),
            Role::Us | Role::Peer => format!("{:.2}", entry.to_sequential),
        };
        let to_best_peer = match entry.to_best_peer.is_nan() {
            true => "-".to_owned(),
            false => format!("{:.2}", entry.to_best_peer),
        };
        let mut cells = vec![(*name).to_owned()];
        match self.kind {
            Kind::Hot | Kind::Shared => {
                let spread = format!("{:.1} %", ns.spread() * 100.0);
                cells.extend([time(ns.median), to_sequential, to_best_peer, spread]);
                if self.kind == Kind::Shared {
                    cells.push(self.over_ideal(entry));
                }
            }
            Kind::Baseline => {
                let over = match entry.role {
                    Role::Sequential => "-".to_owned(),
                    Role::Us | Role::Peer => {
                        difference(ns.median - ns.median / entry.to_sequential)
                    }
                };
                cells.extend([time(ns.median), over, to_sequential, to_best_peer]);
                cells.push(format!("{:.1} %", ns.spread() * 100.0));
            }
            Kind::Cold => {
                cells.extend([ns.median, ns.p90, ns.p99, ns.max].map(time));
                cells.extend([to_sequential, to_best_peer]);
            }
        }
        cells
    }

    /// How much longer it takes than a share of the sequential time for each worker.
    fn over_ideal(&self, entry: &Entry) -> String {
        if entry.role == Role::Sequential {
            return "-".to_owned();
        }
        let in_ideals = entry.to_sequential * self.workers as f64;
        format!("{:+.1} %", (in_ideals - 1.0) * 100.0)
    }
}

/// A time with three or four digits and the unit that fits it.
pub fn time(ns: f64) -> String {
    let (value, unit) = match ns {
        ns if ns < 1e3 => (ns, "ns"),
        ns if ns < 1e6 => (ns / 1e3, "µs"),
        ns => (ns / 1e6, "ms"),
    };
    let decimals = match value {
        value if value < 10.0 => 2,
        value if value < 100.0 => 1,
        _ => 0,
    };
    format!("{value:.decimals$} {unit}")
}

/// A time with its sign.
fn difference(ns: f64) -> String {
    let sign = if ns < 0.0 { "-" } else { "+" };
    format!("{sign}{}", time(ns.abs()))
}

/// The first column to the left, the others to the right.
fn aligned(lines: &[Vec<String>]) -> String {
    let columns = lines.iter().map(Vec::len).max().unwrap_or(0);
    let width = |column: usize| {
        let cells = lines.iter().filter_map(|line| line.get(column));
        cells.map(|cell| cell.chars().count()).max().unwrap_or(0)
    };
    let widths: Vec<usize> = (0..columns).map(width).collect();
    let mut text = String::new();
    for line in lines {
        for (column, (cell, &width)) in line.iter().zip(&widths).enumerate() {
            text += "  ";
            let _ = match column {
                0 => write!(text, "{cell:<width$}"),
                _ => write!(text, "{cell:>width$}"),
            };
        }
        text += "\n";
    }
    text
}

/// For programs: one line per contender, times in nanoseconds.
pub fn csv(tables: &[Table]) -> String {
    let mut text = "group,row,workers,contender,role,operations_per_batch,samples,min_ns,q1_ns,median_ns,q3_ns,\
                    p90_ns,p99_ns,max_ns,times_sequential,times_best_peer,spread_percent\n"
        .to_owned();
    for table in tables {
        for entry in &table.entries {
            let Summary {
                count,
                min,
                q1,
                median,
                q3,
                p90,
                p99,
                max,
            } = entry.ns;
            let role = match entry.role {
                Role::Us => "us",
                Role::Peer => "peer",
                Role::Sequential => "sequential",
            };
            let _ = writeln!(
                text,
                "{},{},{},\"{}\",{role},{},{count},{min:.3},{q1:.3},{median:.3},{q3:.3},{p90:.3},{p99:.3},{max:.3},\
                 {:.4},{:.4},{:.2}",
                table.group,
                table.row,
                table.workers,
                entry.name,
                entry.batch,
                entry.to_sequential,
                entry.to_best_peer,
                entry.ns.spread() * 100.0,
            );
        }
    }
    text
}

/// Names and versions of the peers, as the lock file has them.
pub fn versions() -> String {
    const PEERS: &[&str] = &[
        "bevy_tasks",
        "bytes",
        "chili",
        #[cfg(feature = "forte")]
        "forte",
        #[cfg(feature = "jemalloc")]
        "tikv-jemallocator",
        "lifeguard",
        "lockfree-object-pool",
        "mempool",
        #[cfg(feature = "mimalloc")]
        "mimalloc",
        "object-pool",
        "opool",
        "orx-parallel",
        "paralight",
        "rayon",
        "sharded-slab",
        "zero-pool",
        "zeropool",
    ];
    // Ours has a namesake, so there may be more than one.
    let versions = |peer: &'static str| {
        let entry = format!("name = \"{peer}\"\nversion = \"");
        let found = include_str!("../Cargo.lock").split(&entry).skip(1);
        let found: Vec<_> = found.filter_map(|rest| rest.split_once('"')).collect();
        let found = found.into_iter().map(|(version, _)| version);
        found.map(move |version| format!("{peer} {version}"))
    };
    let versions: Vec<String> = PEERS.iter().flat_map(|peer| versions(peer)).collect();
    versions.join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_have_the_unit_that_fits() {
        assert_eq!(time(3.456), "3.46 ns");
        assert_eq!(time(999.4), "999 ns");
        assert_eq!(time(12_345.0), "12.3 µs");
        assert_eq!(time(123_456_789.0), "123 ms");
        assert_eq!(time(2.5e9), "2500 ms");
    }

    #[test]
    fn differences_have_a_sign() {
        assert_eq!(difference(7.5), "+7.50 ns");
        assert_eq!(difference(-1e4), "-10.0 µs");
    }

    #[test]
    fn columns_line_up() {
        let line = |cells: [&str; 2]| cells.map(str::to_owned).to_vec();
        let text = aligned(&[line(["name", "µs"]), line(["a", "1000"])]);
        assert_eq!(text, "  name    µs\n  a     1000\n");
    }

    #[test]
    fn every_peer_has_a_version() {
        assert!(versions().contains("rayon 1."));
        assert!(versions().contains("zeropool 0.7"));
    }
}
