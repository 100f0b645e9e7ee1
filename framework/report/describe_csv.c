// A description in long form, and the matrix of genres.
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "report/describe_files.h"
#include "report/describe_words.h"
#include "report/wording.h"

struct sheet {
    const struct describe *d;
    FILE *out;
    struct arena *arena;
    const char *section; // clean
};

static void put_text(const struct sheet *s, const char *row, const char *column,
    const char *measure, const char *v) {
    wording_csv(s->out, s->section);
    fputc(',', s->out);
    wording_csv(s->out, row);
    fputc(',', s->out);
    wording_csv(s->out, column);
    fprintf(s->out, ",%s,", measure);
    wording_csv(s->out, v);
    fputc('\n', s->out);
}

static void put(const struct sheet *s, const char *row, const char *measure, double value) {
    char text[32];
    wording_exact(text, value);
    put_text(s, row, "", measure, text);
}

// A column that is empty stands for no column.
static void put_sum(
    const struct sheet *s, const char *row, const char *column, const struct describe_sum *sum) {
    char text[32];
    const double value[] = {(double)sum->n, describe_mean(sum), describe_deviation(sum)};
    static const char *const measure[] = {"ratings", "mean", "deviation"};
    for (int k = 0; k < 3; k++) {
        wording_exact(text, value[k]);
        put_text(s, row, column, measure[k], text);
    }
}

// ---- Sections ----------------------------------------------------------------------------------

static void put_data(struct sheet *s) {
    const struct describe *d = s->d;
    const struct dataset *data = d->data;
    s->section = "data";
    put_text(s, "", "", "name", wording_clean(s->arena, data->name));
    put_text(s, "", "", "hash", data->hash);
    put(s, "", "ratings", (double)data->n_ratings);
    put(s, "", "users", data->n_users);
    put(s, "", "items", data->n_items);
    put(s, "", "users_unrated", d->users_unrated);
    put(s, "", "items_unrated", d->items_unrated);
    put(s, "", "density", d->density);
    put(s, "", "mean", d->mean);
    put(s, "", "deviation", d->deviation);
    put(s, "", "median", d->median);
    put(s, "", "scale_low", (double)data->rating_min);
    put(s, "", "scale_high", (double)data->rating_max);
    put(s, "", "first", d->first == RK_NO_TIME ? NAN : (double)d->first);
    put(s, "", "last", d->last == RK_NO_TIME ? NAN : (double)d->last);
}

static void put_spread(struct sheet *s, const char *section, const char *tail_section,
    const struct describe_quantiles *q, const struct describe_tail *tail) {
    char text[32];
    s->section = section;
    put(s, "", "least", q->least);
    put(s, "", "p5", q->p5);
    put(s, "", "p25", q->p25);
    put(s, "", "median", q->median);
    put(s, "", "p75", q->p75);
    put(s, "", "p95", q->p95);
    put(s, "", "p99", q->p99);
    put(s, "", "most", q->most);
    put(s, "", "mean", q->mean);
    put(s, "", "gini", q->gini);
    s->section = tail_section;
    for (size_t k = 0; k < s->d->n_tail; k++) {
        wording_exact(text, tail[k].units);
        put(s, text, "share_of_ratings", tail[k].ratings);
    }
}

static void put_classes(struct sheet *s, const struct describe_classes *c) {
    s->section = wording_clean(s->arena, c->title);
    for (size_t k = 0; k < c->n; k++) {
        const struct describe_class *at = &c->at[k];
        const char *name = wording_clean(s->arena, at->name);
        put_sum(s, name, "", &at->of);
        put(s, name, "users", at->users == UINT32_MAX ? NAN : at->users);
        put(s, name, "items", at->items == UINT32_MAX ? NAN : at->items);
        if (c->side != DESCRIBE_RATINGS) put(s, name, "units", at->units);
    }
    if (c->side == DESCRIBE_RATINGS) return;
    put(s, "(none)", "ratings", (double)c->n_without);
    put(s, "(none)", "units", c->u_without);
}

static void put_tags(struct sheet *s) {
    const struct describe *d = s->d;
    s->section = "tags";
    put(s, "", "assignments", (double)d->data->tags.n);
    put(s, "", "different", d->data->tags.names.n);
    put(s, "", "users", d->tag_users);
    put(s, "", "items", d->tag_items);
    for (size_t k = 0; k < d->n_tags; k++) {
        const char *name = wording_clean(s->arena, d->tags[k].name);
        put(s, name, "assignments", d->tags[k].n);
        put(s, name, "users", d->tags[k].users);
        put(s, name, "items", d->tags[k].items);
    }
}

static void put_top(struct sheet *s) {
    const struct describe *d = s->d;
    s->section = "top items";
    for (size_t k = 0; k < d->n_top; k++) {
        const char *id = wording_clean(s->arena, texts_packed_get(&d->data->items, d->top[k]));
        put_text(s, id, "", "title", wording_clean(s->arena, describe_words_title(d, d->top[k])));
        put_sum(s, id, "", &d->items[d->top[k]]);
    }
}

