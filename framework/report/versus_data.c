// Two runs as JSON and CSV, to be computed with; nothing in them depends on the machine.
#include <math.h>

#include "core/json_build.h"
#include "report/versus.h"
#include "report/wording.h"

static json_t *text(const char *value) {
    return value ? json_string(value) : json_null();
}

static json_t *value_json(
    const struct versus_metric *m, const struct versus_value *value, bool *ok) {
    json_t *out = json_object(), *folds = json_object();
    json_put(out, "metric", text(m->label), ok);
    json_put(out, "a", json_number(value->a), ok);
    json_put(out, "b", json_number(value->b), ok);
    json_put(out, "change", json_number(value->change), ok);
    json_put(out, "low", json_number(value->low), ok);
    json_put(out, "high", json_number(value->high), ok);
    json_put(out, "p", json_number(value->p), ok);
    json_put(out, "verdict", text(versus_verdict_name[value->verdict]), ok);
    json_put(folds, "p", json_number(value->folds.p), ok);
    json_put(folds, "better", json_integer((json_int_t)value->folds_better), ok);
    json_put(folds, "worse", json_integer((json_int_t)value->folds_worse), ok);
    json_put(out, "folds", folds, ok);
    return out;
}

static json_t *changes_json(const struct versus_changes *c, bool *ok) {
    json_t *out = json_array();
    for (size_t k = 0; k < c->n; k++) {
        json_t *one = json_object();
        json_put(one, "what", text(c->at[k].what), ok);
        json_put(one, "a", text(c->at[k].a), ok);
        json_put(one, "b", text(c->at[k].b), ok);
        json_push(out, one, ok);
    }
    return out;
}

static json_t *row_json(const struct versus *v, const struct versus_row *row, bool *ok) {
    json_t *out = json_object(), *values = json_array(), *users = json_object();
    for (size_t m = 0; !row->refused && m < v->n_metrics; m++)
        json_push(values, value_json(&v->metrics[m], &row->values[m], ok), ok);
    json_put(out, "a", text(row->a), ok);
    json_put(out, "b", text(row->b), ok);
    json_put(out, "refused", text(row->refused), ok);
    json_put(out, "changes", changes_json(&row->changes, ok), ok);
    json_put(out, "values", values, ok);
    json_put(users, "better", json_number(row->refused ? NAN : row->users.better), ok);
    json_put(users, "worse", json_number(row->refused ? NAN : row->users.worse), ok);
    json_put(users, "p", json_number(row->refused ? NAN : row->users.p), ok);
    json_put(out, "users", users, ok);
    return out;
}

static json_t *data_json(const struct versus *v, const struct versus_data *d, bool *ok) {
    json_t *out = json_object(), *rows = json_array();
    for (size_t k = 0; k < d->n; k++) json_push(rows, row_json(v, &d->rows[k], ok), ok);
    json_put(out, "name", text(d->name), ok);
    json_put(out, "test_rows", json_integer((json_int_t)d->n_rows), ok);
    json_put(out, "folds", json_integer((json_int_t)d->n_folds), ok);
    json_put(out, "rows", rows, ok);
    return out;
}

bool versus_write_json(const struct versus *v, FILE *out, struct error *e) {
    json_t *root = json_object(), *data = json_array(), *broken = json_array();
    bool ok = true;
    for (size_t d = 0; d < v->n_data; d++) json_push(data, data_json(v, &v->data[d], &ok), &ok);
    for (size_t k = 0; k < v->n_broken; k++) json_push(broken, text(v->broken[k]), &ok);
    json_put(root, "a", text(v->a.name), &ok);
    json_put(root, "b", text(v->b.name), &ok);
    json_put(root, "story", text(v->story), &ok);
    json_put(root, "regressions", v->judged ? json_incref(broken) : json_null(), &ok);
    json_put(root, "changes", changes_json(&v->changes, &ok), &ok);
    json_put(root, "data", data, &ok);
    json_decref(broken);
    if (!ok || json_dumpf(root, out, JSON_EXACT) != 0)
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
