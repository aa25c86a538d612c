// The header of a safetensors file: just as much JSON as it can hold.
#include "safetensors.h"

static int32_t strata_rt_expected(strata_rt_cursor *cursor, const char *what) {
    if (!cursor->failed) cursor->failed = what;
    return 0;
}

static void strata_rt_skip_space(strata_rt_cursor *cursor) {
    while (cursor->at < cursor->end &&
           (*cursor->at == ' ' || *cursor->at == '\n' || *cursor->at == '\t' || *cursor->at == '\r'))
        cursor->at++;
}

/// Whether the next character is `wanted`, which is then passed.
static int32_t strata_rt_accept(strata_rt_cursor *cursor, char wanted) {
    strata_rt_skip_space(cursor);
    if (cursor->at >= cursor->end || *cursor->at != wanted) return 0;
    cursor->at++;
    return 1;
}

static void strata_rt_put(char *buffer, int64_t bytes, int64_t *used, uint32_t byte) {
    if (*used < bytes - 1) buffer[*used] = (char)byte;
    (*used)++;
}

/// Writes a code point as UTF-8.
static void strata_rt_put_code(char *buffer, int64_t bytes, int64_t *used, uint32_t code) {
    if (code < 0x80) {
        strata_rt_put(buffer, bytes, used, code);
        return;
    }
    if (code < 0x800) {
        strata_rt_put(buffer, bytes, used, 0xc0 | code >> 6);
    } else {
        strata_rt_put(buffer, bytes, used, 0xe0 | code >> 12);
        strata_rt_put(buffer, bytes, used, 0x80 | (code >> 6 & 0x3f));
    }
    strata_rt_put(buffer, bytes, used, 0x80 | (code & 0x3f));
}

static int32_t strata_rt_read_hex(strata_rt_cursor *cursor, uint32_t *code) {
    *code = 0;
    for (int32_t digit = 0; digit < 4; digit++) {
        if (cursor->at >= cursor->end) return 0;
        char character = *cursor->at++;
        uint32_t value;
        if (character >= '0' && character <= '9') value = (uint32_t)(character - '0');
        else if (character >= 'a' && character <= 'f') value = (uint32_t)(character - 'a' + 10);
        else if (character >= 'A' && character <= 'F') value = (uint32_t)(character - 'A' + 10);
        else return 0;
        *code = *code << 4 | value;
    }
    return 1;
}

static int32_t strata_rt_read_escape(strata_rt_cursor *cursor, char *buffer, int64_t bytes, int64_t *used) {
    const char *const letters = "\"\\/bfnrt", *const meanings = "\"\\/\b\f\n\r\t";
    if (cursor->at >= cursor->end) return strata_rt_expected(cursor, "an escape");
    char letter = *cursor->at++;
    uint32_t code;
    if (letter == 'u') {
        if (!strata_rt_read_hex(cursor, &code)) return strata_rt_expected(cursor, "four hexadecimal digits");
        strata_rt_put_code(buffer, bytes, used, code);
        return 1;
    }
    for (int32_t index = 0; letters[index]; index++) {
        if (letters[index] != letter) continue;
        strata_rt_put(buffer, bytes, used, (uint32_t)(unsigned char)meanings[index]);
        return 1;
    }
    return strata_rt_expected(cursor, "an escape");
}

/// Reads a string; one longer than the buffer is cut.
static int32_t strata_rt_read_string(strata_rt_cursor *cursor, char *buffer, int64_t bytes) {
    int64_t used = 0;
    if (!strata_rt_accept(cursor, '"')) return strata_rt_expected(cursor, "a string");
    while (cursor->at < cursor->end && *cursor->at != '"') {
        char character = *cursor->at++;
        if (character != '\\') strata_rt_put(buffer, bytes, &used, (uint32_t)(unsigned char)character);
        else if (!strata_rt_read_escape(cursor, buffer, bytes, &used)) return 0;
    }
    if (cursor->at >= cursor->end) return strata_rt_expected(cursor, "the end of a string");
    cursor->at++;
    buffer[used < bytes ? used : bytes - 1] = 0;
    return 1;
}

static int32_t strata_rt_read_integer(strata_rt_cursor *cursor, int64_t *value) {
    const int64_t limit = (int64_t)1 << 58;
    strata_rt_skip_space(cursor);
    const char *start = cursor->at;
    *value = 0;
    while (cursor->at < cursor->end && *cursor->at >= '0' && *cursor->at <= '9') {
        *value = *value * 10 + (*cursor->at++ - '0');
        if (*value > limit) return strata_rt_expected(cursor, "a smaller number");
    }
    return cursor->at > start ? 1 : strata_rt_expected(cursor, "a number");
}

