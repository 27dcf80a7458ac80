// `times` is for functions without items, `try_over` for those with several.
#[zp::batch]
fn one(#[each] x: &u8) -> u8 {
    *x
}

#[zp::batch]
fn counted(#[index] i: usize) -> usize {
    i
}

fn main() {
    let _ = one::try_over(&[1]);
    one::times(1).run();
    counted::over(&[1]).run();
    one::new(&1);
}
