#!/usr/bin/env bash
# The deep gate: every check that takes too long for every day, one after the other, whatever fails before it. A table at the end
# says what passed. Several hours on two cores; installs what it needs where it can.
#   ci/deep.sh [step...]    the steps of the table below, all by default
# Exit code: 0 if every step passed, 1 if one failed, 3 if none failed but one could not be run.
# ZEROPOOL_DEEP_SECONDS: time for each target of the fuzzer and each run of the soak, 600 by default.
# -e is off: a failure ends its step only.
set -uo pipefail
cd "$(dirname "$0")/.."

seconds="${ZEROPOOL_DEEP_SECONDS:-600}"

# A step that takes longer than its limit in minutes hangs, or its bounds have grown: a failure.
# step       needs       limit  command
steps="
public-api   public-api     30  ci/public-api.sh --check
supply       deny           60  ci/supply.sh
stress       -              30  env ZEROPOOL_STRESS_ITEMS=100000000 cargo test --release -p zeropool --lib stress
soak         -             120  ci/soak.sh $seconds
fuzz         fuzz          180  ci/fuzz.sh $seconds
spin         spin           90  ci/spin.sh
san-thread   nightly       120  ci/san.sh thread
san-address  nightly       120  ci/san.sh address
controls     nightly       240  ci/controls.sh
miri-deep    nightly       240  ci/miri-deep.sh
"

names="$(awk 'NF { print $1 }' <<<"$steps")"
for name in "$@"; do
    if ! grep -qxF -- "$name" <<<"$names"; then
        echo "no step is called $name; there are: ${names//$'\n'/ }" >&2
        exit 2
    fi
done

# Installs what a step needs if it is not there. False if it cannot be had.
provide() { # need
    case "$1" in
    -) ;;
    nightly)
        # miri, and rust-src for its standard library and that of the sanitizers.
        cargo +nightly miri --version >/dev/null 2>&1 && [ -d "$(rustc +nightly --print sysroot)/lib/rustlib/src/rust" ] ||
            rustup toolchain install nightly --profile minimal --component miri,rust-src
        ;;
    fuzz)
        provide nightly && { cargo fuzz --version >/dev/null 2>&1 || cargo install --locked cargo-fuzz; }
        ;;
    deny)
        local deny
        deny="$(sed -n 's/^deny_version=//p' ci/supply.sh)"
        provide nightly && { [ "$(cargo deny --version 2>/dev/null)" = "cargo-deny $deny" ] ||
            cargo install --locked cargo-deny --version "$deny"; }
        ;;
    public-api)
        # The version that the script asks for.
        local version
        version="$(sed -n 's/^tool=//p' ci/public-api.sh)"
        provide nightly && { [ "$(cargo public-api --version 2>/dev/null)" = "cargo-public-api $version" ] ||
            cargo install --locked cargo-public-api --version "$version"; }
        ;;
    spin)
        command -v spin >/dev/null && command -v gcc >/dev/null && return
        local install=(apt-get install -y spin gcc libc6-dev)
        # -n: without a password, or not at all.
        if [ "$(id -u)" = 0 ]; then "${install[@]}"; else sudo -n "${install[@]}"; fi
        ;;
    esac
}

table=""
failed=0
missing=0
while read -r name need limit command; do
    if [ -z "$name" ] || { [ $# -gt 0 ] && [[ " $* " != *" $name "* ]]; }; then continue; fi
    printf '\n=== %s: %s\n=== begun %s\n' "$name" "$command" "$(date '+%F %T')"
    begun=$SECONDS
    if ! provide "$need" </dev/null; then
        printf '\n!!! %s WAS NOT RUN: what it needs (%s) cannot be had on this machine !!!\n' "$name" "$need" >&2
        result="NOT RUN"
        missing=1
    else
        # --kill-after: for what does not end when it is asked to.
        # shellcheck disable=SC2086 # The command is words.
        timeout --kill-after=60 "${limit}m" $command </dev/null
        code=$?
        case "$code" in
        0) result="passed" ;;
        124 | 137) result="FAILED (not over after $limit minutes)" ;;
        *) result="FAILED (exit code $code)" ;;
        esac
        if [ "$code" != 0 ]; then failed=1; fi
    fi
    took=$((SECONDS - begun))
    echo "=== $name: $result, $took s"
    table+="$(printf '%-12s %6d s  %s' "$name" "$took" "$result")"$'\n'
done <<<"$steps"

printf '\n=== The deep gate, %s, commit %s\n%s' "$(date +%F)" "$(git rev-parse --short HEAD 2>/dev/null || echo unknown)" "$table"
if [ "$failed" = 1 ]; then exit 1; fi
if [ "$missing" = 1 ]; then exit 3; fi
