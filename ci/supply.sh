#!/usr/bin/env bash
# What we depend on, and what depends on us: licences, sources, advisories, oldest versions, features, oldest compiler, other targets, packages.
# Deep gate. Arguments: parts (default: all): deny features minimal msrv targets package.
# Needs the network, rustup, cargo-deny 0.20.2 (`cargo install --locked cargo-deny --version 0.20.2`), and nightly for `minimal`.
set -euo pipefail
cd "$(dirname "$0")/.."

# 0.20: the version whose reading of deny.toml was reviewed.
deny_version=0.20.2
msrv="$(sed -n 's/^rust-version = "\(.*\)"$/\1/p' Cargo.toml)"

# Without a linker or a C compiler for them: `cargo check` needs neither.
targets=(
    x86_64-pc-windows-msvc   # no mmap, no futex: the portable halves
    x86_64-pc-windows-gnu    # the same through another C library
    aarch64-apple-darwin     # Unix without futex, membarrier or Linux's advice to the kernel
    x86_64-unknown-freebsd   # the same with other constants
    aarch64-unknown-linux-gnu # Linux with weakly ordered memory
    i686-unknown-linux-gnu   # 32-bit words
    s390x-unknown-linux-gnu  # big-endian
)

part_deny() {
    if [ "$(cargo deny --version 2>/dev/null)" != "cargo-deny $deny_version" ]; then
        echo "needs cargo-deny $deny_version: cargo install --locked cargo-deny --version $deny_version" >&2
        return 2
    fi
    # --locked: what is checked is what Cargo.lock says.
    cargo deny --locked check licenses bans sources
    # Alone, as only this needs a list from the network that changes without a commit. Without network, the list that was fetched last:
    # --frozen fetches nothing, and fails if there is none.
    if ! cargo deny --locked fetch db; then
        echo "the list of advisories cannot be fetched: going by the one of $(advisories_of)" >&2
    fi
    cargo deny --frozen check advisories
}

# The day of the stored list.
advisories_of() {
    git -C "$(find "${CARGO_HOME:-$HOME/.cargo}/advisory-dbs" -mindepth 1 -maxdepth 1 -name 'advisory-db-*' | head -n 1)" log -1 --format=%cs
}

# Each set of features of the library, warnings being errors.
part_features() {
    local features
    mapfile -t features < <(sed -n '/^\[features\]$/,/^$/s/^\([a-z0-9_-]*\) *=.*/\1/p' zeropool/Cargo.toml | grep -vx default)
    local set bit chosen
    for ((set = 0; set < 1 << ${#features[@]}; set++)); do
        chosen=""
        for ((bit = 0; bit < ${#features[@]}; bit++)); do
            if ((set >> bit & 1)); then chosen+="${features[bit]},"; fi
        done
        echo "features: ${chosen:-none}"
        # --no-default-features: there are none yet; if there are, they are a member of the set.
        # --lib: tests have features of their own that would hide a missing one.
        RUSTFLAGS="-D warnings" cargo check -q -p zeropool --lib --no-default-features --features "$chosen"
    done
}

# The oldest versions that the manifests allow do what we need: otherwise a user with an old lock file gets our errors.
part_minimal() {
    local copy
    copy="$(mktemp -d)"
    # shellcheck disable=SC2064 # the folder of now
    trap "rm -rf '$copy'" EXIT
    # The two published crates alone: what tests, examples and benches want would raise the versions.
    cp -RL zeropool zeropool-macros README.md Cargo.toml Cargo.lock rust-toolchain.toml "$copy"
    sed -i 's/^members = .*/members = ["zeropool", "zeropool-macros"]/' "$copy/Cargo.toml"
    # direct: of what we name ourselves. The oldest of everything below that fails in other people's manifests.
    (cd "$copy" && cargo +nightly update -q -Zdirect-minimal-versions)
    (cd "$copy" && CARGO_TARGET_DIR="$copy/target" cargo check -q -p zeropool -p zeropool-macros --all-features)
    (cd "$copy" && cargo tree -q -p zeropool --all-features --depth 1 -e normal)
}

# The library and its unit tests with the compiler that `rust-version` names. An older one is refused by cargo.
part_msrv() {
    rustup toolchain install "$msrv" --profile minimal --no-self-update
    # A folder of its own: two compilers in one undo each other's work. Lints are those of the toolchain we develop with.
    export CARGO_TARGET_DIR="${CARGO_TARGET_DIR:-target}/msrv"
    RUSTFLAGS="--cap-lints allow" cargo "+$msrv" check -q -p zeropool
    RUSTFLAGS="--cap-lints allow" cargo "+$msrv" test -q -p zeropool --all-features --lib
    # What the macros expand to is compiled there too.
    RUSTFLAGS="--cap-lints allow" cargo "+$msrv" test -q -p zeropool-tests --test main --no-run
}

part_targets() {
    rustup target add "${targets[@]}"
    local target
    for target in "${targets[@]}"; do
        echo "target: $target"
        # --lib --tests: the tests are the first to name what a system does not have. Warnings: what is unused on one system only.
        RUSTFLAGS="-D warnings" cargo check -q --target "$target" -p zeropool --all-features --lib --tests
    done
}

# Each package is whole: it has its licences and readme, and builds from what is in it alone.
part_package() {
    local package list file
    for package in zeropool-macros zeropool; do
        # --allow-dirty: the check is for before a commit as well.
        list="$(cargo package -q -p "$package" --list --allow-dirty)"
        for file in LICENSE-MIT LICENSE-APACHE README.md src/lib.rs; do
            if ! grep -qx "$file" <<<"$list"; then
                echo "the package $package has no $file" >&2
                return 1
            fi
        done
    done
    # Both at once, as one is built with the other. Builds them from the packages, and uploads nothing.
    cargo package -q -p zeropool-macros -p zeropool --allow-dirty
}

parts=("$@")
if [ ${#parts[@]} -eq 0 ]; then parts=(deny features minimal msrv targets package); fi
for part in "${parts[@]}"; do
    if [ "$(type -t "part_$part")" != function ]; then
        echo "usage: ci/supply.sh [deny] [features] [minimal] [msrv] [targets] [package]" >&2
        exit 2
    fi
    echo "=== $part"
    # In a shell of its own, for what it exports.
    (set -e; "part_$part")
done
