// What stands on the function stays there; the rest of what is generated adds no warnings.
#![forbid(unsafe_code)]
#![deny(warnings, missing_docs, unreachable_pub, missing_debug_implementations, missing_copy_implementations)]
#![deny(elided_lifetimes_in_paths, explicit_outlives_requirements, single_use_lifetimes, unused_lifetimes)]
#![deny(unused_qualifications, trivial_casts, redundant_lifetimes, let_underscore_drop, unit_bindings)]
#![deny(non_local_definitions, unused_results, variant_size_differences, unnameable_types)]
//! A documented program.

#[deprecated]
#[zp::task]
#[inline(always)]
#[must_use = "a number"]
#[doc(hidden)]
#[cold]
#[track_caller]
fn old(n: u8) -> u8 {
    n
}

/// Public in a private place.
pub mod public {
    /// A type.
    #[derive(Debug, Clone, Copy)]
    pub struct Public(u8);

    #[derive(Debug)]
    pub(crate) struct Private(pub(crate) u8);

    /// Public.
    #[zp::task]
    pub fn documented<'a, T: Clone>(a: &'a T, b: &u8, public: Public) -> &'a T {
        let _ = (b, public);
        a
    }

    #[zp::task]
    pub(crate) fn private(private: Private, mut list: Vec<u8>) -> usize {
        list.push(private.0);
        list.len()
    }

    #[zp::task]
    pub(in crate::public) const fn unused(n: u8) -> u8 {
        n
    }

    pub(super) fn here() -> u8 {
        zp::scope(|s| s.spawn(unused { n: 1 }).join())
    }
}

fn main() {
    #[allow(deprecated)]
    let old = zp::scope(|s| s.spawn(old { n: 1 }).join());
    let private = zp::scope(|s| s.spawn(public::private { private: public::Private(1), list: vec![] }).join());
    assert_eq!((old, private, public::here()), (1, 1, 1));
}
