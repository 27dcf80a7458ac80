//! Random programs against their sequential interpretation; see `tests/programs`.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    programs::run(bytes);
});
