//! Runs the cell of the panic matrix with this name. Built so that panics abort, it has to die of the panic that the cell makes.

mod batches;
mod joins;
mod probe;
mod run;
#[path = "../support.rs"]
mod support;
mod table;
mod tasks;

fn main() {
    let name = std::env::args().nth(1).expect("the name of a cell");
    let cell = table::cells()
        .find(|cell| cell.to_string() == name)
        .expect("a cell of that name");
    assert!(cell.fate.is_possible(), "{cell}");
    run::run(cell, 0);
}
