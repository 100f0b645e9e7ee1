// Models as bytes: streams of reckon.state/1 over a memory file.
#include <errno.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "model/model.h"

static const rk_ext_state *find_state(const struct model *m, struct error *e) {
    const rk_ext_state *state = m->plugin->extension ? m->plugin->extension(RK_EXT_STATE) : NULL;
    if (!state)
        error_set(e, "%s cannot be saved: it has no extension \"%s\"", m->plugin->id, RK_EXT_STATE);
    return state;
}

// ---- Writing -----------------------------------------------------------------------------------

// Models come in many small pieces.
struct sink {
    rk_stream stream;
    int fd;
    size_t n;
    unsigned char waiting[1 << 16];
    int cause; // errno
};

static bool write_all(struct sink *s, const unsigned char *at, size_t n) {
    while (n > 0 && !s->cause) {
        const ssize_t done = write(s->fd, at, n);
        if (done < 0 && errno == EINTR) continue;
        if (done <= 0) {
            s->cause = done < 0 ? errno : EIO;
            return false;
        }
        at += done;
        n -= (size_t)done;
    }
    return !s->cause;
}

static bool flush(struct sink *s) {
    const size_t n = s->n;
    s->n = 0;
    return write_all(s, s->waiting, n);
}

static rk_status sink_write(const rk_stream *stream, const void *bytes, size_t n) {
    struct sink *s = stream->self;
    if (n > sizeof s->waiting - s->n && !flush(s)) return RK_E_IO;
    if (n > sizeof s->waiting) return write_all(s, bytes, n) ? RK_OK : RK_E_IO;
    if (n) memcpy(s->waiting + s->n, bytes, n);
    s->n += n;
    return RK_OK;
}

static rk_status sink_read(const rk_stream *stream, void *bytes, size_t n) {
    (void)stream, (void)bytes, (void)n;
    return RK_E_IO;
}

bool model_save(const struct model *m, int fd, struct error *e) {
    static struct sink s; // a process saves one model
    const rk_ext_state *state = find_state(m, e);
    if (!state) return false;
    s = (struct sink){.stream = {.write = sink_write, .read = sink_read}, .fd = fd};
    s.stream.self = &s;
    host_clear_failure(m->host);
    const rk_status status = state->save(m->self, &s.stream);
    flush(&s);
    if (s.cause)
        return error_set(e, "%s: no room to save it: %s", m->plugin->id, strerror(s.cause));
    return status == RK_OK || model_failure(m, "save", status, e);
}

// ---- Reading -----------------------------------------------------------------------------------

struct tape {
    rk_stream stream;
    const unsigned char *at;
    size_t n, got;
};

static rk_status tape_read(const rk_stream *stream, void *bytes, size_t n) {
    struct tape *t = stream->self;
    if (n > t->n - t->got) return RK_E_IO;
    if (n) memcpy(bytes, t->at + t->got, n);
    t->got += n;
    return RK_OK;
}

static rk_status tape_write(const rk_stream *stream, const void *bytes, size_t n) {
    (void)stream, (void)bytes, (void)n;
    return RK_E_IO;
}

static bool load(struct model *m, const rk_ext_state *state, struct tape *t, struct error *e) {
    t->stream = (rk_stream){.self = t, .write = tape_write, .read = tape_read};
    host_clear_failure(m->host);
    const rk_status status = state->load(m->self, &t->stream);
    if (status != RK_OK) return model_failure(m, "load", status, e);
    if (t->got != t->n)
        return error_set(
            e, "%s: load read %zu of the %zu bytes that save wrote", m->plugin->id, t->got, t->n);
    m->fitted = true;
    return true;
}

bool model_load(struct model *m, int fd, struct error *e) {
    const rk_ext_state *state = find_state(m, e);
    struct stat s;
    if (!state) return false;
    if (fstat(fd, &s) != 0) return error_set(e, "a saved state: %s", strerror(errno));
    struct tape t = {.n = (size_t)s.st_size};
    void *at = t.n ? mmap(NULL, t.n, PROT_READ, MAP_PRIVATE, fd, 0) : NULL;
    if (at == MAP_FAILED) return error_set(e, "cannot map a saved state: %s", strerror(errno));
    t.at = at;
    const bool ok = load(m, state, &t, e);
    if (at) munmap(at, t.n);
    return ok;
}
