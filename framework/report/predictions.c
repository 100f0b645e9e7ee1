// predictions/<key>.csv.gz
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zlib.h>

#include "report/folder.h"
#include "report/wording.h"

static void put_answer(FILE *out, float value, char after) {
    char text[32];
    wording_exact_float(text, value);
    fprintf(out, "%s%c", text, after);
}

static char *make_text(const struct dataset *data, const struct test *test, const float *answers,
    const float *filled, size_t *n) {
    char *text = NULL;
    FILE *out = open_memstream(&text, n);
    if (!out) return NULL;
    fputs("user,item,rating,answer,filled\n", out);
    for (size_t k = 0; k < test->n; k++) {
        wording_csv(out, texts_packed_get(&data->users, test->users[k]));
        fputc(',', out);
        wording_csv(out, texts_packed_get(&data->items, test->items[k]));
        fputc(',', out);
        put_answer(out, test->truth[k], ',');
        put_answer(out, answers[k], ',');
        put_answer(out, filled[k], '\n');
    }
    if (fclose(out) == 0) return text;
    free(text);
    return NULL;
}

// Packed without a time or a name in it, so that equal answers are equal bytes.
static bool write_packed(int fd, const char *text, size_t n) {
    const int own = dup(fd);
    gzFile out = own >= 0 ? gzdopen(own, "wb6") : NULL;
    if (!out) {
        if (own >= 0) close(own);
        return false;
    }
    errno = 0;
    bool ok = true;
    for (size_t at = 0; ok && at < n;) {
        const unsigned part = n - at < 1u << 30 ? (unsigned)(n - at) : 1u << 30;
        ok = gzwrite(out, text + at, part) == (int)part;
        at += part;
    }
    return (gzclose(out) == Z_OK) && ok && fsync(fd) == 0;
}

static bool sync_folder(const char *path) {
    const int fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    const bool ok = fd >= 0 && (fsync(fd) == 0 || errno == EINVAL);
    if (fd >= 0) close(fd);
    return ok;
}

bool folder_write_predictions(const struct folder *f, const struct key *key,
    const struct dataset *data, const struct test *test, const float *answers, const float *filled,
    struct error *e) {
    char folder[4096 + 16], path[4096 + 64], aside[4096 + 80];
    size_t n = 0;
    char *text = make_text(data, test, answers, filled, &n);
    if (!text) return error_memory(e, test->n, "predictions");
    snprintf(folder, sizeof folder, "%s/predictions", f->path);
    snprintf(path, sizeof path, "%s/%s.csv.gz", folder, key->hex);
    snprintf(aside, sizeof aside, "%s.part", path);
    bool ok = mkdir(folder, 0777) == 0 || errno == EEXIST;
    const int fd = ok ? open(aside, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666) : -1;
    ok = fd >= 0 && write_packed(fd, text, n) && rename(aside, path) == 0 && sync_folder(folder);
    const int why = errno;
    if (fd >= 0) close(fd);
    if (!ok && fd >= 0) unlink(aside);
    free(text);
    return ok || error_set(e, "%s: cannot be written: %s", path, strerror(why ? why : EIO));
}
