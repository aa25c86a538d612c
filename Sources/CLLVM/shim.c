#define _GNU_SOURCE
#include "CLLVM.h"

#include <dlfcn.h>
#include <malloc.h>
#include <setjmp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

// LLVM reports what it can't generate code for ("Cannot select …") by a fatal error, after which it ends the process
// unless its handler does not return. A guarded call leaves by a long jump, as LLVM's own crash recovery does: what
// LLVM had allocated by then is lost, the process goes on. Only LLVM's frames lie between the jump and its landing.
static _Thread_local jmp_buf *landing;
static _Thread_local char *fatal_message;

static void on_fatal_error(const char *reason) {
    if (landing == NULL) return;
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

static void initialize(const struct strata_llvm *llvm) {
    llvm->LLVMInitializeX86TargetInfo();
    llvm->LLVMInitializeX86Target();
    llvm->LLVMInitializeX86TargetMC();
    llvm->LLVMInitializeX86AsmPrinter();
    llvm->LLVMInitializeX86AsmParser();
    llvm->LLVMInitializeAArch64TargetInfo();
    llvm->LLVMInitializeAArch64Target();
    llvm->LLVMInitializeAArch64TargetMC();
    llvm->LLVMInitializeAArch64AsmPrinter();
    llvm->LLVMInitializeAArch64AsmParser();
    llvm->LLVMInstallFatalErrorHandler(on_fatal_error);
}

/// The functions of the library; NULL and what is missing if there is something.
static struct strata_llvm *look_up(void *library, const char **missing) {
    struct strata_llvm *llvm = malloc(sizeof *llvm);
    if (llvm == NULL) {
        *missing = "out of memory";
        return NULL;
    }
    *missing = NULL;
#define LOOK_UP(name)                   \
    llvm->name = dlsym(library, #name); \
    if (llvm->name == NULL) *missing = "it has no function " #name;
    STRATA_LLVM_FUNCTIONS(LOOK_UP)
#undef LOOK_UP
    if (*missing == NULL) return llvm;
    free(llvm);
    return NULL;
}

const struct strata_llvm *strata_llvm_load(const char *file, char **message) {
    void *library = dlopen(file, RTLD_LAZY | RTLD_LOCAL);
    if (library == NULL) {
        *message = strdup(dlerror());
        return NULL;
    }
    const char *missing;
    struct strata_llvm *llvm = look_up(library, &missing);
    if (llvm == NULL) {
        if (asprintf(message, "%s: %s", file, missing) < 0) *message = NULL;
        dlclose(library);
        return NULL;
    }
    initialize(llvm);
    return llvm;
}

enum strata_llvm_outcome strata_llvm_run_passes(
    const struct strata_llvm *llvm, LLVMModuleRef module, const char *passes, LLVMTargetMachineRef machine,
    char **message) {
    jmp_buf here;
    landing = &here;
    if (setjmp(here) != 0) {
        return take_fatal_message(message);
    }
    LLVMPassBuilderOptionsRef options = llvm->LLVMCreatePassBuilderOptions();
    LLVMErrorRef error = llvm->LLVMRunPasses(module, passes, machine, options);
    llvm->LLVMDisposePassBuilderOptions(options);
    landing = NULL;
    if (error == NULL) {
        return strata_llvm_done;
    }
    char *reason = llvm->LLVMGetErrorMessage(error);
    enum strata_llvm_outcome outcome = refused(reason, message);
    llvm->LLVMDisposeErrorMessage(reason);
    return outcome;
}

enum strata_llvm_outcome strata_llvm_emit(
    const struct strata_llvm *llvm, LLVMModuleRef module, LLVMTargetMachineRef machine, LLVMCodeGenFileType type,
    LLVMMemoryBufferRef *buffer, char **message) {
    jmp_buf here;
    landing = &here;
    if (setjmp(here) != 0) {
        return take_fatal_message(message);
    }
    char *reason = NULL;
    LLVMBool failed = llvm->LLVMTargetMachineEmitToMemoryBuffer(machine, module, type, &reason, buffer);
    landing = NULL;
    if (!failed) {
        return strata_llvm_done;
    }
    enum strata_llvm_outcome outcome = refused(reason, message);
    llvm->LLVMDisposeMessage(reason);
    return outcome;
}

void strata_llvm_free(char *message) { free(message); }

const char *strata_file_of_code(const void *address) {
    Dl_info information;
    return dladdr(address, &information) != 0 ? information.dli_fname : NULL;
}

void strata_release_free_memory(void) { malloc_trim(0); }
