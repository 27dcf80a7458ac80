#!/usr/bin/env bash
# The comparison with our peers builds, is tidy, and every contender computes what it should, with tiny sizes. Times nothing.
# Not in the gate: it downloads and builds every peer.
set -euo pipefail
cd "$(dirname "$0")/../benches/compare"

cargo fmt --check
cargo clippy --all-targets -- -D warnings
cargo test
