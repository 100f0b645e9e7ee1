// A description as one object of JSON, with sorted keys and full precision.
#include "core/json_build.h"
#include "report/describe_files.h"
#include "report/describe_words.h"
#include "report/wording.h"

struct making {
    const struct describe *d;
    struct arena *arena;
    bool ok;
};

static void set(struct making *m, json_t *object, const char *key, json_t *value) {
    json_put(object, key, value, &m->ok);
}

static void append(struct making *m, json_t *array, json_t *value) {
    json_push(array, value, &m->ok);
}

static json_t *count(uint64_t n) {
    return json_integer((json_int_t)n);
}

static json_t *units(uint32_t n) {
    return n == UINT32_MAX ? json_null() : count(n);
}

static json_t *text(struct making *m, const char *t) {
    return json_string(wording_clean(m->arena, t));
}

static json_t *date(struct making *m, int64_t time) {
    return time == RK_NO_TIME ? json_null() : json_string(describe_words_date(m->arena, time));
}

static void set_sum(struct making *m, json_t *object, const struct describe_sum *s) {
    set(m, object, "ratings", count(s->n));
    set(m, object, "mean", json_number(describe_mean(s)));
    set(m, object, "deviation", json_number(describe_deviation(s)));
}

// ---- Parts -------------------------------------------------------------------------------------

static json_t *data_json(struct making *m) {
    const struct describe *d = m->d;
    const struct dataset *data = d->data;
    json_t *o = json_object(), *aside = json_object();
    set(m, o, "name", text(m, data->name));
    set(m, o, "hash", json_string(data->hash));
    set(m, o, "ratings", count(data->n_ratings));
    set(m, o, "users", count(data->n_users));
    set(m, o, "items", count(data->n_items));
    set(m, o, "users_unrated", count(d->users_unrated));
    set(m, o, "items_unrated", count(d->items_unrated));
    set(m, o, "density", json_number(d->density));
    set(m, o, "mean", json_number(d->mean));
    set(m, o, "deviation", json_number(d->deviation));
    set(m, o, "median", json_number(d->median));
    set(m, o, "scale", json_pack("[f,f]", (double)data->rating_min, (double)data->rating_max));
    set(m, o, "first", date(m, d->first));
    set(m, o, "last", date(m, d->last));
    for (int k = 0; k < COUNT_N; k++) set(m, aside, dataset_count_name[k], count(data->count[k]));
    set(m, o, "count", aside);
    return o;
}

static json_t *spread_json(
    struct making *m, const struct describe_quantiles *q, const struct describe_tail *tail) {
    json_t *o = json_object(), *points = json_array();
    set(m, o, "least", json_number(q->least));
    set(m, o, "p5", json_number(q->p5));
    set(m, o, "p25", json_number(q->p25));
    set(m, o, "median", json_number(q->median));
    set(m, o, "p75", json_number(q->p75));
    set(m, o, "p95", json_number(q->p95));
    set(m, o, "p99", json_number(q->p99));
    set(m, o, "most", json_number(q->most));
    set(m, o, "mean", json_number(q->mean));
    set(m, o, "gini", json_number(q->gini));
    for (size_t k = 0; k < m->d->n_tail; k++)
        append(m, points, json_pack("[f,f]", tail[k].units, tail[k].ratings));
    set(m, o, "tail", points);
    return o;
}

static json_t *classes_json(struct making *m, const struct describe_classes *c) {
    json_t *o = json_object(), *list = json_array();
    for (size_t k = 0; k < c->n; k++) {
        const struct describe_class *at = &c->at[k];
        json_t *one = json_object();
        set(m, one, "name", text(m, at->name));
        set_sum(m, one, &at->of);
        set(m, one, "users", units(at->users));
        set(m, one, "items", units(at->items));
        if (c->side != DESCRIBE_RATINGS) set(m, one, "units", count(at->units));
        append(m, list, one);
    }
    set(m, o, "title", text(m, c->title));
    set(m, o, "of", json_string(describe_words_side(c)));
    set(m, o, "several", json_boolean(c->several));
    set(m, o, "classes", list);
    if (c->side == DESCRIBE_RATINGS) return o;
    set(m, o, "ratings_without", count(c->n_without));
    set(m, o, "units_without", count(c->u_without));
    return o;
}

static json_t *names_json(struct making *m, const struct describe_classes *c) {
    json_t *list = json_array();
    for (size_t k = 0; k < c->n; k++) append(m, list, text(m, c->at[k].name));
    return list;
}

static json_t *margin_json(struct making *m, const struct describe_classes *c) {
    json_t *list = json_array();
    for (size_t k = 0; k < c->n; k++) {
        json_t *one = json_object();
        set_sum(m, one, &c->at[k].of);
        append(m, list, one);
    }
    return list;
}

