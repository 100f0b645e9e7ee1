#include "report/files.h"

#include <math.h>

#include "report/tuned.h"
#include "report/wording.h"

// Labels are cleaned once for each record.
static void write_trial(const struct results *r, const struct trial_record *t, FILE *out) {
    struct arena arena = {0};
    wording_csv(out, wording_clean(&arena, r->data[t->data].name));
    fputc(',', out);
    wording_csv(out, wording_clean(&arena, record_label(r, t)));
    fprintf(out, ",%u,%u,%u,%u,", t->number, t->seed + 1, t->repeat + 1, t->fold);
    arena_done(&arena);
}

static void write_number(FILE *out, double value, char after) {
    char text[32];
    wording_exact(text, value);
    fprintf(out, "%s%c", text, after);
}

void files_write_scores(const struct results *r, FILE *out) {
    struct arena arena = {0};
    fputs("data,model,trial,seed,repeat,fold,slice,metric,value\n", out);
    for (size_t k = 0; k < r->n; k++) {
        const struct trial_record *t = &r->records[k];
        if (t->failed) continue;
        for (size_t j = 0; j < t->scores.n; j++) {
            write_trial(r, t, out);
            fprintf(out, "%s,", slice_name[t->scores.at[j].slice]);
            wording_csv(out, wording_clean(&arena, t->scores.at[j].name));
            fputc(',', out);
            write_number(out, t->scores.at[j].value, '\n');
        }
    }
    arena_done(&arena);
}

void files_write_costs(const struct results *r, FILE *out) {
    fputs("data,model,trial,seed,repeat,fold,fit_seconds,predict_seconds,memory_bytes\n", out);
    for (size_t k = 0; k < r->n; k++) {
        const struct trial_record *t = &r->records[k];
        if (t->failed || t->model < 0) continue;
        write_trial(r, t, out);
        write_number(out, t->cost.fit_seconds, ',');
        write_number(out, t->cost.predict_seconds, ',');
        fprintf(out, "%llu\n", (unsigned long long)t->cost.memory);
    }
}

bool files_has_curves(const struct results *r) {
    for (size_t k = 0; k < r->n; k++)
        if (r->records[k].n_curve) return true;
    return false;
}

void files_write_curves(const struct results *r, FILE *out) {
    struct arena arena = {0};
    fputs("data,model,trial,seed,repeat,fold,series,x,y\n", out);
    for (size_t k = 0; k < r->n; k++)
        for (size_t j = 0; j < r->records[k].n_curve; j++) {
            const struct curve_point *point = &r->records[k].curve[j];
            write_trial(r, &r->records[k], out);
            wording_csv(out, wording_clean(&arena, point->series));
            fputc(',', out);
            write_number(out, point->x, ',');
            write_number(out, point->y, '\n');
        }
    arena_done(&arena);
}

void files_write_failures(const struct results *r, FILE *out) {
    struct arena arena = {0};
    fputs("data,model,trial,seed,repeat,fold,failure,cause\n", out);
    for (size_t k = 0; k < r->n; k++) {
        if (!r->records[k].failed) continue;
        write_trial(r, &r->records[k], out);
        fprintf(out, "%s,", failure_name[r->records[k].failure]);
        wording_csv(out, wording_clean(&arena, r->records[k].cause));
        fputc('\n', out);
    }
    arena_done(&arena);
}

bool files_has_tuning(const struct results *r) {
    for (size_t k = 0; k < r->n; k++)
        if (r->records[k].tuned) return true;
    return false;
}

static void write_choice(const struct results *r, const struct trial_record *t, FILE *out) {
    struct arena arena = {0};
    const struct plan_model *model = &r->plan->models[t->model];
    for (size_t d = 0; d < model->tuning->space.n; d++) {
        if (!tuned_holds(model->tuning, t->tuned, d)) continue;
        const uint32_t at = model->tuning->dims[d].param;
        const struct schema_param *p = &model->schema->params[at];
        write_trial(r, t, out);
        fprintf(out, "%s,", p->name);
        const struct param_value *value = &t->tuned->values[at];
        const char *text = p->type == RK_TYPE_CHOICE ? p->choices[(size_t)value->number]
                                                     : schema_print(p, value, &arena);
        wording_csv(out, wording_clean(&arena, text));
        fprintf(out, ",%s,", t->tuned->is_default ? "true" : "false");
        write_number(out, t->tuned->inner, ',');
        write_number(out, t->tuned->inner_default, ',');
        fprintf(out, "%u,%u,", t->tuned->n_candidates, t->tuned->n_failed);
        write_number(out, t->tuned->effort, '\n');
    }
    arena_done(&arena);
}

void files_write_tuning(const struct results *r, FILE *out) {
    fputs("data,model,trial,seed,repeat,fold,parameter,value,is_default,inner,inner_default,"
          "candidates,failed,effort\n",
        out);
    for (size_t k = 0; k < r->n; k++)
        if (r->records[k].tuned) write_choice(r, &r->records[k], out);
}
