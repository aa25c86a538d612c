#include "LaunchTemplates.h"

/* #embed is C23, which the toolchain's compiler also takes in C17. */
#pragma clang diagnostic ignored "-Wc23-extensions"

static const char slurm[] = {
#embed "slurm.sh.mustache"
    , 0};

static const char kubernetes[] = {
#embed "kubernetes.yaml.mustache"
    , 0};

const char *strata_template_slurm_text(void) { return slurm; }
const char *strata_template_kubernetes_text(void) { return kubernetes; }
