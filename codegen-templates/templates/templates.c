#include "CodegenTemplates.h"

/* #embed is C23, which the toolchain's compiler also takes in C17. */
#pragma clang diagnostic ignored "-Wc23-extensions"

static const char header[] = {
#embed "header.h.mustache"
    , 0};

static const char python[] = {
#embed "module.py.mustache"
    , 0};

static const char cpp[] = {
#embed "model.hpp.mustache"
    , 0};

static const char swift[] = {
#embed "model.swift.mustache"
    , 0};

static const char runtime[] = {
#embed "runtime.ll"
    , 0};

static const char record[] = {
#embed "record.ll"
    , 0};

static const char self_test[] = {
#embed "self_test.ll"
    , 0};

static const char x86_64[] = {
#embed "target-x86_64.ll"
    , 0};

static const char aarch64[] = {
#embed "target-aarch64.ll"
    , 0};

const char *strata_template_header_text(void) { return header; }
const char *strata_template_python_text(void) { return python; }
const char *strata_template_cpp_text(void) { return cpp; }
const char *strata_template_swift_text(void) { return swift; }
const char *strata_template_runtime_text(void) { return runtime; }
const char *strata_template_record_text(void) { return record; }
const char *strata_template_self_test_text(void) { return self_test; }
const char *strata_template_x86_64_text(void) { return x86_64; }
const char *strata_template_aarch64_text(void) { return aarch64; }
