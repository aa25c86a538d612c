// Images: a context's states and what its functions keep, in a file that is laid out as memory is.
//
// A page for the header, then on pages of their own the states, and for each function in turn what it keeps. The sizes
// follow from the library, so that the header says which one that is, and little else.
#include "internal.h"

enum { STRATA_RT_IMAGE_FORMAT = 1, STRATA_RT_PAGE = 4096, STRATA_RT_SOURCE_BYTES = 1024 };

typedef struct {
    char magic[16];
    int64_t format;
    int64_t bytes;  ///< Of the whole file.
    char library[256];
    char level[32];
    char identity[96];
    char source[STRATA_RT_SOURCE_BYTES];
    uint64_t checksum;  ///< Of all before it.
} strata_rt_image_header;

/// FNV-1a, of the header before its last field.
static uint64_t strata_rt_checksum(const strata_rt_image_header *header) {
    const unsigned char *bytes = (const unsigned char *)header;
    uint64_t sum = 0xcbf29ce484222325u;
    for (size_t at = 0; at < offsetof(strata_rt_image_header, checksum); at++) sum = (sum ^ bytes[at]) * 0x100000001b3u;
    return sum;
}

static int64_t strata_rt_whole_pages(int64_t bytes) {
    return (bytes + STRATA_RT_PAGE - 1) / STRATA_RT_PAGE * STRATA_RT_PAGE;
}

static int64_t strata_rt_kept_bytes(const strata_rt_context *context, int64_t function) {
    return context->library->functions[function].kept[context->level]->bytes;
}

/// Where in an image function `index` has what it keeps; one beyond the last gives the size of the image.
static int64_t strata_rt_kept_offset(const strata_rt_context *context, int64_t index) {
    int64_t offset = STRATA_RT_PAGE + strata_rt_whole_pages(strata_rt_all_state_bytes(context->library));
    for (int64_t function = 0; function < index; function++)
        offset += strata_rt_whole_pages(strata_rt_kept_bytes(context, function));
    return offset;
}

static void strata_rt_put_text(char *field, int64_t bytes, const char *text) {
    const char *const parts[] = {text, NULL};
    strata_rt_join(field, bytes, parts);
}

/// The header that an image of this context has.
static void strata_rt_make_image_header(
    const strata_rt_context *context, const char *source, strata_rt_image_header *header) {
    const strata_rt_level *level = &context->library->levels[context->level];
    memset(header, 0, sizeof *header);
    strata_rt_put_text(header->magic, sizeof header->magic, "strata image\n");
    header->format = STRATA_RT_IMAGE_FORMAT;
    header->bytes = strata_rt_kept_offset(context, context->library->function_count);
    strata_rt_put_text(header->library, sizeof header->library, context->library->name);
    strata_rt_put_text(header->level, sizeof header->level, level->name);
    strata_rt_put_text(header->identity, sizeof header->identity, level->identity);
    strata_rt_put_text(header->source, sizeof header->source, source ? source : "");
    header->checksum = strata_rt_checksum(header);
}

/// Refuses what both functions refuse. A source that is too long to be written whole would compare equal to others.
static int32_t strata_rt_check_image_arguments(
    strata_rt_context *context, const char *caller, const char *path, const char *source) {
    if (!context) return STRATA_RT_INVALID_ARGUMENT;
    char got[24], most[24];
    int64_t length = source ? strata_rt_length(source) : 0;
    const char *const missing[] = {caller, ": the path is NULL", NULL};
    const char *const long_source[] = {caller,
                                       ": the source: got ",
                                       strata_rt_decimal(got, length),
                                       " bytes, allowed at most ",
                                       strata_rt_decimal(most, STRATA_RT_SOURCE_BYTES - 1),
                                       NULL};
    if (!path) return strata_rt_fail(context, STRATA_RT_INVALID_ARGUMENT, missing);
    if (length >= STRATA_RT_SOURCE_BYTES) return strata_rt_fail(context, STRATA_RT_INVALID_ARGUMENT, long_source);
    return STRATA_RT_OK;
}

