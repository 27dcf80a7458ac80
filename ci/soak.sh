#!/usr/bin/env bash
# Random programs on random pools against their sequential interpretation, and the balance at the end of each: every task ended
# once, every value dropped once, every buffer home and wiped. Deep gate; the suite runs it for 10 s.
# Arguments: seconds for each of the two runs (default 60), then the first seed (default: the time).
set -euo pipefail
cd "$(dirname "$0")/.."

seconds="${1:-60}"
seed="${2:-$(date +%s)000000}"

# --release: ten times as many programs, and the timing that users have.
run() {
    cargo run -q --release -p zeropool-tests --bin soak -- --seed "$seed" --seconds "$seconds" "$@"
}

run
# --faults: threads and memory are refused now and then, and signals wake every sleeper for no reason.
run --faults
