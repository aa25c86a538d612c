#pragma once
/* The Mustache templates of what engines are given to start programs by, each ended by a zero byte. */

/* A batch script of Slurm. */
const char *strata_template_slurm_text(void);
/* A manifest of Kubernetes: an MPIJob of the Kubeflow MPI operator. */
const char *strata_template_kubernetes_text(void);
