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

#pragma clang assume_nonnull begin

/// The functions of LLVM's C interface that are used. They are looked up when the library is loaded, so that a program
/// that compiles nothing runs where there is no LLVM.
#define STRATA_LLVM_FUNCTIONS(FUNCTION)                     \
    FUNCTION(LLVMContextCreate)                             \
    FUNCTION(LLVMContextDispose)                            \
    FUNCTION(LLVMContextSetDiagnosticHandler)               \
    FUNCTION(LLVMCreateMemoryBufferWithMemoryRangeCopy)     \
    FUNCTION(LLVMCreatePassBuilderOptions)                  \
    FUNCTION(LLVMCreateTargetDataLayout)                    \
    FUNCTION(LLVMCreateTargetMachine)                       \
    FUNCTION(LLVMDisposeErrorMessage)                       \
    FUNCTION(LLVMDisposeMemoryBuffer)                       \
    FUNCTION(LLVMDisposeMessage)                            \
    FUNCTION(LLVMDisposeModule)                             \
    FUNCTION(LLVMDisposePassBuilderOptions)                 \
    FUNCTION(LLVMDisposeTargetData)                         \
    FUNCTION(LLVMDisposeTargetMachine)                      \
    FUNCTION(LLVMGetBufferSize)                             \
    FUNCTION(LLVMGetBufferStart)                            \
    FUNCTION(LLVMGetDiagInfoDescription)                    \
    FUNCTION(LLVMGetDiagInfoSeverity)                       \
    FUNCTION(LLVMGetErrorMessage)                           \
    FUNCTION(LLVMGetTarget)                                 \
    FUNCTION(LLVMGetTargetFromTriple)                       \
    FUNCTION(LLVMGetVersion)                                \
    FUNCTION(LLVMInitializeAArch64AsmParser)                \
    FUNCTION(LLVMInitializeAArch64AsmPrinter)               \
    FUNCTION(LLVMInitializeAArch64Target)                   \
    FUNCTION(LLVMInitializeAArch64TargetInfo)               \
    FUNCTION(LLVMInitializeAArch64TargetMC)                 \
    FUNCTION(LLVMInitializeX86AsmParser)                    \
    FUNCTION(LLVMInitializeX86AsmPrinter)                   \
    FUNCTION(LLVMInitializeX86Target)                       \
    FUNCTION(LLVMInitializeX86TargetInfo)                   \
    FUNCTION(LLVMInitializeX86TargetMC)                     \
    FUNCTION(LLVMInstallFatalErrorHandler)                  \
    FUNCTION(LLVMLinkModules2)                              \
    FUNCTION(LLVMParseIRInContext)                          \
    FUNCTION(LLVMPrintModuleToString)                       \
    FUNCTION(LLVMRunPasses)                                 \
    FUNCTION(LLVMSetModuleDataLayout)                       \
    FUNCTION(LLVMSetTarget)                                 \
    FUNCTION(LLVMTargetMachineEmitToMemoryBuffer)           \
    FUNCTION(LLVMVerifyModule)

/// The addresses of those functions in a loaded library, each with its own type.
struct strata_llvm {
#define STRATA_LLVM_MEMBER(name) __typeof__(&name) _Nonnull name;
    STRATA_LLVM_FUNCTIONS(STRATA_LLVM_MEMBER)
#undef STRATA_LLVM_MEMBER
};

/// Loads the shared library `file` as the dynamic linker finds it, and looks its functions up. Registers the x86-64 and
/// AArch64 code generators, assembly printers and assembly parsers, and makes LLVM's fatal errors end the guarded call
/// they happen in, not the process. The library stays loaded.
///
/// Gives a table that is never freed, or NULL and sets `message`, which is freed with `strata_llvm_free`.
const struct strata_llvm *_Nullable strata_llvm_load(const char *file, char *_Nullable *_Nonnull message);

/// How a guarded call into LLVM ended.
enum strata_llvm_outcome {
    /// It did what was asked.
    strata_llvm_done = 0,
    /// It refused; the module is as it was.
    strata_llvm_refused = 1,
    /// It gave up half-way; the module must not be used or disposed of any more.
    strata_llvm_gave_up = 2,
};

/// Runs `passes` over `module`. `message` is set unless done; it is freed with `strata_llvm_free`.
enum strata_llvm_outcome strata_llvm_run_passes(
    const struct strata_llvm *llvm, LLVMModuleRef _Nullable module, const char *passes,
    LLVMTargetMachineRef _Nullable machine, char *_Nullable *_Nonnull message);

/// Emits `module` into `buffer`. `message` is set unless done; it is freed with `strata_llvm_free`.
enum strata_llvm_outcome strata_llvm_emit(
    const struct strata_llvm *llvm, LLVMModuleRef _Nullable module, LLVMTargetMachineRef _Nullable machine,
    LLVMCodeGenFileType type, LLVMMemoryBufferRef _Nullable *_Nonnull buffer, char *_Nullable *_Nonnull message);

/// The file that the code at `address` was loaded from; NULL if there is none. It is never freed.
const char *_Nullable strata_file_of_code(const void *address);

/// Gives pages of freed memory back to the system.
void strata_release_free_memory(void);

/// Frees a message of these functions.
void strata_llvm_free(char *_Nullable message);

#pragma clang assume_nonnull end
