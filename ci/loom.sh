#!/usr/bin/env bash
# Searches the interleavings of the models: all tests with `model` in their path, or those that the arguments
# select, e.g. `ci/loom.sh queue::deque` for one kernel.
set -euo pipefail
cd "$(dirname "$0")/.."

# The switch of `zeropool/src/sync.rs`; not plain `loom`, which dependencies would honour too.
export RUSTFLAGS="${RUSTFLAGS-} --cfg zeropool_loom"
# Flags of their own need a target directory of their own, or each build would undo the other's.
export CARGO_TARGET_DIR="${CARGO_TARGET_DIR:-target}/loom"
# How often a thread may be interrupted where it need not be; most bugs need one or two.
export LOOM_MAX_PREEMPTIONS="${LOOM_MAX_PREEMPTIONS:-3}"

# --lib: models sit beside the code they check. --profile loom: optimised, with every assertion on.
cargo test -p zeropool --lib --profile loom -- "${@:-model}"
