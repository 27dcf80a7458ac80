#!/usr/bin/env bash
# The unit tests of the library under Miri: undefined behaviour, data races, leaks. Arguments go to the test binary.
set -euo pipefail
cd "$(dirname "$0")/.."

# strict-provenance: no pointer may be made from an integer. symbolic-alignment-check: alignment must hold by
# construction, not by luck. Preemption and weak-memory emulation stay on.
export MIRIFLAGS="${MIRIFLAGS--Zmiri-strict-provenance -Zmiri-symbolic-alignment-check}"

# --lib: the kernels' own tests, scaled down under Miri.
cargo +nightly miri test -p zeropool --lib -- "$@"

if [ $# -eq 0 ]; then
    # A few tests with whole pools: joins that are stolen, waited for, and paused, batches, a sort. The others take too long for
    # every day.
    # ignore-leaks: the global pool and its threads live to the end of the process.
    MIRIFLAGS="$MIRIFLAGS -Zmiri-ignore-leaks" cargo +nightly miri test -p zeropool-tests --test main -- \
        join::arms offers::a_waiting offers::a_pause \
        batches::items_by batches::a_panic_drops sorting::a_comparison_may
fi
