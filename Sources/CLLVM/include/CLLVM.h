#pragma once
#include <llvm-c/Analysis.h>
#include <llvm-c/Core.h>
#include <llvm-c/Error.h>
#include <llvm-c/ErrorHandling.h>
#include <llvm-c/IRReader.h>
#include <llvm-c/Linker.h>
#include <llvm-c/Target.h>
#include <llvm-c/TargetMachine.h>
#include <llvm-c/Transforms/PassBuilder.h>

/// How a guarded call into LLVM ended.
enum strata_llvm_outcome {
    /// It did what was asked.
    strata_llvm_done = 0,
    /// It refused; the module is as it was.
    strata_llvm_refused = 1,
    /// It gave up half-way; the module must not be used or disposed of any more.
    strata_llvm_gave_up = 2,
};

/// Registers the x86-64 and AArch64 code generators, assembly printers and assembly parsers, and makes LLVM's fatal
/// errors end the guarded call they happen in, not the process. To be called once, before anything else.
void strata_llvm_initialize(void);

/// Runs `passes` over `module`. `message` is set unless done; it is freed with `strata_llvm_free`.
enum strata_llvm_outcome strata_llvm_run_passes(
    LLVMModuleRef module, const char *passes, LLVMTargetMachineRef machine, char **message);

/// Emits `module` into `buffer`. `message` is set unless done; it is freed with `strata_llvm_free`.
enum strata_llvm_outcome strata_llvm_emit(
    LLVMModuleRef module, LLVMTargetMachineRef machine, LLVMCodeGenFileType type, LLVMMemoryBufferRef *buffer,
    char **message);

/// Frees a message of a guarded call.
void strata_llvm_free(char *message);
