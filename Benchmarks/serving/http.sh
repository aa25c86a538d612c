#!/usr/bin/env bash
# Measures `strata serve` with small requests, by ApacheBench (Debian: apache2-utils): one row of binary data each.
#   Benchmarks/serving/http.sh [SECONDS] [GRAPH INPUT SHAPE]
# Prints, for one connection and for eight, with requests joined and not: requests a second, the mean time of a request
# in milliseconds, and how many rows a call had. By default the graph is graphs/mlp.graph, whose input image has rows of shape 784.
set -euo pipefail
cd "$(dirname "$0")/../.."
serve=${SERVE:-.build/release/strata-serve}
seconds=${1:-5}
graph=${2:-graphs/mlp.graph}
input=${3:-image}
shape=${4:-784}
command -v ab >/dev/null || { echo "ab is not there: install apache2-utils" >&2; exit 1; }
folder=$(mktemp -d)
server=
trap '[ -z "$server" ] || kill "$server"; rm -rf "$folder"' EXIT

bytes=$((4 * ${shape//,/*}))
json="{\"inputs\":[{\"name\":\"$input\",\"datatype\":\"FP32\",\"shape\":[1,$shape],\"parameters\":{\"binary_data_size\":$bytes}}],"
json+='"parameters":{"binary_data_output":true}}'
{ printf '%s' "$json" && head -c "$bytes" /dev/zero; } >"$folder/body"

# Serves with these options, and measures with so many connections.
measure() {
    local connections=$1 url
    shift
    : >"$folder/line"
    "$serve" "model=$graph" --port 0 "$@" >"$folder/line" 2>"$folder/log" &
    server=$!
    until grep -q http "$folder/line"; do
        kill -0 "$server" 2>/dev/null || { cat "$folder/log" >&2; exit 1; }
        sleep 0.1
    done
    url=$(grep -o 'http.*' "$folder/line")
    ab -q -k -c "$connections" -t "$seconds" -n 10000000 -p "$folder/body" -T application/octet-stream \
        -H "Inference-Header-Content-Length: ${#json}" "$url/v2/models/model/infer" >"$folder/report" 2>&1
    awk -v what="$connections connections $*" '
        /^Requests per second/ { rate = $4 }
        /^Time per request/ && mean == "" { mean = $4 } /^Non-2xx|^Failed requests: +[1-9]/ { print }
        END { printf "%-32s %8.0f requests/s, %s ms\n", what, rate, mean }
        ' "$folder/report"
    curl -s "$url/metrics" | awk '/^strata_batch_size_sum/ { sum = $2 } /^strata_batch_size_count/ { calls = $2 }
        END { if (calls) printf "%-32s %8.2f rows a call\n", "", sum / calls }'
    kill "$server"
    wait "$server"
    server=
}

measure 1
measure 8
measure 8 --max-batch 1
measure 8 --threads 1
measure 8 --threads 1 --max-batch 1
measure 8 --contexts 2
