#!/usr/bin/env bash
# The public API as a list, `docs/public-api.txt`, so that a change of it is seen in review.
#   ci/public-api.sh [--check]   fails if the list in the repository is not that of the code, and shows the difference
#   ci/public-api.sh --update    writes it
# Needs a nightly toolchain (rustdoc's JSON) and cargo-public-api. The format of the JSON belongs to the nightly, so both are named here
# and move together; with another nightly, rewrite the list first and look whether only the spelling has changed.
set -euo pipefail
cd "$(dirname "$0")/.."

# Reads the JSON of nightlies from about May 2026.
tool=0.52.0
list=docs/public-api.txt

mode="${1---check}"
case "$mode" in
--check | --update) ;;
*)
    echo "usage: ci/public-api.sh [--check | --update]" >&2
    exit 2
    ;;
esac

if [ "$(cargo public-api --version 2>/dev/null)" != "cargo-public-api $tool" ]; then
    echo "needs cargo-public-api $tool: cargo install --locked cargo-public-api --version $tool" >&2
    exit 2
fi

new="$(mktemp)"
trap 'rm -f "$new"' EXIT
# --all-features: the most there is. --omit blanket-impls: what every type has. Of the traits that the compiler implements by itself
# only `Send` and `Sync` are listed: nobody relies on the others, and they triple the list.
cargo +nightly public-api -p zeropool --all-features --omit blanket-impls --color never |
    grep -vE '^impl.* !?(core::marker::(Freeze|Unpin|UnsafeUnpin)|core::panic::unwind_safe::(RefUnwindSafe|UnwindSafe)) for ' >"$new"

if [ "$mode" = --update ]; then
    cp "$new" "$list"
elif ! diff -u "$list" "$new"; then
    echo "the public API is not what $list says; if that is meant, run ci/public-api.sh --update and say it in CHANGELOG.md" >&2
    exit 1
fi
