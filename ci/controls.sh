#!/usr/bin/env bash
# Negative controls: breaks the code in one way at a time, `--cfg zeropool_broken="variant"`, and demands that
# the test which exists for it fails. A test that passes on the broken code checks nothing.
# Arguments, if any, select variants by name: `ci/controls.sh deque_pop_fence`.
set -euo pipefail
cd "$(dirname "$0")/.."
source ci/san-flags.sh

# Engines: loom, miri, std for plain threads, thread and address for plain threads under a sanitizer, panics for a cell of the panic
# matrix, or soak for random programs, from a seed on.
# variant                       engine  test of the library, cell, or seed, that must fail
controls="
deque_last_item_by_store        loom    queue::deque::model::last_item_goes_to_the_owner_or_the_thief
deque_pop_fence                 loom    queue::deque::model::pop_meets_the_thief_in_the_middle
deque_pop_acqrel                miri    queue::deque::model::pop_meets_the_thief_in_the_middle
deque_steal_fence               loom    queue::deque::model::pop_meets_the_thief_in_the_middle
deque_steal_acquire             miri    queue::deque::model::pop_meets_the_thief_in_the_middle
deque_pop_without_restore       loom    queue::deque::model::push_after_a_lost_last_item
deque_push_relaxed              loom    queue::deque::model::stolen_item_is_what_was_pushed
deque_grow_early_publish        loom    queue::deque::model::growth_during_a_steal
deque_grow_frees_former         address queue::deque::tests::one_thread_sees_both_ends_in_order
deque_keeps_former              address queue::deque::tests::one_thread_sees_both_ends_in_order
deque_read_after_cas            loom    queue::deque::model::slot_reused_during_a_steal
deque_tag_after_exchange        loom    queue::deque::model::tagged_steal_takes_only_its_tag
deque_tag_without_recheck       loom    queue::deque::model::tagged_steal_does_not_overlook
slab_untagged                   loom    queue::slab::model::no_index_has_two_holders
slab_untagged                   loom    queue::slab::model::many_at_once_have_one_holder
slab_release_relaxed            loom    queue::slab::model::release_hands_the_element_over
slab_release_relaxed            loom    queue::slab::model::release_of_many_hands_all_over
slab_release_relaxed            thread  queue::slab::model::release_hands_the_element_over
slab_install_by_store           loom    queue::slab::model::chunk_is_installed_once
segments_fill_relaxed           loom    queue::segments::model::pop_sees_what_was_pushed
segments_head_overtakes         loom    queue::segments::model::pop_before_tail_has_moved
segments_places_uncounted       loom    queue::segments::model::segment_is_used_again_during_a_push
segments_number_twice           loom    queue::segments::model::no_segment_has_the_same_number_twice
segments_head_before_end        loom    queue::segments::model::a_look_overlooks_nothing
segments_look_without_exchange  loom    queue::segments::model::who_sleeps_or_who_pushes_sees_the_other
segments_look_without_exchange  loom    runtime::sleep::tests::model_sleep_post_by_exchange_against_rest
injector_link_relaxed           loom    queue::injector::model::push_races_pop
injector_head_overtakes         loom    queue::injector::model::pop_before_tail_has_moved
injector_ends_uncounted         loom    queue::injector::model::head_returns_during_a_pop
injector_next_uncounted         loom    queue::injector::model::last_node_is_reused_during_a_push
injector_tail_unchecked         loom    queue::injector::model::last_node_is_reused_during_a_push
injector_reuse_relaxed          loom    queue::injector::model::last_node_is_reused_during_a_push
injector_claim_by_store         loom    queue::injector::model::a_ticket_claims_against_a_consumer
injector_use_uncounted          loom    queue::injector::model::a_ticket_of_a_former_use_claims_nothing
injector_front_unchecked        loom    queue::injector::model::no_item_comes_before_its_turn
injector_cursor_relaxed         loom    queue::injector::model::no_item_comes_before_its_turn
injector_item_after_claim       loom    queue::injector::model::a_claimed_item_is_that_of_the_claim
ring_publish_relaxed            loom    queue::ring::model::push_races_pop
ring_item_after_exchange        loom    queue::ring::model::an_item_is_read_before_its_cell_is_free
ring_tail_relaxed               loom    queue::ring::model::there_is_room_to_push_back_behind_what_has_gone_through
ring_tail_relaxed               loom    queue::ring::model::a_queue_that_was_never_full_refuses_nothing
ring_tail_relaxed               loom    queue::ring::model::a_count_is_of_what_was_there_at_once
ring_head_before_tail           loom    queue::ring::model::a_count_is_of_what_was_there_at_once
room_freed_fence                loom    queue::room::model::a_pop_wakes_who_waits
room_wait_fence                 loom    queue::room::model::a_pop_wakes_who_waits
room_keeps_wake                 loom    queue::room::model::a_wake_up_is_passed_on
sweep_not_again                 loom    queue::sweeping::tests::model_sweeping_leaves_nothing
sweep_gives_up                  loom    queue::sweeping::tests::model_sweeping_hands_the_last_request_on
stack_push_relaxed              loom    queue::stack::model::what_is_pushed_is_taken_once
stack_push_relaxed              thread  queue::stack::model::what_is_pushed_is_taken_once
stack_take_by_store             loom    queue::stack::model::what_is_pushed_is_taken_once
atomic_box_take_relaxed         loom    runtime::atomic_box::tests::model_atomic_box_has_one_holder
look_low_overtakes              std     runtime::look::tests::what_can_wait_does_not_overtake_what_is_left_alone
watch_first_is_last             loom    task::watch::tests::model_watch_has_two_holders
state_no_acquire                loom    task::state::tests::model_state_last_release_sees_all
state_no_acquire                thread  task::state::tests::model_state_last_release_sees_all
state_leave_blind               loom    task::state::tests::model_state_leaving_handle_divides_with_executor
state_leave_blind               soak    1
state_sole_relaxed              loom    task::state::tests::model_state_sole_sees_all
owned_end_unfenced              loom    task::owned::tests::model_owned_last_end_tells_who_waits
owned_accepted_first            loom    task::owned::tests::model_owned_is_not_idle_between_parent_and_child
tray_back_relaxed               loom    runtime::tray::tests::model_tray_has_one_holder
counts_load_relaxed             loom    task::counts::tests::model_counts_over_means_visible
latch_late_read                 miri    task::latch::tests::model_latch_completion_frees_frame
latch_late_read                 thread  task::latch::tests::model_latch_completion_frees_frame
slots_claim_by_store            loom    task::slots::tests::model_slots_one_of_two_writers_wins
slots_claim_by_store            loom    task::slots::tests::model_slots_neighbours_are_both_written
latch_waker_by_store            loom    task::waker::tests::model_waker_registered_against_completion
latch_waker_relaxed             loom    task::waker::tests::model_waker_registered_against_completion
latch_waker_taken_twice         loom    task::waker::tests::model_waker_changes_against_completion
sleep_post_fence                loom    runtime::sleep::tests::model_sleep_post_against_rest
sleep_seat_fence                loom    runtime::sleep::tests::model_sleep_seat_passes_to_waiting_caller
sleep_count_after_choice        loom    runtime::sleep::tests::model_sleep_two_workers_two_posts
sleep_insert_relaxed            loom    runtime::sleep::tests::model_sleep_two_workers_two_posts
sleep_near_fence                loom    runtime::sleep::tests::model_sleep_near_against_rest
sleep_call_fence                loom    runtime::sleep::tests::model_sleep_call_against_rest
sleep_choose_uncounted          loom    runtime::sleep::tests::model_sleep_call_against_post
entries_uncount_early           loom    runtime::entries::tests::model_entries_count_never_denies_an_entry
fork_no_second_look             loom    runtime::fork::model::model_fork_taken_at_once_is_followed_by_another
fork_complete_early             loom    runtime::fork::model::model_fork_runs_once
sleep_offer_fence               loom    runtime::fork::model::model_fork_pause_against_rest
sleep_pause_fence               loom    runtime::fork::model::model_fork_pause_against_rest
sleep_no_ask                    loom    runtime::fork::model::model_fork_pause_against_rest
sleep_watch_fence               loom    runtime::fork::model::model_fork_pause_against_end_of_watch
sleep_seat_fence                loom    runtime::fork::model::model_fork_pause_against_free_seat
fork_pause_unseen               loom    runtime::fork::model::model_fork_pause_against_wait
sleep_pause_by_store            loom    runtime::fork::model::model_fork_two_pauses
sleep_end_watch_blind           loom    runtime::fork::model::model_fork_watched_is_found
sole_no_second_look             loom    runtime::sole::tests::model_sole_leaves_nothing
owner_not_told_of_search        loom    runtime::owner::tests::model_owner_without_seat_works_alone
owner_post_untold               loom    runtime::owner::tests::model_owner_awaits_what_tasks_spawn
scope_stops_at_stranger         std     runtime::scope::tests::strangers_on_the_deque_neither_run_nor_hide_what_lies_below
scope_lists_no_stranger         std     runtime::scope::tests::strangers_on_the_deque_neither_run_nor_hide_what_lies_below
slot_busy_ignored               loom    buffer::slot::model::a_block_has_one_owner_while_the_slot_is_swept
barrier_light                   loom    buffer::slot::model::a_block_has_one_owner_while_the_slot_is_swept
barrier_heavy                   loom    buffer::slot::model::a_block_has_one_owner_while_the_slot_is_swept
slot_lower_relaxed              loom    buffer::slot::model::a_lessee_after_a_sweep_finds_the_slot_empty
bin_count_after_put             loom    buffer::store::model::no_block_is_lost_or_found_twice
slab_untagged                   loom    buffer::store::model::no_block_is_lost_or_found_twice
slab_release_relaxed            loom    buffer::store::model::the_taker_sees_what_the_putter_wrote
ledger_by_store                 loom    buffer::ledger::model::the_cap_holds_for_two_at_once
waiters_freed_fence             loom    buffer::waiters::model::who_frees_wakes_who_waits
waiters_wait_fence              loom    buffer::waiters::model::who_frees_wakes_who_waits
waiters_keep_wake               loom    buffer::waiters::model::who_leaves_wakes_the_next
buffer_wipe_len_only            std     buffer::tests::wiping::after_a_truncation
buffer_wipe_len_only            std     buffer::tests::wiping::what_goes_back_to_the_system_is_zero
buffer_wipe_len_only            soak    1
memory_unlocked                 std     buffer::memory::tests::linux::locking::locked_bytes_are_counted_until_the_region_ends
memory_unlocked_at_once         std     buffer::memory::tests::linux::locking::locked_bytes_are_counted_until_the_region_ends
memory_unlocked_at_once         std     buffer::memory::tests::linux::locking::locking_brings_the_pages_in
memory_stays_mapped             std     buffer::memory::tests::linux::locking::locked_bytes_are_counted_until_the_region_ends
memory_lock_claimed             std     buffer::memory::tests::linux::locking::a_refusal_is_an_error_and_leaves_nothing
memory_lock_claimed             std     buffer::memory::tests::linux::locking::a_refused_try_is_told
memory_refused_stays            std     buffer::memory::tests::linux::locking::a_refusal_is_an_error_and_leaves_nothing
memory_dumped                   std     buffer::memory::tests::linux::flags::excluded_from_dumps
memory_forked                   std     buffer::memory::tests::linux::fork::a_child_finds_zeros_where_wiping_was_asked_for_and_only_there
memory_small_pages              std     buffer::memory::tests::linux::flags::huge_pages
memory_no_guard_before          std     buffer::memory::tests::linux::guards::the_byte_before_faults
memory_no_guard_after           std     buffer::memory::tests::linux::guards::the_byte_behind_faults
memory_unaligned                std     buffer::memory::tests::bytes::memory_begins_on_a_multiple
memory_slack_stays              std     buffer::memory::tests::linux::limits::what_an_alignment_needed_beyond_the_bytes_is_given_back
memory_lost_full                std     buffer::memory::tests::linux::limits::what_cannot_be_unmapped_is_lost_but_empty
memory_unzeroed                 std     buffer::memory::tests::bytes::the_portable_variant_is_zero_and_aligned
clock_no_ghosts                 std     buffer::eviction::clock_pro::tests::every_decision_is_that_of_the_reference
clock_test_hand_stuck           std     buffer::eviction::clock_pro::tests::every_decision_is_that_of_the_reference
clock_hot_unspared              std     buffer::eviction::clock_pro::tests::every_decision_is_that_of_the_reference
clock_no_swap                   std     buffer::eviction::clock_pro::tests::every_decision_is_that_of_the_reference
skip_uncaught                   panics  FirstArm/Result/Inline
skip_forgets                    panics  SecondArm/Argument/Cancelled
discard_uncaught                panics  SecondArm/Payload/Stolen
discard_uncaught                panics  SpawnedTask/Payload/Inline
dispose_unreported              panics  HandleDrop/Body/Inline
scope_keeps_panic               panics  SpawnedTask/Result/Stolen
"

