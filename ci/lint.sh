#!/usr/bin/env bash
# Everything that needs no run: format, lints, documentation, and the invariants of ARCHITECTURE.md that grep can see.
set -euo pipefail
cd "$(dirname "$0")/.."

cargo fmt --all --check

# --all-targets: tests, examples and benches too. Warnings are errors here, not in the source, so that a new
# compiler's warnings do not break a user's build.
cargo clippy --workspace --all-targets --all-features -- -D warnings

# -D warnings: a broken link in the documentation is an error.
RUSTDOCFLAGS="-D warnings" cargo doc --workspace --all-features --no-deps --quiet

failed=0
forbid() { # what is wrong, pattern, files...
    local why="$1" pattern="$2"
    shift 2
    # Documentation and comments may name anything.
    local hits
    hits="$(grep -nE "$pattern" "$@" | grep -vE '^[^:]+:[0-9]+: *//' || true)"
    if [ -n "$hits" ]; then
        printf '%s:\n%s\n' "$why" "$hits" >&2
        failed=1
    fi
}

mapfile -t kernels < <(find zeropool/src -name '*.rs' ! -path 'zeropool/src/sync*' ! -name 'tests.rs' ! -path '*/tests/*')
forbid "atomics, cells and threads come from sync.rs" \
    'std::sync::atomic|std::cell::UnsafeCell|std::thread::|core_affinity' "${kernels[@]}"
forbid "buffer/ knows nothing of tasks or the runtime" \
    'crate::(runtime|task)' $(find zeropool/src/buffer* -name '*.rs')
forbid "queue/ knows nothing of tasks or the runtime" \
    'crate::(runtime|task|buffer)' $(find zeropool/src/queue* -name '*.rs')
forbid "user code is caught in panic.rs only" 'catch_unwind' \
    $(find zeropool/src -name '*.rs' ! -name 'panic.rs' ! -name 'tests.rs' ! -path '*/tests/*')
forbid "the macros use no unsafe code" '#!\[allow\(unsafe_code' $(find zeropool-macros/src -name '*.rs')

# Files that may hold unsafe code: the audit list. A new one is added here, with a review.
expected="$(cat ci/unsafe-files.txt)"
actual="$(grep -rlE '^#!\[allow\(unsafe_code' zeropool/src | grep -vE '/(tests|model)(\.rs|/)' | LC_ALL=C sort)"
if ! diff <(echo "$expected") <(echo "$actual") >&2; then
    echo "the files with unsafe code are not those of ci/unsafe-files.txt" >&2
    failed=1
fi

# The fuzz target for the macros includes their modules by name, and is not built here.
modules="$(sed -n 's/^mod \(.*\);/\1/p' zeropool-macros/src/lib.rs | grep -vx tests)"
fuzzed="$(sed -n 's/^    pub(crate) mod \(.*\);/\1/p' fuzz/fuzz_targets/macros.rs)"
if ! diff <(echo "$modules") <(echo "$fuzzed") >&2; then
    echo "the modules of zeropool-macros are not those that fuzz/fuzz_targets/macros.rs includes" >&2
    failed=1
fi

exit "$failed"
