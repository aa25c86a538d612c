#pragma once
#include "strata_operation.h"

/* The texts of headers, each ended by a zero byte. */

/* strata_operation.h. */
const char *strata_operation_header_text(void);
/* math.h for targets whose headers are not there. */
const char *strata_fallback_math_text(void);
/* string.h for such targets. */
const char *strata_fallback_string_text(void);
