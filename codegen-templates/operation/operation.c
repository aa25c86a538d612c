#include "custom_code.h"

/* #embed is C23, which the toolchain's compiler also takes in C17. */
#pragma clang diagnostic ignored "-Wc23-extensions"

static const char header[] = {
#embed "include/strata_operation.h"
    , 0};

static const char math[] = {
#embed "headers/math.h"
    , 0};

static const char string[] = {
#embed "headers/string.h"
    , 0};

const char *strata_operation_header_text(void) { return header; }
const char *strata_fallback_math_text(void) { return math; }
const char *strata_fallback_string_text(void) { return string; }
