#!/usr/bin/env bash
# Miri in depth. Deep gate; `ci/miri.sh` is for every day. Needs nightly with miri and rust-src.
#   ci/miri-deep.sh [part...]    all by default:
#   tree      the unit tests under Tree Borrows
#   stacked   the same under Stacked Borrows, the stricter model in most respects
#   seeds     the concurrent tests on many schedules
#   pools     tests with whole pools, on some schedules
#   i686      the unit tests with pointers of 32 bits
#   s390x     the same on a machine whose numbers begin with the greatest byte
# ZEROPOOL_MIRI_SEEDS: schedules of each concurrent test, 64 by default.
set -euo pipefail
cd "$(dirname "$0")/.."

seeds="${ZEROPOOL_MIRI_SEEDS:-64}"

# strict-provenance: no pointer may be made from an integer. symbolic-alignment-check: alignment must hold by construction, not by
# luck. Preemption and weak-memory emulation stay on.
base="-Zmiri-strict-provenance -Zmiri-symbolic-alignment-check"

# What runs on several threads: the models of all protocols, and the ends of pools and threads with blocks in their slots. The other tests
# with threads are the same protocols with more rounds; what is sequential shows nothing on the 64th schedule that it did not on the
# first. Half a minute of processor time for each schedule.
concurrent=(model buffer::tests::death buffer::tests::exit --skip late_small_buffers)
# Joins that are stolen, waited for and paused, batches, panics, a sort.
pools=(
    join::arms offers::a_waiting offers::a_pause
    batches::items_by batches::a_panic_drops sorting::a_comparison_may
)

part() { # name
    case "$1" in
    tree)
        MIRIFLAGS="$base -Zmiri-tree-borrows" cargo +nightly miri test -p zeropool --lib --no-fail-fast
        ;;
    stacked)
        MIRIFLAGS="$base" cargo +nightly miri test -p zeropool --lib --no-fail-fast
        ;;
    seeds)
        # many-seeds: each schedule is a run of its own; all processors are used. keep-going: all findings in one go.
        MIRIFLAGS="$base -Zmiri-many-seeds=0..$seeds -Zmiri-many-seeds-keep-going" \
            cargo +nightly miri test -p zeropool --lib -- --quiet "${concurrent[@]}"
        ;;
    pools)
        # ignore-leaks: the global pool and its threads live to the end of the process.
        MIRIFLAGS="$base -Zmiri-ignore-leaks -Zmiri-many-seeds=0..$(((seeds + 7) / 8)) -Zmiri-many-seeds-keep-going" \
            cargo +nightly miri test -p zeropool-tests --test main -- --quiet "${pools[@]}"
        ;;
    i686)
        MIRIFLAGS="$base" cargo +nightly miri test -p zeropool --lib --no-fail-fast --target i686-unknown-linux-gnu
        ;;
    s390x)
        MIRIFLAGS="$base" cargo +nightly miri test -p zeropool --lib --no-fail-fast --target s390x-unknown-linux-gnu
        ;;
    *)
        echo "usage: ci/miri-deep.sh [tree | stacked | seeds | pools | i686 | s390x]..." >&2
        exit 2
        ;;
    esac
}

parts=("$@")
if [ $# = 0 ]; then parts=(tree stacked seeds pools i686 s390x); fi
failed=0
for name in "${parts[@]}"; do
    echo "=== $name"
    begun=$SECONDS
    part "$name" || failed=1
    echo "=== $name took $((SECONDS - begun)) s"
done
exit "$failed"
