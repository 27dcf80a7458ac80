#!/usr/bin/env bash
# Searches the protocol models of `ci/spin/` exhaustively, and demands that the deliberately broken variants are rejected.
# What each model proves, and its bounds: `ci/spin/README.md`. Arguments, if any, select models or variants by name:
# `ci/spin.sh deque`, `ci/spin.sh fork_complete_early`.
set -euo pipefail
cd "$(dirname "$0")/spin"

for tool in spin gcc; do
    if ! command -v "$tool" >/dev/null; then
        echo "FAILED: no \`$tool\`. On Debian and Ubuntu: apt-get install spin gcc. Elsewhere: https://spinroot.com" >&2
        exit 1
    fi
done

# model   property      variant                    bounds
# A property is `safety` (assertions, and that nobody is stuck) or the name of an `ltl` formula, searched under weak fairness.
runs="
sleep     safety        -                          -DWORKERS=2 -DSEATS=2 -DPOSTERS=2
sleep     safety        -                          -DWORKERS=2 -DPOSTERS=1 -DHELD=1
sleep     safety        -                          -DPOSTERS=1 -DHELD=1 -DWAITERS=1
sleep     safety        -                          -DWORKERS=2 -DNEAR=1
sleep     safety        -                          -DPOSTERS=1 -DCALLERS=1
sleep     safety        -                          -DWORKERS=2 -DKEPT=1 -DCALLERS=1
sleep     finish        -                          -DPOSTERS=1 -DHELD=1
sleep     rest_at_last  -                          -DPOSTERS=1 -DHELD=1
sleep     finish        -                          -DPOSTERS=1 -DWAITERS=1
sleep     rest_at_last  -                          -DHELD=1 -DWAITERS=1
sleep     safety        -                          -DEXCHANGE=2
sleep     safety        -                          -DWORKERS=2 -DEXCHANGE=1
sleep     safety        -                          -DPOSTERS=1 -DEXCHANGE=1
sleep     safety        -                          -DHELD=1 -DEXCHANGE=1
sleep     finish        -                          -DEXCHANGE=2
sleep     finish        -                          -DHELD=1 -DEXCHANGE=1
sleep     finish        -                          -DWAITERS=1 -DEXCHANGE=1
sleep     rest_at_last  -                          -DHELD=1 -DEXCHANGE=1
sleep     safety        sleep_post_fence           -DPOSTERS=1
sleep     safety        sleep_leave_fence          -DPOSTERS=1
sleep     safety        sleep_rest_no_second_look  -DPOSTERS=1
sleep     finish        sleep_post_fence           -DPOSTERS=1
sleep     safety        sleep_seat_fence           -DPOSTERS=1 -DHELD=1
sleep     safety        sleep_want_fence           -DHELD=1 -DWAITERS=1
sleep     safety        sleep_near_fence           -DNEAR=1
sleep     safety        sleep_call_fence           -DKEPT=1 -DCALLERS=1
sleep     safety        sleep_choose_uncounted     -DPOSTERS=1 -DCALLERS=1
sleep     safety        sleep_count_after_choice   -DWORKERS=2 -DSEATS=2 -DPOSTERS=2
sleep     safety        sleep_end_search_blind     -DWORKERS=2 -DSEATS=2 -DPOSTERS=2
sleep     finish        sleep_wakes_until_nobody_waits  -DPOSTERS=1 -DWAITERS=1
sleep     safety        seat_by_store              -DWORKERS=2 -DPOSTERS=2
sleep     safety        segments_look_without_exchange  -DEXCHANGE=1
sleep     finish        segments_look_without_exchange  -DEXCHANGE=1
sleep     safety        segments_fill_by_store     -DEXCHANGE=1
sleep     safety        sleep_looks_before_push    -DEXCHANGE=1
sleep     safety        sleep_rest_no_second_look  -DEXCHANGE=1
sleep     safety        sleep_seat_fence           -DHELD=1 -DEXCHANGE=1
deque     safety        -                          -DPUSHES=3 -DPOPS=2 -DTHIEVES=2 -DTHEFTS=2
deque     safety        -                          -DPUSHES=4 -DPOPS=2 -DTHIEVES=1 -DTHEFTS=3
deque     finish        -                          -DPUSHES=3 -DPOPS=1 -DTHIEVES=2 -DPATIENT
deque     safety        deque_pop_fence            -DPUSHES=3 -DPOPS=2 -DTHIEVES=2 -DTHEFTS=2
deque     safety        deque_steal_order          -DPUSHES=3 -DPOPS=2 -DTHIEVES=2 -DTHEFTS=2
deque     safety        deque_last_item_by_store   -DPUSHES=3 -DPOPS=2 -DTHIEVES=2 -DTHEFTS=2
deque     safety        deque_pop_without_restore  -DPUSHES=3 -DPOPS=2 -DTHIEVES=2 -DTHEFTS=2
deque     safety        deque_push_relaxed         -DPUSHES=3 -DPOPS=2 -DTHIEVES=2 -DTHEFTS=2
deque     safety        deque_grow_early_publish   -DPUSHES=3 -DPOPS=2 -DTHIEVES=2 -DTHEFTS=2
deque     safety        deque_grow_relaxed         -DPUSHES=3 -DPOPS=2 -DTHIEVES=2 -DTHEFTS=2
deque     safety        deque_grow_frees           -DPUSHES=3 -DPOPS=2 -DTHIEVES=2 -DTHEFTS=2
deque     safety        deque_drop_uncounted       -DPUSHES=3 -DPOPS=2 -DTHIEVES=2 -DTHEFTS=2
deque     safety        deque_read_after_cas       -DPUSHES=3 -DPOPS=2 -DTHIEVES=2 -DTHEFTS=2
fork      safety        -                          -DROUNDS=1 -DFORKS=2
fork      safety        -                          -DROUNDS=2 -DFORKS=0
fork      finish        -                          -DROUNDS=1 -DFORKS=1
fork      safety        fork_complete_early        -DROUNDS=1 -DFORKS=1
fork      safety        fork_wait_skipped          -DROUNDS=1 -DFORKS=1
fork      safety        latch_late_read            -DROUNDS=1 -DFORKS=1
fork      safety        latch_register_by_store    -DROUNDS=1 -DFORKS=0
fork      safety        latch_withdraw_by_store    -DROUNDS=1 -DFORKS=1
fork      safety        latch_read_then_store      -DROUNDS=1 -DFORKS=0
pause     safety        -                          -DWORKERS=1 -DHELD=1
pause     safety        -                          -DWORKERS=1 -DWAITERS=1
pause     safety        -                          -DWORKERS=1 -DBEATS=2
pause     safety        -                          -DWORKERS=0 -DWAITERS=1
pause     safety        -                          -DWORKERS=1 -DWATCHERS=1
pause     safety        -                          -DWORKERS=1 -DWATCHERS=1 -DPAUSES
pause     safety        -                          -DWORKERS=2
pause     finish        -                          -DWORKERS=1
pause     rest_at_last  -                          -DWORKERS=1
pause     safety        sleep_offer_fence          -DWORKERS=1
pause     safety        sleep_pause_fence          -DWORKERS=1
pause     safety        sleep_no_ask               -DWORKERS=1
pause     safety        sleep_watch_fence          -DWORKERS=1 -DWATCHERS=1 -DPAUSES
pause     safety        sleep_end_watch_blind      -DWORKERS=1 -DWATCHERS=1
pause     safety        sleep_leave_fence          -DWORKERS=1
pause     safety        sleep_seat_fence           -DWORKERS=1 -DHELD=1
pause     safety        sleep_wait_fence           -DWORKERS=0 -DWAITERS=1
pause     safety        fork_pause_unseen          -DWORKERS=0 -DWAITERS=1
pause     safety        fork_no_second_look        -DWORKERS=1
"