target="${CARGO_TARGET_DIR:-target}/controls"
log="$(mktemp)"
trap 'rm -f "$log"' EXIT
failed=0

fail() { # message
    echo "FAILED: $1" >&2
    failed=1
}

# Miri with many schedules: 64 of the intact code, and of a broken one as many as it takes, up to 1024. The rarest variant
# shows in about one of 200.
miri() { # variant, arguments of `cargo miri test`
    local seeds=1024
    if [ "$1" = none ]; then seeds=64; fi
    RUSTFLAGS="${RUSTFLAGS-} --cfg zeropool_broken=\"$1\"" \
        MIRIFLAGS="-Zmiri-strict-provenance -Zmiri-many-seeds=0..$seeds" \
        cargo +nightly miri test -q -p zeropool --lib --target-dir "$target/miri" "${@:2}"
}

# Builds the library's tests with one variant and sets `binary`. `cargo rustc` hands the variant to our crate
# alone, so the dependencies are built once for all of them.
build() { # variant, engine
    if [ "$2" = miri ]; then
        miri "$1" --no-run
        return
    fi
    if [ "$2" = thread ] || [ "$2" = address ]; then
        # In a shell of its own, as the settings are not for the other engines.
        binary="$(
            san_flags "$2"
            cargo +nightly rustc -q "${san_cargo[@]}" -p zeropool --lib --profile test \
                --message-format json -- --cfg "zeropool_broken=\"$1\"" |
                sed -n 's/.*"executable":"\([^"]*\)".*/\1/p'
        )"
        [ -n "$binary" ]
        return
    fi
    if [ "$2" = panics ]; then
        # For a named target, so that flags are not those of the macros, which are then built once.
        local host
        host="$(rustc -vV | sed -n 's/^host: //p')"
        RUSTFLAGS="${RUSTFLAGS-} --cfg zeropool_broken=\"$1\"" \
            cargo build -q -p zeropool-tests --bin panic_cell --target "$host" --target-dir "$target/panics"
        binary="$target/panics/$host/debug/panic_cell"
        return
    fi
    local flags="${RUSTFLAGS-}"
    if [ "$2" = soak ]; then
        RUSTFLAGS="$flags --cfg zeropool_broken=\"$1\"" \
            cargo build -q --release -p zeropool-tests --bin soak --target-dir "$target/soak"
        return
    fi
    if [ "$2" = loom ]; then flags="$flags --cfg zeropool_loom"; fi
    # Optimised, as the models are very many short runs, and with every assertion on.
    binary="$(RUSTFLAGS="$flags" CARGO_PROFILE_TEST_OPT_LEVEL=2 \
        cargo rustc -q -p zeropool --lib --profile test --target-dir "$target/$2" \
        --message-format json -- --cfg "zeropool_broken=\"$1\"" |
        sed -n 's/.*"executable":"\([^"]*\)".*/\1/p')"
    [ -n "$binary" ]
}

