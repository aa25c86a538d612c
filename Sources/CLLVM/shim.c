#include "CLLVM.h"

#include <setjmp.h>
#include <stdlib.h>
#include <string.h>

// LLVM reports what it can't generate code for ("Cannot select …") by a fatal error, after which it ends the process
// unless its handler does not return. A guarded call leaves by a long jump, as LLVM's own crash recovery does: what
// LLVM had allocated by then is lost, the process goes on. Only LLVM's frames lie between the jump and its landing.
static _Thread_local jmp_buf *landing;
static _Thread_local char *fatal_message;

static void on_fatal_error(const char *reason) {
    if (landing == NULL) {
        return;
    }
    fatal_message = strdup(reason);
    longjmp(*landing, 1);
}

static enum strata_llvm_outcome take_fatal_message(char **message) {
    landing = NULL;
    *message = fatal_message;
    fatal_message = NULL;
    return strata_llvm_gave_up;
}

static enum strata_llvm_outcome refused(const char *reason, char **message) {
    *message = strdup(reason);
    return strata_llvm_refused;
}

void strata_llvm_initialize(void) {
    LLVMInitializeX86TargetInfo();
    LLVMInitializeX86Target();
    LLVMInitializeX86TargetMC();
    LLVMInitializeX86AsmPrinter();
    LLVMInitializeX86AsmParser();
    LLVMInitializeAArch64TargetInfo();
    LLVMInitializeAArch64Target();
    LLVMInitializeAArch64TargetMC();
    LLVMInitializeAArch64AsmPrinter();
    LLVMInitializeAArch64AsmParser();
    LLVMInstallFatalErrorHandler(on_fatal_error);
}

enum strata_llvm_outcome strata_llvm_run_passes(
    LLVMModuleRef module, const char *passes, LLVMTargetMachineRef machine, char **message) {
    jmp_buf here;
    landing = &here;
    if (setjmp(here) != 0) {
        return take_fatal_message(message);
    }
    LLVMPassBuilderOptionsRef options = LLVMCreatePassBuilderOptions();
    LLVMErrorRef error = LLVMRunPasses(module, passes, machine, options);
    LLVMDisposePassBuilderOptions(options);
    landing = NULL;
    if (error == NULL) {
        return strata_llvm_done;
    }
    char *reason = LLVMGetErrorMessage(error);
    enum strata_llvm_outcome outcome = refused(reason, message);
    LLVMDisposeErrorMessage(reason);
    return outcome;
}

enum strata_llvm_outcome strata_llvm_emit(
    LLVMModuleRef module, LLVMTargetMachineRef machine, LLVMCodeGenFileType type, LLVMMemoryBufferRef *buffer,
    char **message) {
    jmp_buf here;
    landing = &here;
    if (setjmp(here) != 0) {
        return take_fatal_message(message);
    }
    char *reason = NULL;
    LLVMBool failed = LLVMTargetMachineEmitToMemoryBuffer(machine, module, type, &reason, buffer);
    landing = NULL;
    if (!failed) {
        return strata_llvm_done;
    }
    enum strata_llvm_outcome outcome = refused(reason, message);
    LLVMDisposeMessage(reason);
    return outcome;
}

void strata_llvm_free(char *message) { free(message); }