static void put_slice(struct sheet *s, const struct describe_slice *slice) {
    const struct describe_classes *rows = slice->rows, *columns = slice->columns;
    const char **row = arena_alloc(s->arena, (rows->n + 1) * sizeof *row);
    const char **column = arena_alloc(s->arena, (columns->n + 1) * sizeof *column);
    if (!row || !column) return;
    for (size_t k = 0; k < rows->n; k++) row[k] = wording_clean(s->arena, rows->at[k].name);
    for (size_t k = 0; k < columns->n; k++)
        column[k] = wording_clean(s->arena, columns->at[k].name);
    s->section = arena_printf(s->arena, "%s by %s", wording_clean(s->arena, rows->title),
        wording_clean(s->arena, columns->title));
    for (size_t r = 0; r < rows->n; r++) {
        for (size_t k = 0; k < columns->n; k++)
            put_sum(s, row[r], column[k], &slice->cells[r * columns->n + k]);
        put_sum(s, row[r], "(all)", &rows->at[r].of);
    }
    for (size_t k = 0; k < columns->n; k++) put_sum(s, "(all)", column[k], &columns->at[k].of);
}

static void put_split(struct sheet *s) {
    const struct describe_cold *c = &s->d->cold;
    s->section = "split";
    if (!s->d->has_split) return;
    put_text(s, "", "", "name", wording_clean(s->arena, s->d->split));
    put(s, "", "folds", c->n_folds);
    put(s, "", "train", c->train);
    put(s, "", "test", c->test);
    put(s, "", "cold_user", c->cold_user);
    put(s, "", "cold_item", c->cold_item);
    put(s, "", "cold_both", c->cold_both);
    put(s, "", "later_in_training", c->later);
    put(s, "", "leaking_folds", c->n_leaked);
}

static void put_oddities(struct sheet *s) {
    struct describe_sentences sentences = {0};
    char number[24];
    s->section = "set aside";
    for (int k = 0; k < COUNT_N; k++)
        put(s, dataset_count_name[k], "n", (double)s->d->data->count[k]);
    s->section = "oddities";
    describe_words_oddities(&sentences, s->d, s->arena);
    for (size_t k = 0; k < sentences.n; k++) {
        snprintf(number, sizeof number, "%zu", k + 1);
        put_text(s, number, "", "sentence", sentences.at[k]);
    }
}

void describe_csv_write(const struct describe *d, FILE *out) {
    struct arena arena = {0};
    struct sheet s = {.d = d, .out = out, .arena = &arena};
    fputs("section,row,column,measure,value\n", out);
    put_data(&s);
    put_spread(&s, "users", "tail of users", &d->activity, d->user_tail);
    put_spread(&s, "items", "tail of items", &d->popularity, d->item_tail);
    for (size_t k = 0; k < d->n_classes; k++) put_classes(&s, &d->classes[k]);
    put_tags(&s);
    put_top(&s);
    for (size_t k = 0; k < d->n_slices; k++) put_slice(&s, &d->slices[k]);
    put_split(&s);
    put_oddities(&s);
    arena_done(&arena);
}

// ---- One-hot -----------------------------------------------------------------------------------

// The features whose columns are classes.
static const rk_features *next_feature(const struct dataset *data, uint32_t *at) {
    while (*at < data->n_item_features) {
        const rk_features *f = &data->item_features[(*at)++];
        if (f->kind != RK_FEATURE_REAL) return f;
    }
    return NULL;
}

static void put_flags(const rk_features *f, uint32_t item, FILE *out) {
    const rk_csr *r = &f->values;
    uint64_t x = r->start[item];
    for (uint32_t k = 0; k < r->n_cols; k++) {
        const bool here = x < r->start[item + 1] && r->col[x] == k;
        fputs(here && r->value[x] != 0 ? ",1" : ",0", out);
        x += here;
    }
}

void describe_csv_one_hot(const struct describe *d, FILE *out) {
    const struct dataset *data = d->data;
    struct arena arena = {0};
    const rk_features *f;
    fputs("item,title", out);
    for (uint32_t at = 0; (f = next_feature(data, &at));)
        for (uint32_t k = 0; k < f->values.n_cols; k++) {
            const char *name = wording_clean(&arena, f->col_names[k]);
            if (strcmp(f->name, "genre") != 0)
                name = arena_printf(&arena, "%s: %s", wording_clean(&arena, f->name), name);
            fputc(',', out);
            wording_csv(out, name);
        }
    fputc('\n', out);
    for (uint32_t i = 0; i < data->n_items; i++) {
        struct arena own = {0};
        wording_csv(out, wording_clean(&own, texts_packed_get(&data->items, i)));
        fputc(',', out);
        wording_csv(out, wording_clean(&own, describe_words_title(d, i)));
        for (uint32_t at = 0; (f = next_feature(data, &at));) put_flags(f, i, out);
        fputc('\n', out);
        arena_done(&own);
    }
    arena_done(&arena);
}