# Runs one test of what was built. A broken variant may also hang, which counts as failing.
run() { # variant, engine, test
    if [ "$2" = miri ]; then
        miri "$1" -- --exact "$3"
    elif [ "$2" = thread ] || [ "$2" = address ]; then
        (
            san_flags "$2"
            timeout 300 "$binary" --exact "$3"
        )
    elif [ "$2" = panics ]; then
        timeout 60 "$binary" "$3" && echo "test result: ok. 1 passed"
    elif [ "$2" = soak ]; then
        timeout 300 "$target/soak/release/soak" --seed "$3" --programs 2000 && echo "test result: ok. 1 passed"
    else
        timeout 300 "$binary" --exact "$3"
    fi
}

rows=()
while read -r variant engine test; do
    if [ -z "$variant" ] || { [ $# -gt 0 ] && [[ " $* " != *" $variant "* ]]; }; then continue; fi
    rows+=("$variant $engine $test")
done <<<"$controls"

# The intact code first: each test must exist and pass, or its failure on broken code means nothing.
for engine in loom miri std thread address panics soak; do
    tests="$(printf '%s\n' "${rows[@]}" | awk -v engine="$engine" '$2 == engine { print $3 }' | sort -u)"
    if [ -z "$tests" ]; then continue; fi
    if ! build none "$engine" >"$log" 2>&1; then
        cat "$log" >&2
        fail "the intact code does not build for $engine"
        continue
    fi
    for test in $tests; do
        run none "$engine" "$test" >"$log" 2>&1 || fail "$test does not pass on the intact code"
        grep -q '^test result: ok. 1 passed' "$log" || fail "there is no test $test"
    done
done

for row in "${rows[@]}"; do
    read -r variant engine test <<<"$row"
    if ! build "$variant" "$engine" >"$log" 2>&1; then
        cat "$log" >&2
        fail "$variant does not build"
    elif run "$variant" "$engine" "$test" >"$log" 2>&1; then
        fail "$variant is not caught by $test"
    else
        # What a test panicked with, or a sanitizer found.
        echo "caught: $variant ($({ grep -m1 -A1 'panicked at' "$log" || grep -m1 '^SUMMARY' "$log"; } | tail -n1 | cut -c1-90))"
    fi
done

exit "$failed"
