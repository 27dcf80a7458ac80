#!/usr/bin/env bash
# Fuzzing, a while for each target: random programs, the front end of the macros, configurations and the environment, headers of
# tensors. Deep gate: needs nightly and cargo-fuzz (`cargo install cargo-fuzz`). What it finds is in fuzz/artifacts; `cargo +nightly fuzz run TARGET FILE` repeats it.
# Arguments: seconds for each target (default 60), then targets (default: all).
set -euo pipefail
cd "$(dirname "$0")/../fuzz"

seconds="${1:-60}"
shift || true
targets=("${@:-}")
if [ -z "${targets[*]}" ]; then targets=(programs macros config tensors_header); fi

failed=0
for target in "${targets[@]}"; do
    mkdir -p "corpus/$target"
    # -timeout: a hang is a finding; the slowest program takes a fraction of a second, on a busy machine some.
    # -max_len: a program has at most 160 nodes, and more tokens than this only repeat what fewer do.
    # -len_control=0: long inputs from the start, as a short one is a small program.
    # -rss_limit_mb: a configuration may ask for much memory, which is touched in part only.
    # -print_final_stats: the number of executions, for the record.
    # RUST_BACKTRACE: a fault is known by what it says; a trace of each takes longer than the run.
    RUST_BACKTRACE=0 cargo +nightly fuzz run "$target" -- \
        -max_total_time="$seconds" -timeout=120 -max_len=1500 -len_control=0 -rss_limit_mb=4096 -print_final_stats=1 || failed=1
done
exit "$failed"
