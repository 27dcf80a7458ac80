#[zp::batch]
fn mix(#[each] to: &mut u8, #[index] i: usize, #[each] from: u8, by: u8) -> usize {
    *to += from * by;
    i
}

fn main() {
    let (mut to, from) = (vec![1_u8], vec![2_u8]);
    mix::over(&mut to, from.clone()).run();
    mix::over(&to, from.clone(), 1).run();
    mix::over(&mut to, &from, 1).run();
    mix::over(&mut to[0], from.clone(), 1).run();
    mix::over(&mut to, 0, from, 1).run();
}
