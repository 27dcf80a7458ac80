// A method of a trait is none: call it from a function.
trait Work {
    #[zp::task]
    fn work(&self, n: u8) -> u8 {
        n
    }
}

fn main() {}
