#!/usr/bin/env bash
# Measures what is shipped: the size of the `mlp` graph's predict function as a library for every CPU level, and the time from
# process start to the first answer, with weights in a file and in the library.
#   Benchmarks/deploy/run.sh [REPETITIONS]
set -euo pipefail
cd "$(dirname "$0")/../.."
strata=${STRATA:-.build/release/strata}
repetitions=${1:-100}
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT

"$strata" run graphs/mlp.graph --interpreted --function resetMetrics --save-weights "$folder/states.safetensors" >/dev/null
for weights in file embedded; do
    options=(--weights "$folder/states.safetensors")
    [ "$weights" = file ] || options+=(--embed-weights)
    "$strata" compile graphs/mlp.graph --function predict -o "$folder/$weights" "${options[@]}" >/dev/null
    clang -O2 -std=gnu11 -Wall -Wextra -I "$folder/$weights" Benchmarks/deploy/first_answer.c -o "$folder/$weights/first_answer" \
        -L "$folder/$weights" -lmlp "-Wl,-rpath,$folder/$weights"
    path=""
    [ "$weights" = embedded ] || path="$folder/file/mlp.weights.safetensors"
    echo "weights in the $([ "$weights" = file ] && echo file || echo library):" \
        "library $(stat -c %s "$folder/$weights/libmlp.so") bytes," "$("$folder/$weights/first_answer" "$repetitions" "$path")"
done
