#!/usr/bin/env bash
# Installs what building, testing and the demo need beside Swift itself, and says so; quick when all is there.
# With root rights or sudo it installs; otherwise it ends with the command to run.
set -euo pipefail

packages=(
    llvm-19-dev          # the code generator: headers and library
    lld-19               # the linker of what is generated
    zlib1g-dev           # compressed data files
    dataset-fashion-mnist # the data of the demo and the end-to-end tests
    qemu-user            # runs what is generated for AArch64
    libc6-arm64-cross    # the AArch64 C library, for the same
    openmpi-bin          # MPI, for trainings in several processes and their tests
)

# The same things by their files, for machines without Debian's packages.
needed_files=(
    "/usr/lib/llvm-19/include/llvm-c/Core.h|LLVM 19's headers (and libLLVM-19.so where the dynamic linker looks)"
    "/usr/include/zlib.h|zlib's header and library"
)
needed_programs=(
    "ld.lld|LLVM's linker, release 19 or later"
)

fail() {
    printf 'setup: %s\n' "$@" >&2
    exit 1
}

check_swift() {
    command -v swift >/dev/null || fail "swift is not on the PATH: install Swift 6.3 (see swift.org/install)"
}

missing_packages() {
    local installed name
    # One call for all; a package it has never heard of is left out of its answer.
    installed=$(dpkg-query -W -f '${db:Status-Status} ${Package}\n' "${packages[@]}" 2>/dev/null || true)
    for name in "${packages[@]}"; do
        grep -qx "installed $name" <<<"$installed" || printf '%s\n' "$name"
    done
}

check_other_system() {
    local entry lacking=()
    for entry in "${needed_files[@]}"; do
        [ -e "${entry%%|*}" ] || lacking+=("  ${entry%%|*}: ${entry#*|}")
    done
    for entry in "${needed_programs[@]}"; do
        command -v "${entry%%|*}" >/dev/null || lacking+=("  ${entry%%|*}: ${entry#*|}")
    done
    [ ${#lacking[@]} -eq 0 ] || fail "this is no Debian system, where packages could be installed. Missing here:" \
        "${lacking[@]}" \
        "Tests and the demo also use qemu-aarch64, an AArch64 C library, MPI and Fashion-MNIST, where they are there."
}

install_packages() {
    local as_root=() options=(-o DPkg::Lock::Timeout=300)
    local command="apt-get update && sudo apt-get install -y --no-install-recommends $*"
    if [ "$(id -u)" -ne 0 ]; then
        if ! command -v sudo >/dev/null || ! { [ -t 0 ] || sudo -n true 2>/dev/null; }; then
            fail "missing: $*" "installing them needs root rights; run: sudo $command"
        fi
        as_root=(sudo)
    fi
    echo "setup: installing $*"
    "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get "${options[@]}" -qq update ||
        fail "the package lists can't be updated; when they can, run: sudo $command"
    "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get "${options[@]}" -qq -y \
        --no-install-recommends install "$@" >/dev/null ||
        fail "can't install $*; to see why, run: sudo $command"
}

check_swift
if command -v apt-get >/dev/null && command -v dpkg-query >/dev/null; then
    mapfile -t missing < <(missing_packages)
    [ ${#missing[@]} -eq 0 ] || install_packages "${missing[@]}"
else
    check_other_system
fi