// cells: a list for each row, of an object for each column.
static json_t *slice_json(struct making *m, const struct describe_slice *s) {
    json_t *o = json_object(), *cells = json_array();
    for (size_t r = 0; r < s->rows->n; r++) {
        json_t *row = json_array();
        for (size_t k = 0; k < s->columns->n; k++) {
            json_t *one = json_object();
            set_sum(m, one, &s->cells[r * s->columns->n + k]);
            append(m, row, one);
        }
        append(m, cells, row);
    }
    set(m, o, "rows", text(m, s->rows->title));
    set(m, o, "columns", text(m, s->columns->title));
    set(m, o, "row_names", names_json(m, s->rows));
    set(m, o, "column_names", names_json(m, s->columns));
    set(m, o, "cells", cells);
    set(m, o, "row_totals", margin_json(m, s->rows));
    set(m, o, "column_totals", margin_json(m, s->columns));
    return o;
}

static json_t *tags_json(struct making *m) {
    const struct describe *d = m->d;
    json_t *o = json_object(), *list = json_array();
    for (size_t k = 0; k < d->n_tags; k++) {
        json_t *one = json_object();
        set(m, one, "name", text(m, d->tags[k].name));
        set(m, one, "assignments", count(d->tags[k].n));
        set(m, one, "users", count(d->tags[k].users));
        set(m, one, "items", count(d->tags[k].items));
        append(m, list, one);
    }
    set(m, o, "most_used", list);
    set(m, o, "assignments", count(d->data->tags.n));
    set(m, o, "different", count(d->data->tags.names.n));
    set(m, o, "users", count(d->tag_users));
    set(m, o, "items", count(d->tag_items));
    return o;
}

static json_t *top_json(struct making *m) {
    json_t *list = json_array();
    for (size_t k = 0; k < m->d->n_top; k++) {
        const uint32_t i = m->d->top[k];
        json_t *one = json_object();
        set(m, one, "id", text(m, texts_packed_get(&m->d->data->items, i)));
        set(m, one, "title", text(m, describe_words_title(m->d, i)));
        set_sum(m, one, &m->d->items[i]);
        append(m, list, one);
    }
    return list;
}

static json_t *split_json(struct making *m) {
    const struct describe_cold *c = &m->d->cold;
    if (!m->d->has_split) return json_null();
    json_t *o = json_object();
    set(m, o, "name", text(m, m->d->split));
    set(m, o, "folds", count(c->n_folds));
    set(m, o, "train", json_number(c->train));
    set(m, o, "test", json_number(c->test));
    set(m, o, "cold_user", json_number(c->cold_user));
    set(m, o, "cold_item", json_number(c->cold_item));
    set(m, o, "cold_both", json_number(c->cold_both));
    set(m, o, "later_in_training", json_number(c->later));
    set(m, o, "leaking_folds", count(c->n_leaked));
    return o;
}

static json_t *oddities_json(struct making *m) {
    const struct describe_oddities *odd = &m->d->odd;
    struct describe_sentences s = {0};
    json_t *o = json_object(), *list = json_array();
    describe_words_oddities(&s, m->d, m->arena);
    for (size_t k = 0; k < s.n; k++) append(m, list, json_string(s.at[k]));
    set(m, o, "sentences", list);
    set(m, o, "titles_of_several_items", count(odd->titles.n));
    set(m, o, "users_of_one_value", count(odd->one_valued.n));
    set(m, o, "users_far_outside", count(odd->far.n));
    set(m, o, "ratings_before_the_year", count(odd->n_early));
    set(m, o, "ratings_in_one_second", count(odd->n_together));
    set(m, o, "most_in_one_second", count(odd->burst));
    set(m, o, "ratings_without_time", count(odd->n_untimed));
    return o;
}

bool describe_json_write(const struct describe *d, FILE *out, struct error *e) {
    struct arena arena = {0};
    struct making m = {.d = d, .arena = &arena, .ok = true};
    json_t *root = json_object(), *classes = json_array(), *slices = json_array();
    for (size_t k = 0; k < d->n_classes; k++) append(&m, classes, classes_json(&m, &d->classes[k]));
    for (size_t k = 0; k < d->n_slices; k++) append(&m, slices, slice_json(&m, &d->slices[k]));
    set(&m, root, "data", data_json(&m));
    set(&m, root, "users", spread_json(&m, &d->activity, d->user_tail));
    set(&m, root, "items", spread_json(&m, &d->popularity, d->item_tail));
    set(&m, root, "classes", classes);
    set(&m, root, "tags", tags_json(&m));
    set(&m, root, "top_items", top_json(&m));
    set(&m, root, "slices", slices);
    set(&m, root, "split", split_json(&m));
    set(&m, root, "oddities", oddities_json(&m));
    bool ok = m.ok;
    if (!ok || json_dumpf(root, out, JSON_EXACT) != 0)
        ok = error_set(e, "the description does not turn into JSON: out of memory or disk");
    else
        fputc('\n', out);
    json_decref(root);
    arena_done(&arena);
    return ok;
}
