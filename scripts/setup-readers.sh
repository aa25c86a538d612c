#!/usr/bin/env bash
# Installs Python programs that read what Strata writes, for the tests that use them: TensorBoard and safetensors.
# Where they can't be had those tests are skipped, and this says so; quick when all is there.
set -euo pipefail
cd "$(dirname "$0")/.."

[ ! -x .python/bin/python ] || exit 0
echo "setup: installing TensorBoard and safetensors into .python, for tests that read with them"
if { python3 -m venv .python.partial && timeout 180 .python.partial/bin/pip install -q --retries 1 --timeout 10 \
    tensorboard safetensors numpy; } >/dev/null 2>&1; then
    mv .python.partial .python
else
    echo "setup: they can't be installed here (python3-venv and PyPI are needed): those tests are skipped"
fi
rm -rf .python.partial
