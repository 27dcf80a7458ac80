#!/usr/bin/env bash
# The one test command of the README: unit, integration, compile-fail and documentation tests.
set -euo pipefail
cd "$(dirname "$0")/.."

cargo test --workspace
