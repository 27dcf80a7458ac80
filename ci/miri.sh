#!/usr/bin/env bash
# The unit tests of the library under Miri: undefined behaviour, data races, leaks. And a few tests with whole pools.
# Arguments, if any, select unit tests; they go to the test binary.
set -euo pipefail
cd "$(dirname "$0")/.."

# strict-provenance: no pointer may be made from an integer. symbolic-alignment-check: alignment must hold by
# construction, not by luck. Preemption and weak-memory emulation stay on.
export MIRIFLAGS="${MIRIFLAGS--Zmiri-strict-provenance -Zmiri-symbolic-alignment-check}"

# --lib: the kernels' own tests, scaled down under Miri.
units() { # argument of the test binary...
    cargo +nightly miri test -p zeropool --lib -- "$@"
}

# Joins that are stolen, waited for, and paused, batches, a sort. The others take too long for every day.
# ignore-leaks: the global pool and its threads live to the end of the process.
pools() {
    MIRIFLAGS="$MIRIFLAGS -Zmiri-ignore-leaks" cargo +nightly miri test -p zeropool-tests --test main -- \
        join::arms offers::a_waiting offers::a_pause \
        batches::items_by batches::a_panic_drops sorting::a_comparison_may
}

if [ $# -gt 0 ]; then
    units "$@"
    exit
fi

# Miri has one processor for all threads of a process, so there are two processes. Both find everything built.
cargo +nightly miri test -p zeropool --lib --no-run
cargo +nightly miri test -p zeropool-tests --test main --no-run
output="$(mktemp)"
trap 'kill $(jobs -p) 2>/dev/null || true; rm -f "$output"' EXIT
(units buffer:: && pools) >"$output" 2>&1 &
failed=0
units --skip buffer:: || failed=1
wait $! || failed=1
cat "$output"
exit "$failed"
