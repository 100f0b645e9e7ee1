// store_cost: what stored trials took, for forecasts.
#include "trial/store_own.h"

static bool ask(struct store *s, sqlite3_stmt *q, struct store_cost *out, struct error *e) {
    const int step = q ? store_step(s, q, e) : -1;
    if (step > 0) {
        *out = (struct store_cost){.n = (size_t)sqlite3_column_int64(q, 0),
            .seconds = sqlite3_column_double(q, 1),
            .memory = (uint64_t)sqlite3_column_int64(q, 2)};
        sqlite3_reset(q);
    }
    return step >= 0;
}

#define MEANS \
    "SELECT count(*), avg(fit_seconds + predict_seconds), max(memory) FROM trials " \
    "WHERE NOT failed AND trial IN (SELECT trial FROM places WHERE data = ?1 AND inner = 0 AND "

bool store_cost(struct store *s, const char *data, const struct plan_model *model,
    const struct param_value *values, struct store_cost *out, struct error *e) {
    struct arena arena = {0};
    bool ok = ask(s,
        store_query(s, e, MEANS "model >= 0) AND plugin = ?2 AND parameters = ?3", "ttt", data,
            model->schema->id, store_parameters(model->schema, values, &arena)),
        out, e);
    const bool same = ok && out->n > 0;
    if (ok && !same)
        ok = ask(s, store_query(s, e, MEANS "label = ?2)", "tt", data, model->label), out, e);
    out->same = same;
    arena_done(&arena);
    return ok;
}
