#!/usr/bin/env bash
# Negative controls: breaks the code in one way at a time, `--cfg zeropool_broken="variant"`, and demands that
# the test which exists for it fails. A test that passes on the broken code checks nothing.
# Arguments, if any, select variants by name: `ci/controls.sh deque_pop_fence`.
set -euo pipefail
cd "$(dirname "$0")/.."

# variant                       engine  test that must fail
controls="
deque_last_item_by_store        loom    queue::deque::model::last_item_goes_to_the_owner_or_the_thief
deque_pop_fence                 loom    queue::deque::model::pop_meets_the_thief_in_the_middle
deque_steal_fence               loom    queue::deque::model::pop_meets_the_thief_in_the_middle
deque_pop_without_restore       loom    queue::deque::model::push_after_a_lost_last_item
deque_push_relaxed              loom    queue::deque::model::stolen_item_is_what_was_pushed
deque_grow_early_publish        loom    queue::deque::model::growth_during_a_steal
deque_read_after_cas            loom    queue::deque::model::slot_reused_during_a_steal
deque_tag_without_recheck       loom    queue::deque::model::tagged_steal_does_not_overlook
slab_untagged                   loom    queue::slab::model::no_index_has_two_holders
slab_release_relaxed            loom    queue::slab::model::release_hands_the_element_over
slab_install_by_store           loom    queue::slab::model::chunk_is_installed_once
injector_link_relaxed           loom    queue::injector::model::push_races_pop
injector_head_overtakes         loom    queue::injector::model::push_races_pop
injector_ends_uncounted         loom    queue::injector::model::head_returns_during_a_pop
injector_next_uncounted         loom    queue::injector::model::last_node_is_reused_during_a_push
injector_tail_unchecked         loom    queue::injector::model::last_node_is_reused_during_a_push
injector_reuse_relaxed          loom    queue::injector::model::last_node_is_reused_during_a_push
"

target="${CARGO_TARGET_DIR:-target}/controls"

# Builds the tests of the library with one variant and prints the path of the binary. `cargo rustc` hands the
# variant to our crate only, so the dependencies are built once for all of them.
build() { # variant, engine
    local flags="${RUSTFLAGS-}"
    # The models are millions of short runs: optimised, but with every assertion on.
    if [ "$2" = loom ]; then flags="$flags --cfg zeropool_loom"; fi
    RUSTFLAGS="$flags" CARGO_PROFILE_TEST_OPT_LEVEL=2 \
        cargo rustc -q -p zeropool --lib --profile test --target-dir "$target/$2" \
        --message-format json -- --cfg "zeropool_broken=\"$1\"" |
        sed -n 's/.*"executable":"\([^"]*\)".*/\1/p'
}

fail() { # message
    echo "FAILED: $1" >&2
    failed=1
}

# Runs one test; a broken variant may also hang, which counts as caught.
run() { # binary, test
    timeout 300 "$1" --exact "$2"
}

failed=0
log="$(mktemp)"
trap 'rm -f "$log"' EXIT

# First the intact code: every test in the table exists and passes, so that a failure below means something.
for engine in $(awk 'NF { print $2 }' <<<"$controls" | sort -u); do
    binary="$(build none "$engine")"
    for test in $(awk -v engine="$engine" '$2 == engine { print $3 }' <<<"$controls" | sort -u); do
        run "$binary" "$test" >"$log" 2>&1 || fail "$test does not pass on the intact code"
        grep -q '^test result: ok. 1 passed' "$log" || fail "there is no test $test"
    done
done

while read -r variant engine test; do
    if [ -z "$variant" ] || { [ $# -gt 0 ] && [[ " $* " != *" $variant "* ]]; }; then continue; fi
    binary="$(build "$variant" "$engine")"
    if [ -z "$binary" ]; then
        fail "$variant does not build"
    elif run "$binary" "$test" >"$log" 2>&1; then
        fail "$variant is not caught by $test"
    else
        echo "caught: $variant ($(grep -m1 -A1 'panicked at' "$log" | tail -n1 | cut -c1-90))"
    fi
done <<<"$controls"

exit "$failed"
