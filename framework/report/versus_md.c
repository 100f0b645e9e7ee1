// Two runs as Markdown for a pull request: the verdict, a table, the rest folded.
#include <math.h>
#include <string.h>

#include "report/versus.h"
#include "report/wording.h"

static void write_cell(FILE *out, const char *text) {
    fputc(' ', out);
    wording_md(out, text ? text : "");
    fputs(" |", out);
}

static void write_verdict(const struct versus *v, FILE *out) {
    if (v->judged) fprintf(out, "**%s.** ", v->n_broken ? "Regression" : "No regression");
    wording_md(out, v->story);
    fputs("\n\n", out);
    for (size_t k = 0; k < v->n_broken; k++) {
        fputs("- ", out);
        wording_md(out, v->broken[k]);
        fputs(k + 1 < v->n_broken ? "\n" : "\n\n", out);
    }
    fputs("A: ", out);
    wording_md(out, v->a.name);
    fputs(", B: ", out);
    wording_md(out, v->b.name);
    fputs("\n\n", out);
}

static void write_value(const struct versus_row *row, const struct versus_metric *m,
    const struct versus_value *value, FILE *out) {
    struct arena a = {0};
    const int decimals = m->metric->decimals;
    const bool strong = value->verdict == VERSUS_WORSE;
    fputc('|', out);
    write_cell(out, row->label);
    write_cell(out, m->label);
    write_cell(out, wording_fixed(&a, value->a, decimals));
    write_cell(out, wording_fixed(&a, value->b, decimals));
    write_cell(out, versus_signed(&a, value->change, decimals));
    write_cell(out, versus_relative(&a, value->change, value->a));
    write_cell(out, isnan(value->low)
                        ? ""
                        : arena_printf(&a, "%s..%s", versus_signed(&a, value->low, decimals),
                              versus_signed(&a, value->high, decimals)));
    fprintf(out, strong ? " **%s** |\n" : " %s |\n", versus_verdict_name[value->verdict]);
    arena_done(&a);
}

static void write_data(const struct versus *v, const struct versus_data *d, FILE *out) {
    struct arena a = {0};
    fputs("### ", out);
    wording_md(out, d->name);
    fprintf(out, "\n\n| model | metric | A | B | B - A | relative | 95 %% interval | |\n"
                 "| --- | --- | ---: | ---: | ---: | ---: | ---: | --- |\n");
    for (size_t k = 0; k < d->n; k++)
        for (size_t m = 0; !d->rows[k].refused && m < v->n_metrics; m++)
            write_value(&d->rows[k], &v->metrics[m], &d->rows[k].values[m], out);
    fprintf(out, "\n%s test rows in %zu fold%s.\n", wording_count(&a, d->n_rows), d->n_folds,
        d->n_folds == 1 ? "" : "s");
    for (size_t k = 0; k < d->n; k++) {
        if (!d->rows[k].refused) continue;
        fputs("\n- ", out);
        wording_md(out, d->rows[k].label);
        fputs(": ", out);
        wording_md(out, d->rows[k].refused);
    }
    fputs(d->n > d->n_pairs ? "\n\n" : "\n", out);
    arena_done(&a);
}

static void write_changes(const char *whose, const struct versus_changes *c, FILE *out) {
    for (size_t k = 0; k < c->n; k++) {
        fputc('|', out);
        write_cell(out, whose);
        write_cell(out, c->at[k].what);
        write_cell(out, c->at[k].a ? c->at[k].a : "–");
        write_cell(out, c->at[k].b ? c->at[k].b : "–");
        fputc('\n', out);
    }
}

static void write_all_changes(const struct versus *v, FILE *out) {
    struct arena a = {0};
    size_t n = v->changes.n;
    for (size_t d = 0; d < v->n_data; d++)
        for (size_t k = 0; k < v->data[d].n; k++) n += v->data[d].rows[k].changes.n;
    fprintf(out, "<details><summary>%s else differs</summary>\n\n", n ? "What" : "Nothing");
    if (n) fputs("| of | what | A | B |\n| --- | --- | --- | --- |\n", out);
    write_changes("the runs", &v->changes, out);
    for (size_t d = 0; d < v->n_data; d++)
        for (size_t k = 0; k < v->data[d].n; k++)
            write_changes(versus_whose(v, d, k, &a), &v->data[d].rows[k].changes, out);
    fputs(n ? "\n</details>\n\n" : "</details>\n\n", out);
    arena_done(&a);
}

static void write_tests(const struct versus *v, FILE *out) {
    struct arena a = {0};
    fputs("<details><summary>Other tests</summary>\n\n"
          "| model | metric | p, users and items | p, folds | folds better, worse | users better "
          "| users worse | p, users |\n"
          "| --- | --- | ---: | ---: | ---: | ---: | ---: | ---: |\n",
        out);
    for (size_t d = 0; d < v->n_data; d++)
        for (size_t k = 0; k < v->data[d].n; k++) {
            const struct versus_row *row = &v->data[d].rows[k];
            for (size_t m = 0; !row->refused && m < v->n_metrics; m++) {
                const struct versus_value *value = &row->values[m];
                fputc('|', out);
                write_cell(out, versus_whose(v, d, k, &a));
                write_cell(out, v->metrics[m].label);
                write_cell(out, wording_fixed(&a, value->p, 4));
                write_cell(out, wording_p(&a, value->folds.p));
                write_cell(
                    out, arena_printf(&a, "%zu, %zu", value->folds_better, value->folds_worse));
                write_cell(out, m ? "" : wording_percent(&a, row->users.better));
                write_cell(out, m ? "" : wording_percent(&a, row->users.worse));
                write_cell(out, m ? "" : wording_fixed(&a, row->users.p, 4));
                fputc('\n', out);
            }
        }
    fputc('\n', out);
    for (size_t k = 0; versus_note(k); k++) {
        fputs("- ", out);
        wording_md(out, versus_note(k));
        fputc('\n', out);
    }
    fputs("\n</details>\n", out);
    arena_done(&a);
}

bool versus_write_md(const struct versus *v, FILE *out, struct error *e) {
    (void)e;
    write_verdict(v, out);
    for (size_t d = 0; d < v->n_data; d++) write_data(v, &v->data[d], out);
    write_all_changes(v, out);
    write_tests(v, out);
    return true;
}
