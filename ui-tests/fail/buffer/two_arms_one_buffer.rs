// Two arms cannot write one buffer; halves of it they can.
fn fill(to: &mut [u8], with: u8) {
    to.fill(with);
}

fn main() {
    let mut buf = zp::BufferPool::new().get(8);
    zp::join!(fill(&mut buf, 1), fill(&mut buf, 2));
    let (a, b) = buf.split_at_mut(4);
    zp::join!(fill(a, 1), fill(b, 2));
}
