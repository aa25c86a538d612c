#!/usr/bin/env bash
# The demo: what Strata does, from a model to a library that runs on its own.
# Trains a classifier of Fashion-MNIST images, exports it, and uses the export from C on this machine and for AArch64.
set -euo pipefail
cd "$(dirname "$0")/.."

data=/usr/share/datasets/fashion-mnist
output=demo-output
steps=${1:-4000}
sysroot=/usr/aarch64-linux-gnu
compiler=$(dirname "$(command -v swift)")/clang
[ -x "$compiler" ] || compiler=clang

echo "== train, evaluate, export"
.build/release/FashionDemo "$output" "$steps" | tee "$output.log"
mv "$output.log" "$output/log"

host=$(uname -m)-linux
gunzip -c "$data/t10k-images-idx3-ubyte.gz" >"$output/images"
gunzip -c "$data/t10k-labels-idx1-ubyte.gz" >"$output/labels"

echo "== a C program with the exported header and library"
library=$output/exported/$host
"$compiler" -std=c99 -O2 -I"$library" Examples/FashionMNIST/classify.c -o "$output/classify" \
    -L"$library" -lfashion -Wl,-rpath,"$PWD/$library"
"$output/classify" "$library/fashion.weights.safetensors" "$output/images" "$output/labels" 10000 "$output/answers" |
    tee "$output/classified"

trained=$(sed -n 's/^test .*accuracy \([0-9.]*\).*/\1/p' "$output/log")
if ! awk -v accuracy="$trained" 'BEGIN { exit !(accuracy >= 0.90) }'; then
    echo "demo: the test accuracy $trained is under 0.90" >&2
    exit 1
fi
classified=$(sed -n 's/^accuracy \([0-9.]*\) .*/\1/p' "$output/classified")
if [ "$trained" != "$classified" ]; then
    echo "demo: the program's accuracy $classified is not the estimator's $trained" >&2
    exit 1
fi

echo "== the same for AArch64, under an emulator"
if ! command -v qemu-aarch64 >/dev/null || [ ! -e "$sysroot/lib/libc.so.6" ]; then
    echo "skipped: needs an emulator: sudo apt-get install qemu-user libc6-arm64-cross"
    exit 0
fi
library=$output/exported/aarch64-linux
"$compiler" --target=aarch64-unknown-linux-gnu -std=c99 -O2 -ffreestanding -fPIC -fno-stack-protector -DSTANDALONE \
    -I"$library" -c Examples/FashionMNIST/classify.c -o "$output/classify-aarch64.o"
ld.lld -pie -dynamic-linker /lib/ld-linux-aarch64.so.1 -rpath "$PWD/$library" --allow-shlib-undefined \
    -o "$output/classify-aarch64" "$output/classify-aarch64.o" "$library/libfashion.so" "$sysroot/lib/libc.so.6"
qemu-aarch64 -L "$sysroot" "$output/classify-aarch64" \
    "$library/fashion.weights.safetensors" "$output/images" "$output/labels" 200 "$output/answers-aarch64"
if ! cmp -s <(head -n 200 "$output/answers") "$output/answers-aarch64"; then
    echo "demo: the AArch64 library's first 200 answers differ from this machine's" >&2
    exit 1
fi
echo "the first 200 answers are the same on both"
