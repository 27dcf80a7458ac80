// A function inside a function, with a namesake outside and generics around it.
#![deny(warnings)]

#[zp::task]
fn work(n: u32) -> u32 {
    n
}

fn outer<T: Into<u32>>(n: T) -> u32 {
    #[zp::task]
    fn work(n: u32, by: u32) -> u32 {
        n * by
    }
    let n = n.into();
    zp::scope(|s| s.spawn(work { n, by: 2 }).join())
}

struct Holder;

impl Holder {
    fn method(&self) -> usize {
        #[zp::task]
        fn inner(text: &str, #[buf(4)] tmp: &mut [u8]) -> usize {
            text.len() + tmp.len()
        }
        zp::join!(inner("ab", _), ()).0
    }
}

fn main() {
    assert_eq!(zp::scope(|s| s.spawn(work { n: 1 }).join()), 1);
    assert_eq!(outer(2_u8), 4);
    assert_eq!(Holder.method(), 6);
}
