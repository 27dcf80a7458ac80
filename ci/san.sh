#!/usr/bin/env bash
# ThreadSanitizer over the library's and the integration tests. Deep gate: slow, and needs nightly with rust-src.
set -euo pipefail
cd "$(dirname "$0")/.."

target="$(rustc -vV | sed -n 's/^host: //p')"
# -Zbuild-std: the standard library has to be instrumented too, or its locks look like races.
# ThreadSanitizer does not model fences, only accesses. Ours order wake-ups, not data, so no suppression is needed: a report
# is a finding.
export RUSTFLAGS="-Zsanitizer=thread"
export CARGO_TARGET_DIR="${CARGO_TARGET_DIR:-target}/tsan"
cargo +nightly test -Zbuild-std --target "$target" -p zeropool --lib
# --skip: these two need more stack than the instrumented runtime has; they test the depth of recursion, not concurrency.
cargo +nightly test -Zbuild-std --target "$target" -p zeropool-tests --test main -- \
    --skip nesting:: --skip the_stack_is_as_large
cargo +nightly test -Zbuild-std --target "$target" -p zeropool-tests --test stress
