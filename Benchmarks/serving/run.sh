#!/usr/bin/env bash
# Measures what an image of a context spares processes that serve one model: time to the first answer, and memory.
#   Benchmarks/serving/run.sh [STARTS]
# For each graph, float32 at this machine's CPU level, weights from the graph's init, one example a call: the median of
# so many first answers, the least later one, and the proportional set size of one process and of four at once.
set -euo pipefail
cd "$(dirname "$0")/../.."
strata=${STRATA:-.build/release/strata}
starts=${1:-5}
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
clang -O2 -Wall -Wextra Benchmarks/serving/serve.c -o "$folder/serve" -ldl
mkfifo "$folder/input"

# Starts processes one after the other, each when the one before has answered; prints their memory together in MiB.
memory() {
    local count=$1 processes=() at total=0
    shift
    for ((at = 0; at < count; at++)); do
        "$folder/serve" "$@" <"$folder/input" >"$folder/answer" 9>&- &
        processes+=($!)
        [ $at = 0 ] && exec 9>"$folder/input"
        until [ -s "$folder/answer" ]; do sleep 0.05; done
        rm "$folder/answer"
    done
    for at in "${processes[@]}"; do
        total=$((total + $(awk '/^Pss:/ { print $2 }' "/proc/$at/smaps_rollup")))
    done
    exec 9>&-
    wait
    echo $((total / 1024))
}

# Prints the median of first answers, the least later one, and the checksum that all have in common.
times() {
    for ((at = 0; at < starts; at++)); do "$folder/serve" "$@" </dev/null; done | sort -k2,2n |
        awk '{ first[NR] = $2; if (NR == 1 || $5 < later) later = $5; sum = $8 }
             END { print "first", first[int((NR + 1) / 2)], "ms, later", later, "ms, answer", sum }'
}

measure() {
    local graph=$1
    shift
    "$strata" run "graphs/$graph.graph" --function init --save-weights "$folder/$graph.safetensors" 2>/dev/null
    "$strata" compile "graphs/$graph.graph" --function predict --cpu "${CPU:-amx}" -o "$folder/$graph" >/dev/null
    local model=("$folder/$graph/lib$graph.so" "$graph" "$folder/$graph.safetensors") image="$folder/$graph.image"
    "$folder/serve" "${model[@]}" "+$image" "$@" </dev/null >"$folder/written"
    echo "$graph: weights $(stat -c %s "$folder/$graph.safetensors") bytes, image $(stat -c %s "$image") bytes," \
        "$(cat "$folder/written")"
    for use in - "$image"; do
        echo "  $([ "$use" = - ] && echo loaded || echo mapped): $(times "${model[@]}" "$use" "$@")," \
            "MiB of 1 process $(memory 1 "${model[@]}" "$use" "$@"), of 4 $(memory 4 "${model[@]}" "$use" "$@")"
    done
}

measure resnet50 1 602112 4000 60
measure minilm 1 512 196608 0
