// Task functions and joins written by somebody else's macro.
#![deny(warnings)]

macro_rules! make {
    ($(#[$attr:meta])* $vis:vis fn $name:ident($($arg:ident: $ty:ty),*) -> $out:ty $body:block, $len:expr) => {
        $(#[$attr])*
        #[zp::task]
        $vis fn $name($($arg: $ty,)* #[buf($len)] _tmp: &mut [u8]) -> $out $body
    };
}

make! {
    /// Adds.
    pub fn add(a: u8, b: &u8) -> u8 { a + b }, 2 * 2
}

macro_rules! hidden {
    () => {
        #[zp::task]
        fn hidden(x: usize, #[buf(x)] tmp: &mut [u8]) -> usize {
            x + tmp.len()
        }
    };
}
hidden!();

macro_rules! both {
    ($a:expr, $b:expr) => {
        zp::join!($a, $b)
    };
    ($($arm:expr);*) => {
        zp::join!($($arm),*)
    };
}

fn main() {
    assert_eq!(zp::scope(|s| s.spawn(add { a: 1, b: &2 }).join()), 3);
    assert_eq!(both!(hidden(1, _), add(1, &2, _)), (2, 3));
    assert_eq!(both!(1; 2; 3), (1, 2, 3));
}
