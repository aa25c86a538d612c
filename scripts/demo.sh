#!/usr/bin/env bash
# The demo: what Strata does, from a model to a library that runs on its own.
set -euo pipefail
cd "$(dirname "$0")/.."

.build/release/strata doctor
