#!/usr/bin/env bash
# Kills trainings at random moments, lets them go on, and compares what each ends with: the same bytes as if nothing had
# happened. usage: scripts/kill-and-resume.sh [KILLS] [SEED]
#
# A training that reaches its end is compared and followed by a fresh one, until so many kills have hit; the moments
# range from before the first step over the writing of checkpoints and evaluations to the last step.
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

# Compares the training that has ended with the one that was never killed, and removes it.
compare() {
    local file
    for file in "checkpoint-$steps/state.safetensors" "checkpoint-$steps/manifest.json" evaluations.json; do
        cmp "$work/straight/$file" "$work/killed/$file"
    done
    rm -rf "$work/killed"
    trainings=$((trainings + 1))
}

count=0
trainings=0
declare -A endings=()
while [ "$count" -lt "$kills" ]; do
    "$program" "$work/killed" "$steps" compiled pause=1000 >/dev/null 2>&1 &
    process=$!
    sleep "$(printf '0.%03d' $((RANDOM % 900)))"
    signal=$([ $((RANDOM % 2)) = 0 ] && echo KILL || echo TERM)
    kill -s "$signal" "$process" 2>/dev/null || true
    status=0
    wait "$process" 2>/dev/null || status=$?
    case "$signal $status" in
        "KILL 137" | "TERM 75" | "TERM 143") # killed; saved; killed before it listened
            count=$((count + 1))
            endings["$signal $status"]=$((${endings["$signal $status"]:-0} + 1))
            ;;
        *" 0") compare ;; # it was done before the signal came
        *) echo "kill-and-resume: $signal ended the program with $status" >&2 && exit 1 ;;
    esac
done
if [ -d "$work/killed" ]; then
    "$program" "$work/killed" "$steps" compiled >/dev/null
    compare
fi

for ending in "${!endings[@]}"; do echo "signal and exit code $ending: ${endings[$ending]} times"; done
echo "$count kills in $trainings trainings: checkpoint, manifest and evaluations of each are the same bytes as without"
