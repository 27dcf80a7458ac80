// A label outside of the join is left after the join.
fn main() {
    'all: loop {
        zp::join!(if true { break 'all }, ());
    }
    'rows: for n in 0..3 {
        zp::join!(for m in 0..n { if m == 1 { continue 'rows } }, ());
    }
}