/// Reads `[1, 2, …]`, at most `limit` numbers.
static int32_t strata_rt_read_list(strata_rt_cursor *cursor, int64_t *values, int64_t limit, int64_t *count) {
    *count = 0;
    if (!strata_rt_accept(cursor, '[')) return strata_rt_expected(cursor, "'['");
    if (strata_rt_accept(cursor, ']')) return 1;
    do {
        if (*count == limit) return strata_rt_expected(cursor, "fewer numbers");
        if (!strata_rt_read_integer(cursor, &values[*count])) return 0;
        (*count)++;
    } while (strata_rt_accept(cursor, ','));
    return strata_rt_accept(cursor, ']') ? 1 : strata_rt_expected(cursor, "']'");
}

/// Passes the metadata: an object of strings.
static int32_t strata_rt_skip_metadata(strata_rt_cursor *cursor) {
    char ignored[2];
    if (!strata_rt_accept(cursor, '{')) return strata_rt_expected(cursor, "'{'");
    if (strata_rt_accept(cursor, '}')) return 1;
    do {
        if (!strata_rt_read_string(cursor, ignored, sizeof ignored)) return 0;
        if (!strata_rt_accept(cursor, ':')) return strata_rt_expected(cursor, "':'");
        if (!strata_rt_read_string(cursor, ignored, sizeof ignored)) return 0;
    } while (strata_rt_accept(cursor, ','));
    return strata_rt_accept(cursor, '}') ? 1 : strata_rt_expected(cursor, "'}'");
}

/// Reads one field of a tensor's description; `fields` gathers which ones there are.
static int32_t strata_rt_read_field(strata_rt_cursor *cursor, strata_rt_entry *entry, int32_t *fields) {
    char key[16];
    int64_t offsets[2], count;
    if (!strata_rt_read_string(cursor, key, sizeof key)) return 0;
    if (!strata_rt_accept(cursor, ':')) return strata_rt_expected(cursor, "':'");
    if (strata_rt_equal(key, "dtype")) {
        *fields |= 1;
        if (!strata_rt_read_string(cursor, entry->dtype, sizeof entry->dtype)) return 0;
        for (char *letter = entry->dtype; *letter; letter++)
            if (*letter >= 'A' && *letter <= 'Z') *letter = (char)(*letter - 'A' + 'a');
        return 1;
    }
    if (strata_rt_equal(key, "shape")) {
        *fields |= 2;
        return strata_rt_read_list(cursor, entry->shape, STRATA_RT_MAX_RANK, &entry->rank);
    }
    if (strata_rt_equal(key, "data_offsets")) {
        *fields |= 4;
        if (!strata_rt_read_list(cursor, offsets, 2, &count)) return 0;
        if (count != 2 || offsets[1] < offsets[0]) return strata_rt_expected(cursor, "two ascending offsets");
        entry->begin = offsets[0];
        entry->end = offsets[1];
        return 1;
    }
    return strata_rt_expected(cursor, "\"dtype\", \"shape\" or \"data_offsets\"");
}

static int32_t strata_rt_read_description(strata_rt_cursor *cursor, strata_rt_entry *entry) {
    int32_t fields = 0;
    if (!strata_rt_accept(cursor, '{')) return strata_rt_expected(cursor, "'{'");
    do {
        if (!strata_rt_read_field(cursor, entry, &fields)) return 0;
    } while (strata_rt_accept(cursor, ','));
    if (fields != 7) return strata_rt_expected(cursor, "\"dtype\", \"shape\" and \"data_offsets\"");
    return strata_rt_accept(cursor, '}') ? 1 : strata_rt_expected(cursor, "'}'");
}

int32_t strata_rt_next_entry(strata_rt_cursor *cursor, strata_rt_entry *entry) {
    for (;;) {
        int32_t first = cursor->at == cursor->start;
        if (first && !strata_rt_accept(cursor, '{')) return strata_rt_expected(cursor, "'{'") - 1;
        if (strata_rt_accept(cursor, '}')) return 0;
        if (!first && !strata_rt_accept(cursor, ',')) return strata_rt_expected(cursor, "',' or '}'") - 1;
        if (!strata_rt_read_string(cursor, entry->name, sizeof entry->name)) return -1;
        if (!strata_rt_accept(cursor, ':')) return strata_rt_expected(cursor, "':'") - 1;
        if (!strata_rt_equal(entry->name, "__metadata__")) return strata_rt_read_description(cursor, entry) ? 1 : -1;
        if (!strata_rt_skip_metadata(cursor)) return -1;
    }
}
