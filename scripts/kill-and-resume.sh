#!/usr/bin/env bash
# Kills a training at random moments, lets it go on, and compares what it ends with: the same bytes as if nothing had
# happened. usage: scripts/kill-and-resume.sh [KILLS] [SEED]
set -euo pipefail
cd "$(dirname "$0")/.."

kills=${1:-50}
RANDOM=${2:-1}
steps=3000
program=.build/release/ResumableTraining
swift build -c release --product ResumableTraining

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
"$program" "$work/straight" "$steps" compiled pause=1000 >/dev/null

count=0
done_early=0
declare -A endings=()
while [ "$count" -lt "$kills" ]; do
    "$program" "$work/killed" "$steps" compiled pause=1000 >/dev/null 2>&1 &
    process=$!
    # From before its first step to some checkpoints later.
    sleep "$(printf '0.%03d' $((RANDOM % 900)))"
    signal=$([ $((RANDOM % 2)) = 0 ] && echo KILL || echo TERM)
    kill -s "$signal" "$process" 2>/dev/null || true
    status=0
    wait "$process" 2>/dev/null || status=$?
    endings["$signal $status"]=$((${endings["$signal $status"]:-0} + 1))
    count=$((count + 1))
    case "$signal $status" in
        "KILL 137" | "TERM 75" | "TERM 143") ;; # killed; saved; killed before it listened
        *" 0") done_early=1 && break ;;
        *) echo "kill-and-resume: $signal ended the program with $status" >&2 && exit 1 ;;
    esac
done
[ "$done_early" = 0 ] || echo "the training was done after $count kills"
"$program" "$work/killed" "$steps" compiled >/dev/null

for file in "checkpoint-$steps/state.safetensors" "checkpoint-$steps/manifest.json" evaluations.json; do
    cmp "$work/straight/$file" "$work/killed/$file"
done
for ending in "${!endings[@]}"; do echo "signal and exit code $ending: ${endings[$ending]} times"; done
echo "after $count kills, checkpoint, manifest and evaluations are the same bytes"
