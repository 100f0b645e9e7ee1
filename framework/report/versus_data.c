// Two runs as JSON and CSV, to be computed with; nothing in them depends on the machine.
#include <jansson.h>
#include <math.h>

#include "report/versus.h"
#include "report/wording.h"

// Constructors give NULL when memory runs out, and setters take that for a failure.
static void set(json_t *object, const char *key, json_t *value, bool *ok) {
    if (json_object_set_new(object, key, value) != 0) *ok = false;
}

static void append(json_t *array, json_t *value, bool *ok) {
    if (json_array_append_new(array, value) != 0) *ok = false;
}

static json_t *number(double value) {
    return isfinite(value) ? json_real(value) : json_null();
}

static json_t *text(const char *value) {
    return value ? json_string(value) : json_null();
}

static json_t *value_json(
    const struct versus_metric *m, const struct versus_value *value, bool *ok) {
    json_t *out = json_object(), *folds = json_object();
    set(out, "metric", text(m->label), ok);
    set(out, "a", number(value->a), ok);
    set(out, "b", number(value->b), ok);
    set(out, "change", number(value->change), ok);
    set(out, "low", number(value->low), ok);
    set(out, "high", number(value->high), ok);
    set(out, "p", number(value->p), ok);
    set(out, "verdict", text(versus_verdict_name[value->verdict]), ok);
    set(folds, "p", number(value->folds.p), ok);
    set(folds, "better", json_integer((json_int_t)value->folds_better), ok);
    set(folds, "worse", json_integer((json_int_t)value->folds_worse), ok);
    set(out, "folds", folds, ok);
    return out;
}

static json_t *changes_json(const struct versus_changes *c, bool *ok) {
    json_t *out = json_array();
    for (size_t k = 0; k < c->n; k++) {
        json_t *one = json_object();
        set(one, "what", text(c->at[k].what), ok);
        set(one, "a", text(c->at[k].a), ok);
        set(one, "b", text(c->at[k].b), ok);
        append(out, one, ok);
    }
    return out;
}

static json_t *row_json(const struct versus *v, const struct versus_row *row, bool *ok) {
    json_t *out = json_object(), *values = json_array(), *users = json_object();
    for (size_t m = 0; !row->refused && m < v->n_metrics; m++)
        append(values, value_json(&v->metrics[m], &row->values[m], ok), ok);
    set(out, "a", text(row->a), ok);
    set(out, "b", text(row->b), ok);
    set(out, "refused", text(row->refused), ok);
    set(out, "changes", changes_json(&row->changes, ok), ok);
    set(out, "values", values, ok);
    set(users, "better", number(row->refused ? NAN : row->users.better), ok);
    set(users, "worse", number(row->refused ? NAN : row->users.worse), ok);
    set(users, "p", number(row->refused ? NAN : row->users.p), ok);
    set(out, "users", users, ok);
    return out;
}

static json_t *data_json(const struct versus *v, const struct versus_data *d, bool *ok) {
    json_t *out = json_object(), *rows = json_array();
    for (size_t k = 0; k < d->n; k++) append(rows, row_json(v, &d->rows[k], ok), ok);
    set(out, "name", text(d->name), ok);
    set(out, "test_rows", json_integer((json_int_t)d->n_rows), ok);
    set(out, "folds", json_integer((json_int_t)d->n_folds), ok);
    set(out, "rows", rows, ok);
    return out;
}

bool versus_write_json(const struct versus *v, FILE *out, struct error *e) {
    json_t *root = json_object(), *data = json_array(), *broken = json_array();
    bool ok = true;
    for (size_t d = 0; d < v->n_data; d++) append(data, data_json(v, &v->data[d], &ok), &ok);
    for (size_t k = 0; k < v->n_broken; k++) append(broken, text(v->broken[k]), &ok);
    set(root, "a", text(v->a.name), &ok);
    set(root, "b", text(v->b.name), &ok);
    set(root, "story", text(v->story), &ok);
    set(root, "regressions", v->judged ? json_incref(broken) : json_null(), &ok);
    set(root, "changes", changes_json(&v->changes, &ok), &ok);
    set(root, "data", data, &ok);
    json_decref(broken);
    const size_t flags = JSON_SORT_KEYS | JSON_INDENT(1) | JSON_REAL_PRECISION(17);
    if (!ok || json_dumpf(root, out, flags) != 0)
        ok = error_set(e, "the comparison does not turn into JSON: out of memory or disk");
    else
        fputc('\n', out);
    json_decref(root);
    return ok;
}

// ---- CSV ---------------------------------------------------------------------------------------

static void put_text(FILE *out, const char *value, char after) {
    wording_csv(out, value ? value : "");
    fputc(after, out);
}

static void put_number(FILE *out, double value) {
    char exact[32];
    wording_exact(exact, value);
    fprintf(out, "%s,", exact);
}

bool versus_write_csv(const struct versus *v, FILE *out, struct error *e) {
    (void)e;
    fputs("data,model_a,model_b,metric,a,b,change,low,high,p,folds_p,users_better,users_worse,"
          "users_p,verdict\n",
        out);
    for (size_t d = 0; d < v->n_data; d++)
        for (size_t k = 0; k < v->data[d].n; k++) {
            const struct versus_row *row = &v->data[d].rows[k];
            for (size_t m = 0; !row->refused && m < v->n_metrics; m++) {
                const struct versus_value *value = &row->values[m];
                const double numbers[] = {value->a, value->b, value->change, value->low,
                    value->high, value->p, value->folds.p, row->users.better, row->users.worse,
                    row->users.p};
                put_text(out, v->data[d].name, ',');
                put_text(out, row->a, ',');
                put_text(out, row->b, ',');
                put_text(out, v->metrics[m].label, ',');
                for (size_t j = 0; j < sizeof numbers / sizeof *numbers; j++)
                    put_number(out, numbers[j]);
                put_text(out, versus_verdict_name[value->verdict], '\n');
            }
        }
    return true;
}
