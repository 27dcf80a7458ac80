// Nobody can declare that a context leaves its thread, whatever they name.
impl zp::__named::LeavesItsThread for zp::Context<'_> {}

fn main() {}
