// Building messages without printf.
#include "internal.h"

int64_t strata_rt_length(const char *text) {
    int64_t length = 0;
    while (text[length]) length++;
    return length;
}

int32_t strata_rt_equal(const char *left, const char *right) {
    while (*left && *left == *right) {
        left++;
        right++;
    }
    return *left == *right;
}

void strata_rt_join(char *buffer, int64_t bytes, const char *const *parts) {
    if (!buffer || bytes < 1) return;
    int64_t at = 0;
    for (; *parts; parts++)
        for (const char *from = *parts; *from && at < bytes - 1; from++) buffer[at++] = *from;
    buffer[at] = 0;
}

const char *strata_rt_decimal(char buffer[24], int64_t value) {
    char reversed[24];
    int32_t digits = 0;
    uint64_t rest = value < 0 ? 0 - (uint64_t)value : (uint64_t)value;
    do {
        reversed[digits++] = (char)('0' + rest % 10);
        rest /= 10;
    } while (rest);
    char *to = buffer;
    if (value < 0) *to++ = '-';
    while (digits) *to++ = reversed[--digits];
    *to = 0;
    return buffer;
}

const char *strata_rt_type_text(
    char *buffer, int64_t bytes, const char *dtype, const int64_t *shape, int64_t rank) {
    const char *const head[] = {dtype, "[", NULL};
    strata_rt_join(buffer, bytes, head);
    for (int64_t axis = 0; axis < rank; axis++) {
        char number[24];
        const char *const part[] = {axis ? "," : "", strata_rt_decimal(number, shape[axis]), NULL};
        int64_t used = strata_rt_length(buffer);
        strata_rt_join(buffer + used, bytes - used, part);
    }
    const char *const tail[] = {"]", NULL};
    int64_t used = strata_rt_length(buffer);
    strata_rt_join(buffer + used, bytes - used, tail);
    return buffer;
}

int32_t strata_rt_fail(strata_rt_context *context, int32_t status, const char *const *parts) {
    strata_rt_join(context->error, STRATA_RT_ERROR_BYTES, parts);
    return status;
}
