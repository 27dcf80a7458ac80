#!/usr/bin/env bash
# The tests of the library and the integration tests under the sanitizers: data races, and memory that is not ours (freed, out of
# bounds, of a function that has returned) or that nobody frees. Deep gate: slow, and needs nightly with rust-src.
#   ci/san.sh [thread|address]...    both by default
set -euo pipefail
cd "$(dirname "$0")/.."
# The reasons for what a build needs are there.
source ci/san-flags.sh

# Tests that ask the system what the sanitizer changes; all of them run without it.
# locking, all_at_once: the sanitizers make `mlock` do nothing, as their shadow memory is too large to be locked.
# what_cannot_be_unmapped: limits the address space, of which a sanitizer needs terabytes.
skip=(
    --skip memory::tests::linux::locking
    --skip memory::tests::linux::flags::all_at_once
    --skip what_cannot_be_unmapped_is_lost_but_empty
)
# ThreadSanitizer keeps a stack of 65 536 calls for each thread and does not look whether it is full: beyond it, its own memory is
# overwritten, and it crashes or hangs. These nest deeper (a scope in a task of a scope is 16 calls, and there are 5 000).
skip_thread=(
    --skip nesting::a_chain
    --skip the_stack_is_as_large_as_was_asked_for
)
# nesting measures stacks by the addresses of locals, which AddressSanitizer puts elsewhere.
skip_address=(
    --skip nesting::
)

# Leak on purpose, and count what they leak themselves where it matters: they forget handles, pools and panics whose drop panics, leave
# values in a program's own keeping, or wait in destructors of a thread, which then cannot return its parker.
leaks=(
    leaks:: failures::every_end_meets failures::ten_thousand_forgotten
    panics::drops:: panics::payloads:: panics::twice::
    guests::joins_and_scopes_work_in_thread_local_destructors
    futures::wakers_may_panic handles::a_running_task_is_asked_to_stop_early
    scope::a_scope_waits_for_a_task_that_sleeps spawning::a_long_task_among_tiny_ones
    shutdown::a_handle_made_inside_a_draining_task slots::each_kind_of_slot_is_written
)

sanitizers=("$@")
if [ $# = 0 ]; then sanitizers=(thread address); fi
for sanitizer in "${sanitizers[@]}"; do
    if [ "$sanitizer" != thread ] && [ "$sanitizer" != address ]; then
        echo "usage: ci/san.sh [thread|address]..." >&2
        exit 2
    fi
done

failed=0
for sanitizer in "${sanitizers[@]}"; do
    echo "=== $sanitizer"
    # In a shell of its own, as the settings of one are not for the other.
    (
        san_flags "$sanitizer"
        declare -n more="skip_$sanitizer"
        code=0
        # --no-fail-fast: all findings in one run.
        cargo +nightly test "${san_cargo[@]}" --no-fail-fast -p zeropool --lib -- "${skip[@]}" || code=1
        # main: the contract. global_runtime: the pool that lives as long as the process. stress: random trees. fork: children of a
        # process with threads.
        cargo +nightly test "${san_cargo[@]}" --no-fail-fast -p zeropool-tests \
            --test main --test global_runtime --test stress -- "${more[@]}" "${leaks[@]/#/--skip=}" || code=1
        # detect_leaks=0: see above; and a child lacks the threads whose stacks point to what they have allocated.
        export ASAN_OPTIONS="$ASAN_OPTIONS detect_leaks=0"
        cargo +nightly test "${san_cargo[@]}" --no-fail-fast -p zeropool-tests --test main -- "${leaks[@]}" || code=1
        cargo +nightly test "${san_cargo[@]}" --no-fail-fast -p zeropool-tests --test fork || code=1
        exit "$code"
    ) || failed=1
done
exit "$failed"
