// Nothing that a user may call like something of the standard library is meant by generated code.
#![allow(dead_code, non_camel_case_types, unused)]
mod shadows {
    pub struct Option;
    pub struct Scope;
    pub struct CallSite;
    pub struct Level;
    pub struct bool;
    pub struct str;
    pub trait Send {}
    pub trait FnOnce {}
    pub mod core {}
    pub mod std {}
    pub mod zp {}
    macro_rules! file {
        () => {
            compile_error!("shadowed")
        };
    }
    macro_rules! line {
        () => {
            compile_error!("shadowed")
        };
    }
    macro_rules! column {
        () => {
            compile_error!("shadowed")
        };
    }
    macro_rules! cfg {
        ($($any:tt)*) => {
            compile_error!("shadowed")
        };
    }

    pub static SITE: u8 = 1;
    pub const LEVEL: u8 = 2;
    pub fn pcall(a: u8, b: u8) -> u8 {
        a + b
    }

    // Words that mean something to the macro, as names.
    pub fn standard(minimal: u8) -> u8 {
        minimal
    }

    pub fn run() -> u8 {
        ::zp::scope(|standard| {
            let scope = standard;
            let (callee, site, level) = (&pcall, 3, 4);
            let a = ::zp::pcall!(scope, pcall(SITE, LEVEL));
            let b = ::zp::pcall!(standard, minimal, callee(site, level));
            let c = ::zp::pcall!(standard, standard, (callee)(SITE, level));
            let d = ::zp::pcall!(standard, self::standard(1));
            a.get() + b.get() + c.get() + d.get()
        })
    }
}

fn main() {
    assert_eq!(shadows::run(), 16);
}