// ---- Saving ----

/// Writes `bytes` and zeros up to a whole page.
static int32_t strata_rt_write_pages(void *file, const void *memory, int64_t bytes) {
    static const char zeros[64];
    if (fwrite(memory, 1, (size_t)bytes, file) != (size_t)bytes) return 0;
    for (int64_t left = strata_rt_whole_pages(bytes) - bytes; left > 0;) {
        size_t count = left < (int64_t)sizeof zeros ? (size_t)left : sizeof zeros;
        if (fwrite(zeros, 1, count, file) != count) return 0;
        left -= (int64_t)count;
    }
    return 1;
}

static int32_t strata_rt_write_image(const strata_rt_context *context, void *file, const char *source) {
    const strata_rt_library *library = context->library;
    strata_rt_image_header header;
    strata_rt_make_image_header(context, source, &header);
    int64_t states = strata_rt_all_state_bytes(library);
    int32_t ok = strata_rt_write_pages(file, &header, sizeof header) &&
                 (!states || strata_rt_write_pages(file, context->buffers[0], states));
    for (int64_t index = 0; index < library->function_count && ok; index++) {
        int64_t bytes = strata_rt_kept_bytes(context, index);
        ok = !bytes || strata_rt_write_pages(file, context->keeping[index].memory, bytes);
    }
    return ok;
}

int32_t strata_rt_save_image(strata_rt_context *context, const char *path, const char *source) {
    int32_t status = strata_rt_check_image_arguments(context, "save_image", path, source);
    for (int64_t index = 0; status == STRATA_RT_OK && index < context->library->function_count; index++)
        status = strata_rt_keep(context, index);
    if (status != STRATA_RT_OK) return status;
    return strata_rt_replace_file(context, "save_image", path, strata_rt_write_image, source);
}

// ---- Mapping ----

static int32_t strata_rt_refuse_image(
    strata_rt_context *context, int32_t status, const char *path, const char *const *problem) {
    const char *parts[12] = {"map_image '", path, "': "};
    int32_t count = 3;
    while (*problem) parts[count++] = *problem++;
    parts[count] = NULL;
    return strata_rt_fail(context, status, parts);
}

/// Whether a field is the text expected; a damaged one may not end.
static int32_t strata_rt_same_field(const char *found, const char *expected, int64_t bytes) {
    for (int64_t at = 0; at < bytes; at++)
        if (found[at] != expected[at]) return 0;
    return 1;
}

