#[zp::batch]
fn add(#[each] x: &u64, total: &mut u64) {
    *total += x;
}

#[zp::batch]
fn log(#[index] i: usize, out: &mut dyn FnMut(usize)) {
    out(i);
}

fn main() {
    let mut total = 0;
    add::over(&[1, 2], &mut total).run();
}
