#!/usr/bin/env bash
# Instructions per join, one worker: what a join costs that nobody needs, whatever else the machine is doing.
# Two runs with different numbers of repeats; the difference leaves out whatever happens once.
# usage: ci/instructions.sh [CONTENDER]...
set -euo pipefail
cd "$(dirname "$0")/.."

if ! command -v valgrind >/dev/null; then
    echo '!!! INSTRUCTIONS WERE NOT COUNTED: valgrind is missing; install the package "valgrind" !!!' >&2
    exit 1
fi

manifest=benches/compare/Cargo.toml
cargo build --release --quiet --manifest-path "$manifest" --bin count
target="${CARGO_TARGET_DIR:-benches/compare/target}"
count="$target/release/count"
scratch="$(mktemp -d)"
trap 'rm -rf "$scratch"' EXIT

contenders=("sequential, first arm first" "sequential, second arm first" zeropool rayon chili)
if [ $# -gt 0 ]; then
    contenders=("$@")
fi

counted() { # contender, row, size, repeats: sets `joins` and `instructions`
    # --toggle-collect: count inside the measured loop only, so on the one thread that works; not the pool's start, and
    # not what idle threads do.
    valgrind --tool=callgrind --callgrind-out-file="$scratch/out" --toggle-collect='*measured_batch*' \
        "$count" "$1" "join/$2" "$4" --size "$3" >"$scratch/stdout" 2>"$scratch/stderr" || {
        cat "$scratch/stdout" "$scratch/stderr" >&2
        exit 1
    }
    joins="$(awk '$1 == "joins" { print $2 }' "$scratch/stdout")"
    instructions="$(awk '$1 == "summary:" || $1 == "totals:" { n = $2 } END { print n }' "$scratch/out")"
}

printf '%-30s %-10s %22s\n' contender row 'instructions per join'
for row in "tree-1023 1023 10 210" "fib-32 20 1 21"; do
    read -r name size few many <<<"$row"
    for contender in "${contenders[@]}"; do
        counted "$contender" "$name" "$size" "$few"
        first="$instructions"
        counted "$contender" "$name" "$size" "$many"
        awk -v contender="$contender" -v row="${name%-*}-$size" \
            -v joins="$(((many - few) * joins))" -v instructions="$((instructions - first))" \
            'BEGIN { printf "%-30s %-10s %22.1f\n", contender, row, instructions / joins }'
    done
done
