#include "strata_runtime.h"