/// Checks the first `count` bytes of a file of `size` against the header that is expected.
static int32_t strata_rt_check_image(
    strata_rt_context *context, const char *path, const char *source, strata_rt_image_header *found, size_t count,
    int64_t size) {
    strata_rt_image_header expected;
    strata_rt_make_image_header(context, source, &expected);
    const char *const again = ": write it again with save_image";
    char one[24], other[24];
    const int64_t magic = sizeof expected.magic;
    if ((int64_t)count < magic || !strata_rt_same_field(found->magic, expected.magic, magic)) {
        const char *const parts[] = {"expected an image written by save_image, got a file of another kind", NULL};
        return strata_rt_refuse_image(context, STRATA_RT_FILE, path, parts);
    }
    if (count < sizeof *found) {
        const char *const parts[] = {"truncated within its header", again, NULL};
        return strata_rt_refuse_image(context, STRATA_RT_FILE, path, parts);
    }
    if (found->format != expected.format) {
        const char *const parts[] = {"of format ",
                                     strata_rt_decimal(one, found->format),
                                     ", this library reads ",
                                     strata_rt_decimal(other, expected.format),
                                     again,
                                     NULL};
        return strata_rt_refuse_image(context, STRATA_RT_UNSUPPORTED, path, parts);
    }
    if (found->checksum != strata_rt_checksum(found)) {
        const char *const parts[] = {"its header is damaged", again, NULL};
        return strata_rt_refuse_image(context, STRATA_RT_FILE, path, parts);
    }
    // Texts end, whoever wrote them.
    found->library[sizeof found->library - 1] = found->level[sizeof found->level - 1] = 0;
    found->identity[sizeof found->identity - 1] = found->source[sizeof found->source - 1] = 0;
    if (!strata_rt_same_field(found->library, expected.library, sizeof expected.library)) {
        const char *const parts[] = {
            "of library '", found->library, "', expected '", expected.library, "'", again, NULL};
        return strata_rt_refuse_image(context, STRATA_RT_UNSUPPORTED, path, parts);
    }
    if (!strata_rt_same_field(found->level, expected.level, sizeof expected.level)) {
        const char *const parts[] = {
            "of CPU level ", found->level, ", this context uses ", expected.level,
            ": choose that variant, or write an image of this one", NULL};
        return strata_rt_refuse_image(context, STRATA_RT_UNSUPPORTED, path, parts);
    }
    if (!strata_rt_same_field(found->identity, expected.identity, sizeof expected.identity)) {
        const char *const parts[] = {
            "of another build of '", expected.library, "', with other states, options or code", again, NULL};
        return strata_rt_refuse_image(context, STRATA_RT_UNSUPPORTED, path, parts);
    }
    if (source && !strata_rt_same_field(found->source, expected.source, sizeof expected.source)) {
        const char *const parts[] = {"made from '", found->source, "', expected '", expected.source, "'", again, NULL};
        return strata_rt_refuse_image(context, STRATA_RT_UNSUPPORTED, path, parts);
    }
    if (found->bytes != expected.bytes || size != expected.bytes) {
        const char *const parts[] = {"truncated or damaged: expected ",
                                     strata_rt_decimal(one, expected.bytes),
                                     " bytes, got ",
                                     strata_rt_decimal(other, size),
                                     again,
                                     NULL};
        return strata_rt_refuse_image(context, STRATA_RT_FILE, path, parts);
    }
    return STRATA_RT_OK;
}

/// Checks an opened file and maps it; the context stays as it is.
static int32_t strata_rt_open_image(
    strata_rt_context *context, const char *path, const char *source, void *file, strata_rt_mapping *mapping) {
    enum { from_end = 2 };
    strata_rt_image_header header;
    memset(&header, 0, sizeof header);
    size_t count = fread(&header, 1, sizeof header, file);
    int64_t size = fseek(file, 0, from_end) == 0 ? ftell(file) : -1;
    int32_t status = strata_rt_check_image(context, path, source, &header, count, size);
    if (status != STRATA_RT_OK) return status;
    const char *const parts[] = {"out of memory: it cannot be mapped", NULL};
    if (strata_rt_map(mapping, file, size)) return STRATA_RT_OK;
    return strata_rt_refuse_image(context, STRATA_RT_OUT_OF_MEMORY, path, parts);
}

/// Puts the states, and what functions keep, where the image has them.
static void strata_rt_use_image(strata_rt_context *context, const strata_rt_mapping *mapping) {
    strata_rt_release(context);
    context->mapping = *mapping;
    context->version++;
    strata_rt_place_states(context, mapping->memory + STRATA_RT_PAGE);
    for (int64_t index = 0; index < context->library->function_count; index++) {
        if (!strata_rt_kept_bytes(context, index)) continue;
        context->keeping[index].memory = mapping->memory + strata_rt_kept_offset(context, index);
        context->keeping[index].version = context->version;
    }
}

int32_t strata_rt_map_image(strata_rt_context *context, const char *path, const char *source) {
    int32_t status = strata_rt_check_image_arguments(context, "map_image", path, source);
    if (status != STRATA_RT_OK) return status;
    void *file = fopen(path, "rbe");
    const char *const parts[] = {"cannot be opened", NULL};
    if (!file) return strata_rt_refuse_image(context, STRATA_RT_FILE, path, parts);
    strata_rt_mapping mapping = {NULL, 0};
    status = strata_rt_open_image(context, path, source, file, &mapping);
    fclose(file);
    if (status == STRATA_RT_OK) strata_rt_use_image(context, &mapping);
    return status;
}
