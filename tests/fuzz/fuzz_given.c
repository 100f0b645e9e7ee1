// Files of predictions: an error with a message, or rows that hold together. The first byte chooses
// columns and folds, the rest is the file.
#include "load.h"

#include <math.h>

#include "trial/given.h"

static const char ratings[] = "user,item,rating\n1,1,3\n1,2,4\n2,1,5\n2,=2,1\nx,'y,2\n";

static const struct dataset *make_data(void) {
    static struct dataset d;
    if (d.n_users) return &d;
    struct error e = {0};
    const struct data_format *format = data_format_find("delimited");
    void *settings = load_settings(format);
    char path[128];
    load_write("made", (const uint8_t *)ratings, sizeof ratings - 1);
    snprintf(path, sizeof path, "%s/made", load_folder());
    static struct path file;
    static double scale[] = {0.5, 5};
    file = (struct path){strdup(path), strdup(path)};
    *(struct paths *)load_field(format, settings, "delimited") = (struct paths){&file, 1};
    *(struct column *)load_field(format, settings, "user") = (struct column){.number = 1};
    *(struct column *)load_field(format, settings, "item") = (struct column){.number = 2};
    *(struct column *)load_field(format, settings, "rating") = (struct column){.number = 3};
    *(struct reals *)load_field(format, settings, "scale") = (struct reals){scale, 2};
    const struct data_spec spec = {.format = format,
        .settings = settings,
        .common = {.min_count = 1},
        .filter = {.sample = 1}};
    const int fd = image_create("fuzz", &e);
    if (!data_load(&spec, 1, fd, &e) || !dataset_map(&d, fd, &e)) abort();
    close(fd);
    free(settings);
    return &d;
}

static void look(struct given *g) {
    const uint32_t users[] = {0, 0, 1, 1, 2}, items[] = {0, 1, 0, 2, 1};
    const struct test test = {.n = 5, .users = users, .items = items};
    float answers[5];
    struct error e = {0};
    for (size_t k = 0; k < g->n; k++) {
        const struct given_row *r = &g->rows[k], *before = k ? r - 1 : NULL;
        if (r->user >= g->data->n_users || r->item >= g->data->n_items) abort();
        if (r->unit > g->folds.n * g->folds.n_repeats || isinf(r->answer)) abort();
        if (before && before->user == r->user && before->item == r->item && before->unit >= r->unit)
            abort();
    }
    if (given_answer(g, 0, g->folds.at[0], &test, answers, &e) == (*e.text != '\0')) abort();
    for (size_t k = 0; k < 5; k++)
        if (isinf(answers[k])) abort();
    given_tell(g, "fuzz");
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    static const uint32_t folds[] = {1, 2, 7};
    if (size < 2) return -1;
    const unsigned how = data[0] - '0';
    load_write("given", data + 1, size - 1);
    char path[128];
    snprintf(path, sizeof path, "%s/given", load_folder());
    const char *files[] = {path, path, path};
    const struct given_spec spec = {.files = files,
        .n_files = how & 1 ? 3 : 1,
        .user.number = how & 2 ? 1 : 0,
        .item.number = how & 2 ? 2 : 0,
        .prediction.number = how & 2 ? 3 : 0,
        .fold.name = how & 4 ? "part" : NULL,
        .delimiter = how & 8 ? "|" : NULL};
    const struct given_folds of = {folds, how & 16 ? 1 : 3, how & 16 ? 3 : 1};
    struct given g;
    struct error e = {0};
    if (given_read(&g, &spec, make_data(), &of, &e)) {
        look(&g);
        given_done(&g);
    } else if (!*e.text) {
        abort();
    }
    return 0;
}
