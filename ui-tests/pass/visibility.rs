// The struct follows the function in everything that is said in front of `fn`.
#![deny(warnings, missing_docs, unsafe_code, unreachable_pub, private_interfaces, private_bounds)]

//! A program that documents everything.

/// Outer.
pub mod outer {
    /// Inner.
    pub mod inner {
        #[zp::task]
        pub(in crate::outer) fn within(n: u8) -> u8 {
            n
        }

        #[zp::task]
        pub(super) const fn above(n: u8) -> u8 {
            n
        }

        #[zp::task]
        pub(crate) fn everywhere(n: u8) -> u8 {
            n
        }

        #[zp::task]
        pub(self) fn here(n: u8) -> u8 {
            n
        }

        #[zp::batch]
        pub(crate) fn each_everywhere(#[each] n: &u8) -> u8 {
            *n
        }

        /// With options, an unused lifetime and an empty list of them.
        #[zp::task()]
        #[inline]
        #[must_use]
        pub fn public<'a>(n: u8) -> u8 {
            n
        }

        /// A lifetime that only the output has.
        #[zp::task]
        #[must_use]
        pub fn suffix<'a>(n: usize) -> &'a str {
            &"text"[n..]
        }

        /// Of this module.
        pub fn call() -> u8 {
            zp::scope(|s| s.spawn(here { n: 1 }).join() + s.spawn(public { n: 1 }).join())
        }
    }

    /// Of this module.
    pub fn call() -> u8 {
        zp::scope(|s| s.spawn(inner::within { n: 1 }).join() + s.spawn(inner::above::new(2)).join())
    }
}

fn main() {
    let all = zp::scope(|s| s.spawn(outer::inner::everywhere { n: 3 }).join());
    assert_eq!((outer::call(), outer::inner::call(), all), (3, 2, 3));
    assert_eq!(outer::inner::each_everywhere::over(&[1, 2]).collect(), [1, 2]);
    let text = zp::scope(|s| s.spawn(outer::inner::suffix::new(2)).join());
    assert_eq!(text, "xt");
}
