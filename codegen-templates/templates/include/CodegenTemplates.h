#pragma once
/* The texts that generated files are made from, each ended by a zero byte. */

/* The Mustache template of a library's C header. */
const char *strata_template_header_text(void);
/* The Mustache template of the Python module that calls a library. */
const char *strata_template_python_text(void);
/* The Mustache template of the C++ class that calls a library. */
const char *strata_template_cpp_text(void);
/* The Mustache template of the Swift class that calls a library. */
const char *strata_template_swift_text(void);
/* The runtime of generated libraries as target-neutral LLVM IR, every symbol of it prefixed `strata_rt_`. */
const char *strata_template_runtime_text(void);
/* What libraries that record kernels hold beside the runtime, in the same form. */
const char *strata_template_record_text(void);
/* What libraries that test themselves hold beside the runtime, in the same form. */
const char *strata_template_self_test_text(void);
/* What x86-64 supplies to the runtime, as LLVM IR. */
const char *strata_template_x86_64_text(void);
/* What AArch64 supplies to the runtime, as LLVM IR. */
const char *strata_template_aarch64_text(void);
