# What a build and a run with a sanitizer needs; for `ci/san.sh` and `ci/controls.sh`, which source it.

# Exports the settings for `thread` or `address` and sets `san_cargo`, the arguments that each command of cargo needs.
san_flags() { # sanitizer
    local host
    host="$(rustc -vV | sed -n 's/^host: //p')"
    # -Zbuild-std: the standard library has to be instrumented too, or its locks look like races. --target: for our code and std, not for
    # the macros, which the compiler loads.
    # A target directory of its own, or each build would undo the others'.
    san_cargo=(-Zbuild-std --target "$host" --target-dir "${CARGO_TARGET_DIR:-target}/san-$1")
    # rustix_use_libc: system calls through the C library, where the sanitizer sees them. Or it does not know that memory was
    # unmapped, and takes what the next owner of the addresses does for a race with the last one.
    RUSTFLAGS="${RUSTFLAGS-} -Zsanitizer=$1 --cfg rustix_use_libc"
    # line-tables-only: what a report needs; the rest takes longer to write than the tests take.
    export RUSTFLAGS CARGO_PROFILE_DEV_DEBUG=line-tables-only
    if [ "$1" = thread ]; then
        # A call for each access is what takes the time; optimised a little, there are fewer. Every assertion stays on.
        export CARGO_PROFILE_DEV_OPT_LEVEL=1
    fi
    # The tests' time limits are for code without a sanitizer.
    export ZEROPOOL_TEST_PATIENCE="${ZEROPOOL_TEST_PATIENCE:-5}"
    # What the next reader of a report needs; the traces of the tests' own panics take longer than the tests.
    export RUST_BACKTRACE=0
    # handle_segv=0: a fault kills, as it does without a sanitizer; some tests ask for one.
    # die_after_fork=0: a child with threads may go on; what it does is tested.
    export TSAN_OPTIONS="handle_segv=0 die_after_fork=0 ${TSAN_OPTIONS-}"
    # detect_stack_use_after_return=1: frames of functions that have returned count as freed. Tasks live in frames.
    # detect_leaks=1: what nobody points to at the end. allocator_may_return_null=1: what is too large is refused, not a crash; tests ask for it.
    export ASAN_OPTIONS="handle_segv=0 detect_stack_use_after_return=1 detect_leaks=1 allocator_may_return_null=1 ${ASAN_OPTIONS-}"
}
