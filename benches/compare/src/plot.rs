//! A picture per group: how each contender's median stands to the sequential one.

use crate::peers::Role;
use crate::report::{Entry, Table};
use plotters::coord::Shift;
use plotters::prelude::*;
use std::error::Error;
use std::fs;
use std::path::{Path, PathBuf};

type Failure = Box<dyn Error + Send + Sync>;

const LINE: u32 = 26;
const WIDTH: u32 = 1100;
const LEGEND: i32 = 190;
const LABELS: i32 = 210;
const FRAME: i32 = 50;

const COLOURS: [RGBColor; 9] = [
    RGBColor(214, 39, 40),
    RGBColor(31, 119, 180),
    RGBColor(44, 160, 44),
    RGBColor(255, 127, 14),
    RGBColor(148, 103, 189),
    RGBColor(140, 86, 75),
    RGBColor(227, 119, 194),
    RGBColor(23, 190, 207),
    RGBColor(127, 127, 127),
];

/// Draws one file per group into `folder`, which is made if it does not exist; returns their paths.
pub fn draw(folder: &Path, tables: &[Table]) -> Result<Vec<PathBuf>, Failure> {
    fs::create_dir_all(folder)?;
    let mut paths = Vec::new();
    for group in tables.chunk_by(|a, b| a.group == b.group) {
        let Some(first) = group.first() else {
            continue;
        };
        let path = folder.join(format!("{}.svg", first.group));
        let height = (group.len() as u32 + 1) * LINE + 2 * FRAME as u32;
        let area = SVGBackend::new(&path, (WIDTH, height)).into_drawing_area();
        draw_group(&area, group).map_err(|error| error.to_string())?;
        area.present().map_err(|error| error.to_string())?;
        drop(area);
        paths.push(path);
    }
    Ok(paths)
}

/// One line per row and worker count, one dot per contender; to the left is faster.
fn draw_group<'b>(
    area: &DrawingArea<SVGBackend<'b>, Shift>,
    tables: &[Table],
) -> Result<(), DrawingAreaErrorKind<<SVGBackend<'b> as DrawingBackend>::ErrorType>> {
    area.fill(&WHITE)?;
    let names = contenders(tables);
    let (from, to) = range(tables);
    let bottom = FRAME + (tables.len() as i32 + 1) * LINE as i32;
    let right = WIDTH as i32 - LEGEND;
    let x = |ratio: f64| {
        let share = (ratio / from).ln() / (to / from).ln();
        LABELS + 20 + (share * f64::from(right - LABELS - 40)) as i32
    };
    let y = |line: usize| FRAME + (line as i32 + 1) * LINE as i32;
    let text = |size: i32| ("sans-serif", size).into_font().color(&BLACK);

    area.draw_text(
        &format!(
            "{}: median time, in sequential times (logarithmic; left is faster)",
            tables[0].group
        ),
        &text(17),
        (12, 12),
    )?;
    for mark in marks(from, to) {
        let colour = if mark == 1.0 {
            BLACK
        } else {
            RGBColor(215, 215, 215)
        };
        let line = [(x(mark), FRAME), (x(mark), bottom)];
        area.draw(&PathElement::new(line, colour.stroke_width(1)))?;
        area.draw_text(&format!("{mark}"), &text(13), (x(mark) - 8, bottom + 8))?;
    }
    for (line, table) in tables.iter().enumerate() {
        let label = format!("{}, {} w", table.row, table.workers);
        area.draw_text(&label, &text(14), (12, y(line) - 8))?;
        let rule = [(LABELS, y(line)), (right, y(line))];
        area.draw(&PathElement::new(
            rule,
            RGBColor(235, 235, 235).stroke_width(1),
        ))?;
        for (entry, colour) in dots(table, &names) {
            let size = if entry.role == Role::Us { 6 } else { 4 };
            area.draw(&Circle::new(
                (x(entry.to_sequential), y(line)),
                size,
                colour.filled(),
            ))?;
        }
    }
    for (line, name) in names.iter().enumerate() {
        let colour = COLOURS[line % COLOURS.len()];
        area.draw(&Circle::new((right + 20, y(line)), 5, colour.filled()))?;
        area.draw_text(name, &text(14), (right + 32, y(line) - 8))?;
    }
    Ok(())
}

/// Everybody but the sequential ones, in order of appearance.
fn contenders(tables: &[Table]) -> Vec<&'static str> {
    let mut names = Vec::new();
    for entry in tables.iter().flat_map(|table| &table.entries) {
        if entry.role != Role::Sequential && !names.contains(&entry.name) {
            names.push(entry.name);
        }
    }
    names
}

fn dots<'t>(
    table: &'t Table,
    names: &[&'static str],
) -> impl Iterator<Item = (&'t Entry, RGBColor)> {
    names.iter().enumerate().filter_map(|(at, &name)| {
        let entry = table.entries.iter().find(|entry| entry.name == name)?;
        let drawable = entry.to_sequential.is_finite() && entry.to_sequential > 0.0;
        drawable.then(|| (entry, COLOURS[at % COLOURS.len()]))
    })
}

/// The smallest and the largest ratio, and at least from a half to two.
fn range(tables: &[Table]) -> (f64, f64) {
    tables
        .iter()
        .flat_map(|table| &table.entries)
        .map(|entry| entry.to_sequential)
        .filter(|ratio| ratio.is_finite() && *ratio > 0.0)
        .fold((0.4, 2.5), |(from, to), ratio| {
            (from.min(ratio), to.max(ratio))
        })
}

/// 1, 2 and 5 times the powers of ten that are in range.
fn marks(from: f64, to: f64) -> Vec<f64> {
    let steps = [0.001, 0.01, 0.1, 1.0, 10.0, 100.0, 1e3, 1e4, 1e5, 1e6];
    let mut marks: Vec<f64> = steps
        .iter()
        .flat_map(|step| [*step, 2.0 * step, 5.0 * step])
        .filter(|mark| (from..=to).contains(mark))
        .collect();
    if marks.len() > 12 {
        marks.retain(|mark| steps.contains(mark));
    }
    marks
}
