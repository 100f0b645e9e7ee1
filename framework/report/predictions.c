// predictions/<data>.<model>.<seed>.<repeat>.<fold>.csv
#include <stdlib.h>
#include <string.h>

#include "report/folder.h"
#include "report/wording.h"

enum { PART_BYTES = 80 };

// A label as a part of a file name: a space becomes '+', what else cannot stand there '_'. After
// the latter, or when it was cut, a hash of the label keeps different ones apart.
static const char *file_part(struct arena *a, const char *label) {
    char part[PART_BYTES + 1];
    size_t n = 0;
    uint64_t hash = 0xcbf29ce484222325u; // FNV-1a
    bool changed = false;
    for (const char *c = label; *c; c++) {
        const unsigned char byte = (unsigned char)*c;
        hash = (hash ^ byte) * 0x100000001b3u;
        const bool plain = (byte >= '0' && byte <= '9') || (byte >= 'A' && byte <= 'Z') ||
                           (byte >= 'a' && byte <= 'z') || strchr("._=-() ", byte);
        changed |= !plain || n == PART_BYTES;
        if (n < PART_BYTES) part[n++] = byte == ' ' ? '+' : plain ? *c : '_';
    }
    part[n] = '\0';
    if (!changed) return arena_text(a, part);
    return arena_printf(a, "%s~%08x", part, (unsigned)(hash ^ hash >> 32));
}

static void put_answer(FILE *out, float value, char after) {
    char text[32];
    wording_exact_float(text, value);
    fprintf(out, "%s%c", text, after);
}

bool folder_write_predictions(struct folder *f, const struct results *r,
    const struct trial_record *t, const struct dataset *data, const struct test *test,
    const float *answers, const float *filled, struct error *e) {
    struct arena arena = {0};
    const char *name = arena_printf(&arena, "predictions/%s.%s.%u.%u.%u.csv",
        file_part(&arena, r->data[t->data].name), file_part(&arena, record_label(r, t)),
        t->seed + 1, t->repeat + 1, t->fold);
    FILE *out = folder_open(f, name, e);
    bool ok = out != NULL;
    if (ok) {
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
        ok = folder_close(f, out, name, e);
    }
    arena_done(&arena);
    return ok;
}
