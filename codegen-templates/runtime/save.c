// Writing every state to a safetensors file.
#include "safetensors.h"

static int32_t strata_rt_write(void *file, const char *text) {
    size_t bytes = (size_t)strata_rt_length(text);
    return fwrite(text, 1, bytes, file) == bytes;
}

/// A name as a JSON string.
static int32_t strata_rt_write_name(void *file, const char *name) {
    int32_t ok = strata_rt_write(file, "\"");
    for (; *name && ok; name++) {
        if (*name == '"' || *name == '\\') ok = strata_rt_write(file, "\\");
        ok = ok && fwrite(name, 1, 1, file) == 1;
    }
    return ok && strata_rt_write(file, "\":");
}

/// One state's description; returns 0 on failure.
static int32_t strata_rt_write_description(void *file, const strata_rt_state *state, int64_t begin) {
    char number[24], dtype[16];
    int64_t letter = 0;
    for (; state->dtype[letter] && letter < 15; letter++) {
        char lower = state->dtype[letter];
        dtype[letter] = lower >= 'a' && lower <= 'z' ? (char)(lower - 'a' + 'A') : lower;
    }
    dtype[letter] = 0;
    int32_t ok = strata_rt_write_name(file, state->name) && strata_rt_write(file, "{\"dtype\":\"") &&
                 strata_rt_write(file, dtype) && strata_rt_write(file, "\",\"shape\":[");
    for (int64_t axis = 0; axis < state->rank && ok; axis++)
        ok = strata_rt_write(file, axis ? "," : "") &&
             strata_rt_write(file, strata_rt_decimal(number, state->shape[axis]));
    return ok && strata_rt_write(file, "],\"data_offsets\":[") &&
           strata_rt_write(file, strata_rt_decimal(number, begin)) && strata_rt_write(file, ",") &&
           strata_rt_write(file, strata_rt_decimal(number, begin + state->byte_count)) &&
           strata_rt_write(file, "]}");
}

/// The file's length and header, padded to 8 bytes.
static int32_t strata_rt_write_header(void *file, const strata_rt_library *library) {
    enum { from_end = 2 };
    unsigned char length[8];
    memset(length, 0, sizeof length);
    int32_t ok = fwrite(length, 1, 8, file) == 8 && strata_rt_write(file, "{");
    int64_t begin = 0;
    for (int64_t index = 0; index < library->state_count && ok; index++) {
        ok = strata_rt_write(file, index ? "," : "") &&
             strata_rt_write_description(file, &library->states[index], begin);
        begin += library->states[index].byte_count;
    }
    ok = ok && strata_rt_write(file, "}");
    while (ok && ftell(file) % 8 != 0) ok = strata_rt_write(file, " ");
    if (!ok) return 0;
    uint64_t bytes = (uint64_t)ftell(file) - 8;
    for (int32_t byte = 0; byte < 8; byte++) length[byte] = (unsigned char)(bytes >> (8 * byte));
    return fseek(file, 0, 0) == 0 && fwrite(length, 1, 8, file) == 8 && fseek(file, 0, from_end) == 0;
}

static int32_t strata_rt_write_states(const strata_rt_context *context, void *file, const char *note) {
    const strata_rt_library *library = context->library;
    (void)note;
    int32_t ok = strata_rt_write_header(file, library);
    for (int64_t index = 0; index < library->state_count && ok; index++) {
        size_t bytes = (size_t)library->states[index].byte_count;
        ok = fwrite(context->buffers[index], 1, bytes, file) == bytes;
    }
    return ok;
}

int32_t strata_rt_save(strata_rt_context *context, const char *path) {
    if (!context) return STRATA_RT_INVALID_ARGUMENT;
    if (path) return strata_rt_replace_file(context, "save", path, strata_rt_write_states, NULL);
    const char *const parts[] = {"save: the path is NULL", NULL};
    return strata_rt_fail(context, STRATA_RT_INVALID_ARGUMENT, parts);
}