work="$(mktemp -d)"
trap 'rm -rf "$work"' EXIT
failed=0

fail() { # message
    echo "FAILED: $1" >&2
    failed=1
}

# The models name the functions that they model: `zeropool/src/a/b.rs: fn name`. Each must still be there.
while IFS=: read -r file name; do
    name="${name# fn }"
    if ! grep -qE "fn $name\b" "../../$file" 2>/dev/null; then
        fail "the models name a function \`$name\` that is not in $file: see what has changed, and change the model with it"
    fi
done < <(grep -hoE 'zeropool/src/[a-z_/]+\.rs: fn [a-z_]+' ./*.pml ./*.inc | sort -u)

# A variant in a model that nobody runs checks nothing.
for variant in $(grep -hoE 'BROKEN_[a-z_]+' ./*.pml ./*.inc | sed 's/BROKEN_//' | sort -u); do
    grep -qE "^[a-z]+ +[a-z_]+ +$variant " <<<"$runs" || fail "no run has the variant $variant"
done

# Generates, compiles and runs one verifier; its answer goes to $work/log.
search() { # model, property, definitions
    local model="$1" property="$2" compile search
    shift 2
    if [ "$property" = safety ]; then
        # SAFETY: no search for cycles. NOCLAIM: the formulas stay out. Both make it smaller and faster.
        compile=(-DSAFETY -DNOCLAIM)
        search=()
    else
        # The monitor would only be one more process to be fair to.
        set -- "$@" -DNO_MONITOR
        # NFAIR: room for the counters of weak fairness.
        compile=(-DNFAIR=2)
        # -a: acceptance cycles. -f: weak fairness, no thread that can go on stands still for ever. -N: this formula.
        search=(-a -f -N "$property")
    fi
    rm -rf "$work/run" && mkdir "$work/run"
    cp ./*.pml ./*.inc "$work/run"
    (
        cd "$work/run"
        # -a: generate a verifier.
        spin "$@" -a "$model.pml"
        # -w: the generated code is not ours to mend. -O0: more takes longer to compile than it saves. COLLAPSE: smaller states.
        # VECTORSZ: room for a state. MEMLIM: megabytes; beyond that it gives up, and says so.
        gcc -w -O0 -DCOLLAPSE -DVECTORSZ=2048 -DMEMLIM=2000 "${compile[@]}" -o pan pan.c
        # -m: depth; beyond that it truncates, and says so. -w: bits of its hash table. -n: no list of unreached code.
        # Processor time, as others may be at work here too.
        ulimit -t 120
        ./pan -m1000000 -w23 -n "${search[@]}"
    ) >"$work/log" 2>&1
}

# Processor time of generating, compiling and searching.
TIMEFORMAT=%U
total=0
ran=0
begun=$SECONDS
while read -r model property variant bounds; do
    if [ -z "$model" ]; then continue; fi
    if [ $# -gt 0 ] && [[ " $* " != *" $model "* && " $* " != *" $variant "* ]]; then continue; fi
    ran=$((ran + 1))
    definitions=()
    read -ra definitions <<<"$bounds"
    if [ "$variant" != - ]; then definitions+=("-DBROKEN_$variant"); fi
    run="$model $property $variant $bounds"
    if ! { time search "$model" "$property" "${definitions[@]}"; } 2>"$work/time"; then
        # A verifier exits with 0 whether or not it found errors.
        tail -n 20 "$work/log" >&2
        fail "$run: the search did not come to an end"
        continue
    fi
    states="$(sed -nE 's/^ *([0-9.e+]+) states, stored.*/\1/p' "$work/log")"
    if grep -qE 'max search depth too small|out of memory|memory limit|hash table full|array index|VECTORSZ' "$work/log"; then
        tail -n 20 "$work/log" >&2
        fail "$run: the search was truncated, or the model is broken"
    elif [ "$variant" = - ]; then
        if grep -q 'errors: 0' "$work/log" && ! grep -q 'Search not completed' "$work/log"; then
            total=$(awk -v a="$total" -v b="$states" 'BEGIN { printf "%d", a + b }')
            echo "holds: $run: $states states, $(cat "$work/time") s"
        else
            tail -n 20 "$work/log" >&2
            fail "$run does not hold"
        fi
    elif grep -q 'errors: 1' "$work/log"; then
        printf 'caught: %s: %s\n' "$run" "$(sed -nE 's/^pan:[0-9]+: (.*) \(at depth.*/\1/p' "$work/log" | head -n1)"
    else
        fail "$run is not caught"
    fi
done <<<"$runs"

if [ "$ran" = 0 ]; then fail "no model or variant has such a name"; fi
echo "$total states in $((SECONDS - begun)) s"
exit "$failed"
