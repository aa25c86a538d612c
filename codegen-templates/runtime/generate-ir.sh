#!/bin/sh
# Writes the runtime as LLVM IR that LLVM 19 and later read and that serves every 64-bit Linux target:
#   sh generate-ir.sh CLANG OPT > ../templates/runtime.ll        (OPT is LLVM 19's)
#   sh generate-ir.sh CLANG OPT record > ../templates/record.ll  (what only libraries that record kernels hold)
#   sh generate-ir.sh CLANG OPT self_test > ../templates/self_test.ll  (what only libraries that test themselves hold)
# The compiler emits without optimizing or `optnone`, so that little newer than LLVM 19 appears (sed takes the rest); opt
# then shrinks the text. It works by the data layout that the targets share for what the runtime uses, but
# knows no target. What each architecture supplies is in templates/target-*.ll.
set -eu
clang=${1:-clang}
opt=${2:-opt-19}
here=$(cd "$(dirname "$0")" && pwd)
files="text memory processor pool steps context invoke state file safetensors_header load save image"
files=${3:-$files}
(for file in $files; do cat "$here/$file.c"; done) |
    "$clang" --target=x86_64-unknown-linux-gnu -x c -std=c11 -O0 -Xclang -disable-O0-optnone -ffreestanding -fPIC \
        -fvisibility=hidden -fomit-frame-pointer -fno-stack-protector -fno-ident -fno-asynchronous-unwind-tables \
        -Werror -Wall -Wextra -S -emit-llvm -I"$here" -I"$here/include" - -o - |
    sed -E -e '/^(target triple|source_filename|!llvm\.(ident|module\.flags)|![0-9]+ = )/d' \
        -e 's/ ?"(target-cpu|target-features|tune-cpu|min-legal-vector-width|stack-protector-buffer-size|frame-pointer|no-trapping-math)"="[^"]*"//g' \
        -e 's/ noinline//' -e 's/, !llvm\.loop ![0-9]+//' -e 's/captures\(none\)/nocapture/g' -e 's/ samesign / /g' |
    "$opt" -S -passes='function(sroa,early-cse,instcombine<no-verify-fixpoint>,simplifycfg,dce)' |
    sed -E -e '/^(target datalayout|source_filename|; ModuleID|; Function Attrs|$)/d' -e 's/ +; preds = .*//' \
        -e 's/ (noundef|nonnull)\b//g'
