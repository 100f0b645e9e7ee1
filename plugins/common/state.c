#include "common/state.h"

#include <stdlib.h>

_Static_assert(__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__, "numbers are written as they lie");
_Static_assert(sizeof(size_t) == sizeof(uint64_t), "a size_t is written as it lies");

static const char MAGIC[] = "reckon";

enum { MOST_ID = 64, FIRST_ROOM = 1 << 16, LINE = 64 }; // LINE: bytes of a cache line

static void write_bytes(struct state *s, const void *at, size_t n) {
    if (s->status == RK_OK && n > 0) s->status = s->stream->write(s->stream, at, n);
}

static void read_bytes(struct state *s, void *at, size_t n) {
    if (s->status == RK_OK && n > 0) s->status = s->stream->read(s->stream, at, n);
}

void state_judge(struct state *s, bool can_be, const char *what) {
    if (can_be || s->status != RK_OK || !s->loading) return;
    s->status =
        s->host->fail(s->host, RK_E_IO, "the state is damaged, or of another model: %s", what);
}

void state_number(struct state *s, void *at, size_t size) {
    if (s->loading)
        read_bytes(s, at, size);
    else
        write_bytes(s, at, size);
}

void state_bool(struct state *s, bool *at) {
    uint8_t byte = !s->loading && *at;
    STATE_NUMBER(s, byte);
    state_judge(s, byte <= 1, "a switch is neither on nor off");
    if (s->loading) *at = byte == 1;
}

void state_same(struct state *s, uint64_t number, const char *what) {
    uint64_t other = number;
    STATE_NUMBER(s, other);
    state_judge(s, other == number, what);
}

// Twice the room at most of what was read before, aligned, with that in it. NULL: no memory, and
// `at` is still there.
static char *grow(char *at, uint64_t got, uint64_t room) {
    char *more = aligned_alloc(LINE, (room + LINE - 1) / LINE * LINE + (room ? 0 : LINE));
    if (!more) return NULL;
    if (got > 0) memcpy(more, at, got);
    free(at);
    return more;
}

void *state_read_array(struct state *s, uint64_t n, size_t size) {
    state_same(s, n, "an array has another length");
    state_judge(s, n <= (SIZE_MAX - LINE) / size, "an array is too long");
    if (s->status != RK_OK) return NULL;
    const uint64_t bytes = n * size;
    uint64_t got = 0, room;
    char *at = NULL;
    do {
        room = got < FIRST_ROOM ? FIRST_ROOM : 2 * got;
        if (room > bytes) room = bytes;
        char *more = grow(at, got, room);
        if (more)
            at = more;
        else
            s->status = RK_E_MEMORY;
        read_bytes(s, at + got, room - got);
        got = room;
    } while (s->status == RK_OK && got < bytes);
    if (s->status == RK_OK) return at;
    free(at);
    return NULL;
}

void state_write_array(struct state *s, const void *at, uint64_t n, size_t size) {
    state_same(s, n, "");
    write_bytes(s, at, n * size);
}

void state_flags(struct state *s, bool **at, uint64_t n) {
    _Static_assert(sizeof(bool) == 1, "switches are written as they lie");
    STATE_ARRAY(s, *at, n);
    const unsigned char *byte = (const unsigned char *)*at;
    bool ok = true;
    for (uint64_t k = 0; s->loading && s->status == RK_OK && k < n; k++) ok = ok && byte[k] <= 1;
    state_judge(s, ok, "a switch is neither on nor off");
}

bool state_all_below(const uint32_t *at, uint64_t n, uint32_t limit, uint32_t none) {
    for (uint64_t k = 0; k < n; k++)
        if (at[k] >= limit && at[k] != none) return false;
    return true;
}

// ---- The whole ---------------------------------------------------------------------------------

// What the bytes begin with: whose they are.
static void head(struct state *s, const char *id, uint32_t format) {
    char magic[sizeof MAGIC], whose[MOST_ID] = {0};
    memcpy(magic, MAGIC, sizeof magic);
    strncpy(whose, id, sizeof whose - 1);
    STATE_NUMBER(s, magic);
    state_judge(s, memcmp(magic, MAGIC, sizeof magic) == 0, "it does not begin as one");
    STATE_NUMBER(s, whose);
    whose[sizeof whose - 1] = '\0';
    if (s->status == RK_OK && strcmp(whose, id) != 0)
        s->status = s->host->fail(s->host, RK_E_IO, "the state is one of %s, not of %s", whose, id);
    uint32_t number = format;
    STATE_NUMBER(s, number);
    if (s->status == RK_OK && number != format)
        s->status = s->host->fail(s->host, RK_E_IO,
            "the state has format %u of %s, and this plugin reads %u: fit the model again", number,
            id, format);
}

rk_status state_save(const rk_model *m, const rk_host *host, const rk_stream *out, const char *id,
    uint32_t format, state_fields *fields) {
    struct state s = {.stream = out, .host = host};
    head(&s, id, format);
    fields(&s, (rk_model *)(uintptr_t)m); // which only reads it
    return s.status;
}

rk_status state_load(rk_model *m, const rk_host *host, const rk_stream *in, const char *id,
    uint32_t format, state_fields *fields) {
    struct state s = {.stream = in, .host = host, .loading = true};
    head(&s, id, format);
    if (s.status == RK_OK) fields(&s, m);
    return s.status;
}
