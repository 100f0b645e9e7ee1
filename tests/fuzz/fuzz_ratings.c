// The fast parser of ratings against the simple reader: the same rows, the same flaws, the same
// words. The first byte chooses delimiter, columns and policy; the rest is the file.
#include "load.h"

#include "data/ratings.h"

struct outcome {
    bool ok;
    struct error e;
    struct dataset d;
};

static void read_one(struct outcome *o, const struct ratings_layout *layout, const char *path,
    bool skip, bool closed) {
    const struct data_common policy = {.flaws = skip ? FLAW_SKIP : FLAW_ERROR, .min_count = 1};
    struct builder *b = builder_new(&policy, 1, &o->e);
    struct lines lines = {0};
    const int fd = image_create("fuzz", &o->e);
    uint64_t n_rows = 0;
    if (!b || fd < 0) abort();
    builder_set_scale(b, 0.5f, 5, &o->e);
    if (closed) {
        builder_add(b, SIDE_ITEM, "1", 1, &o->e);
        builder_add(b, SIDE_ITEM, "x", 1, &o->e);
        builder_close(b, SIDE_ITEM);
    }
    o->ok = lines_open(&lines, path, NULL, &o->e) &&
            ratings_read(b, layout, &lines, NULL, &n_rows, &o->e);
    lines_close(&lines);
    o->ok = o->ok && builder_finish(b, fd, &o->e) && dataset_map(&o->d, fd, &o->e);
    builder_free(b);
    close(fd);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    static const char *const delimiters[] = {",", "\t", "::", ";"};
    if (size < 2) return -1;
    const unsigned how = data[0] - '0';
    load_write("ratings", data + 1, size - 1);
    char path[128];
    snprintf(path, sizeof path, "%s/ratings", load_folder());
    struct ratings_layout layout = {.delimiter = delimiters[how & 3],
        .quoted = how & 4,
        .user = how & 8 ? 2 : 0,
        .item = 1,
        .rating = how & 8 ? 0 : 2,
        .time = how & 16 ? 3 : -1,
        .fold = how & 32 ? 4 : -1,
        .zero_time_unknown = how & 1};
    struct outcome fast = {0}, simple = {0};
    layout.block_bytes = 1 + (how & 31);
    read_one(&fast, &layout, path, how & 64, how & 2);
    layout.simple = true;
    layout.block_bytes = 0;
    read_one(&simple, &layout, path, how & 64, how & 2);
    if (fast.ok != simple.ok || strcmp(fast.e.text, simple.e.text) != 0) abort();
    if (fast.ok) {
        if (strcmp(fast.d.hash, simple.d.hash) != 0) abort();
        if (memcmp(fast.d.count, simple.d.count, COUNT_N * sizeof *fast.d.count) != 0) abort();
        look_at(&fast.d);
        dataset_done(&fast.d);
        dataset_done(&simple.d);
    }
    return 0;
}
