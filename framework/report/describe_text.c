#include "report/describe_text.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "report/describe_words.h"
#include "report/wording.h"

enum { BAR = 24, NAME = 28, MOST_ROWS = 22, MOST_SLICE = 24, TITLE = 46 };

struct sheet {
    const struct describe *d;
    const struct describe_style *style;
    FILE *out;
    struct arena *arena;
    size_t width;
};

static void paint(const struct sheet *s, const char *code) {
    if (s->style->colour) fputs(code, s->out);
}

static void heading(const struct sheet *s, const char *text, const char *columns) {
    fputc('\n', s->out);
    paint(s, "\033[1m");
    fputs(text, s->out);
    paint(s, "\033[0;2m");
    fputs(columns, s->out);
    paint(s, "\033[0m");
    fputc('\n', s->out);
}

static void pad(const struct sheet *s, const char *text, size_t width, bool right) {
    const size_t own = wording_width(text);
    const int n = own < width ? (int)(width - own) : 0;
    if (right) fprintf(s->out, "%*s", n, "");
    fputs(text, s->out);
    if (!right) fprintf(s->out, "%*s", n, "");
}

static void bar(const struct sheet *s, double share, size_t width) {
    static const char *const part[] = {"", "▏", "▎", "▍", "▌", "▋", "▊", "▉"};
    if (!(share > 0)) return;
    const long eighths = lround(share * 8 * (double)width);
    paint(s, "\033[36m");
    if (s->style->ascii) {
        const long n = eighths >= 4 ? (eighths + 4) / 8 : 1;
        for (long k = 0; k < n; k++) fputc('#', s->out);
    } else {
        for (long k = 0; k < eighths / 8; k++) fputs("█", s->out);
        fputs(eighths ? part[eighths % 8] : part[1], s->out);
    }
    paint(s, "\033[0m");
}

// Words broken into lines at spaces, after `first` on the first line and two columns on others.
static void wrapped(const struct sheet *s, const char *first, const char *text) {
    size_t used = wording_width(first);
    bool begun = false;
    fputs(first, s->out);
    for (const char *word = text; *word;) {
        const size_t n = strcspn(word, " ");
        const char *one = arena_printf(s->arena, "%.*s", (int)n, word);
        const size_t own = wording_width(one);
        if (begun && used + 1 + own > s->width) {
            fputs("\n  ", s->out);
            used = 2;
        } else if (begun) {
            fputc(' ', s->out);
            used++;
        }
        fputs(one, s->out);
        begun = true;
        used += own;
        word += n;
        word += strspn(word, " ");
    }
    fputc('\n', s->out);
}

// ---- Sections ----------------------------------------------------------------------------------

static void put_head(const struct sheet *s) {
    const struct describe *d = s->d;
    const struct dataset *data = d->data;
    struct arena *a = s->arena;
    paint(s, "\033[1m");
    fputs(describe_words_cut(a, data->name, 60), s->out);
    paint(s, "\033[0m");
    fprintf(s->out, " · %s ratings of %s items by %s users · density %.3g %%",
        wording_count(a, data->n_ratings), wording_count(a, data->n_items),
        wording_count(a, data->n_users), 100 * d->density);
    if (d->first != RK_NO_TIME)
        fprintf(s->out, " · %s to %s", describe_words_date(a, d->first),
            describe_words_date(a, d->last));
    fputc('\n', s->out);
}

static uint64_t most_of(const struct describe_classes *c) {
    uint64_t most = 0;
    for (size_t k = 0; k < c->n; k++)
        if (c->at[k].of.n > most) most = c->at[k].of.n;
    return most;
}

static void put_values(const struct sheet *s) {
    const struct describe *d = s->d;
    const struct describe_classes *c = &d->classes[0];
    const char *median = isnan(d->median) ? "" : arena_printf(s->arena, ", median %.6g", d->median);
    heading(s, "Ratings",
        arena_printf(s->arena, "   mean %.3f ± %.3f%s, scale %.6g to %.6g", d->mean, d->deviation,
            median, (double)d->data->rating_min, (double)d->data->rating_max));
    const double most = (double)most_of(c);
    size_t name = 0;
    for (size_t k = 0; k < c->n; k++)
        if (strlen(c->at[k].name) > name) name = strlen(c->at[k].name);
    for (size_t k = 0; k < c->n; k++) {
        pad(s, c->at[k].name, name + 2, true);
        pad(s, wording_count(s->arena, c->at[k].of.n), 13, true);
        pad(s, wording_percent(s->arena, (double)c->at[k].of.n / (double)d->data->n_ratings), 9,
            true);
        fputs("  ", s->out);
        bar(s, (double)c->at[k].of.n / most, BAR + 16);
        fputc('\n', s->out);
    }
}

static const struct describe_classes *times_of(const struct describe *d) {
    return d->n_classes > 1 && strcmp(d->classes[1].of, "time") == 0 ? &d->classes[1] : NULL;
}

static void put_times(const struct sheet *s) {
    static const char *const level[] = {"▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"};
    const struct describe_classes *c = times_of(s->d);
    if (!c || c->n < 2) return;
    size_t most = 0, step = (c->n + s->width - 30) / (s->width - 30), n = 0;
    uint64_t *sum = arena_alloc(s->arena, (c->n + 1) * sizeof *sum), highest = 0;
    if (!sum) return;
    for (size_t k = 0; k < c->n; k++) {
        if (c->at[k].of.n > c->at[most].of.n) most = k;
        sum[k / step] += c->at[k].of.n;
        n = k / step + 1;
    }
    for (size_t k = 0; k < n; k++)
        if (sum[k] > highest) highest = sum[k];
    heading(s, arena_printf(s->arena, "By %s", c->title),
        arena_printf(s->arena, "   most in %s: %s ratings", c->at[most].name,
            wording_count(s->arena, c->at[most].of.n)));
    fprintf(s->out, "  %s ", c->at[0].name);
    paint(s, "\033[36m");
    for (size_t k = 0; k < n; k++) {
        const size_t at = (size_t)(7.99 * (double)sum[k] / (double)highest);
        fputs(sum[k] == 0       ? " "
              : s->style->ascii ? (const char *[]){".", ".", ":", ":", "-", "=", "+", "#"}[at]
                                : level[at],
            s->out);
    }
    paint(s, "\033[0m");
    fprintf(s->out, " %s\n", c->at[c->n - 1].name);
}

static void put_spread(const struct sheet *s) {
    const struct describe *d = s->d;
    heading(s,
        "Ratings of a      least     5 %    25 %  median    75 %    95 %    99 %     most     mean "
        "  Gini",
        "");
    for (int k = 0; k < 2; k++) {
        const struct describe_quantiles *q = k ? &d->popularity : &d->activity;
        const double value[] = {
            q->least, q->p5, q->p25, q->median, q->p75, q->p95, q->p99, q->most};
        fputs(k ? "  item         " : "  user         ", s->out);
        for (size_t v = 0; v < sizeof value / sizeof *value; v++)
            fprintf(s->out, v == 7 ? " %8.0f" : " %7.0f", value[v]);
        fprintf(s->out, " %8.1f %6.3f\n", q->mean, q->gini);
    }
    for (int k = 0; k < 2; k++) {
        const char *text = describe_words_tail(
            k ? d->item_tail : d->user_tail, d->n_tail, k ? "items" : "users", s->arena);
        if (*text) wrapped(s, "  ", text);
    }
}

static int more_ratings(const void *a, const void *b) {
    const struct describe_class *x = *(const struct describe_class *const *)a;
    const struct describe_class *y = *(const struct describe_class *const *)b;
    if (x->of.n != y->of.n) return x->of.n < y->of.n ? 1 : -1;
    return (x > y) - (x < y);
}

// Names have an order of their own where they are numbers; others come by their ratings.
static const struct describe_class **sorted(
    const struct sheet *s, const struct describe_classes *c) {
    const struct describe_class **at = arena_alloc(s->arena, (c->n + 1) * sizeof(void *));
    if (!at) return NULL;
    for (size_t k = 0; k < c->n; k++) at[k] = &c->at[k];
    const bool numbers = c->n && c->at[0].name[0] >= '0' && c->at[0].name[0] <= '9';
    if (!numbers || c->n > MOST_ROWS) qsort(at, c->n, sizeof(void *), more_ratings);
    return at;
}

static void put_classes(const struct sheet *s, const struct describe_classes *c) {
    const struct describe_class **at = sorted(s, c);
    if (!at) return;
    const size_t n = c->n > MOST_ROWS ? MOST_ROWS : c->n;
    const double most = (double)most_of(c);
    struct arena *a = s->arena;
    const char *title = describe_words_heading(c, NAME - 2, a);
    const size_t own = wording_width(title);
    heading(s, title,
        arena_printf(a, "%*s%9s %11s %8s %6s", own < NAME + 2 ? (int)(NAME + 2 - own) : 0, "",
            describe_words_side(c), "ratings", "share", "mean"));
    for (size_t k = 0; k < n; k++) {
        fputs("  ", s->out);
        pad(s, describe_words_cut(a, at[k]->name, NAME), NAME, false);
        pad(s, wording_count(a, at[k]->units), 9, true);
        pad(s, wording_count(a, at[k]->of.n), 12, true);
        pad(s, wording_percent(a, (double)at[k]->of.n / (double)s->d->data->n_ratings), 9, true);
        pad(s, wording_fixed(a, describe_mean(&at[k]->of), 2), 7, true);
        fputs("  ", s->out);
        bar(s, most > 0 ? (double)at[k]->of.n / most : 0, s->width > 100 ? BAR : BAR - 6);
        fputc('\n', s->out);
    }
    if (c->n > n) fprintf(s->out, "  and %s more\n", wording_count(a, c->n - n));
    const char *without = describe_words_without(c, a);
    if (*without) fprintf(s->out, "  %s\n", without);
}

// Years come as decades.
static bool is_shown(const struct describe *d, const struct describe_classes *c) {
    if (c->side == DESCRIBE_RATINGS || c->n == 0) return false;
    if (strcmp(c->title, "year") == 0 && describe_find(d, "decade")) return false;
    return strcmp(c->title, "zip") != 0;
}

static void put_tags(const struct sheet *s) {
    const struct describe *d = s->d;
    struct arena *a = s->arena;
    if (d->n_tags == 0) return;
    heading(s, "Tags",
        arena_printf(a, "   %s set by %s users on %s items, %s different ones",
            wording_count(a, d->data->tags.n), wording_count(a, d->tag_users),
            wording_count(a, d->tag_items), wording_count(a, d->data->tags.names.n)));
    const char *text = "";
    for (size_t k = 0; k < d->n_tags && k < 12; k++)
        text = arena_printf(a, "%s%s%s (%s)", text, k ? ", " : "",
            describe_words_cut(a, d->tags[k].name, 30), wording_count(a, d->tags[k].n));
    wrapped(s, "  ", text);
}

static void put_top(const struct sheet *s) {
    const struct describe *d = s->d;
    struct arena *a = s->arena;
    heading(s, "Most rated", arena_printf(a, "%*s%11s %6s", TITLE + 2 - 10, "", "ratings", "mean"));
    for (size_t k = 0; k < d->n_top && k < 5; k++) {
        const uint32_t i = d->top[k];
        const char *title = describe_words_title(d, i);
        fputs("  ", s->out);
        pad(s, describe_words_cut(a, *title ? title : texts_packed_get(&d->data->items, i), TITLE),
            TITLE, false);
        pad(s, wording_count(a, d->items[i].n), 11, true);
        pad(s, wording_fixed(a, describe_mean(&d->items[i]), 2), 7, true);
        fputc('\n', s->out);
    }
}

// Means by two features, with the margins; of too many columns the first that fit.
static void put_slice(const struct sheet *s, const struct describe_slice *slice) {
    const struct describe_classes *rows = slice->rows, *columns = slice->columns;
    struct arena *a = s->arena;
    enum { CELL = 8 };
    const size_t name = 16, room = (s->width - name - 2) / CELL - 1;
    const size_t n = columns->n < room ? columns->n : room;
    heading(s,
        arena_printf(a, "Mean rating by %s and %s", describe_words_cut(a, rows->title, 30),
            describe_words_cut(a, columns->title, 30)),
        n < columns->n ? arena_printf(a, "   the first %zu of %zu columns", n, columns->n) : "");
    pad(s, "", name + 2, false);
    for (size_t k = 0; k < n; k++)
        pad(s, describe_words_cut(a, columns->at[k].name, CELL - 1), CELL, true);
    pad(s, "all", CELL, true);
    fputc('\n', s->out);
    for (size_t r = 0; r <= rows->n; r++) {
        fputs("  ", s->out);
        pad(s, r < rows->n ? describe_words_cut(a, rows->at[r].name, name) : "all", name, false);
        for (size_t k = 0; k < n; k++) {
            const struct describe_sum *sum =
                r < rows->n ? &slice->cells[r * columns->n + k] : &columns->at[k].of;
            pad(s, sum->n ? wording_fixed(a, describe_mean(sum), 2) : "-", CELL, true);
        }
        const double all = r < rows->n ? describe_mean(&rows->at[r].of) : s->d->mean;
        pad(s, isnan(all) ? "-" : wording_fixed(a, all, 2), CELL, true);
        fputc('\n', s->out);
    }
}

static void put_sentences(const struct sheet *s, const char *title, bool split) {
    struct describe_sentences sentences = {0};
    (split ? describe_words_split : describe_words_oddities)(&sentences, s->d, s->arena);
    if (sentences.n == 0) return;
    heading(s, title, "");
    for (size_t k = 0; k < sentences.n; k++) wrapped(s, "· ", sentences.at[k]);
}

static void put_all(const struct sheet *s) {
    const struct describe *d = s->d;
    put_head(s);
    put_values(s);
    put_times(s);
    put_spread(s);
    put_top(s);
    for (size_t k = 0; k < d->n_classes; k++)
        if (is_shown(d, &d->classes[k])) put_classes(s, &d->classes[k]);
    put_tags(s);
    for (size_t k = 0; s->style->slices && k < d->n_slices; k++) put_slice(s, &d->slices[k]);
    put_sentences(s, "Split", true);
    put_sentences(s, "To know", false);
}

// ---- ASCII -------------------------------------------------------------------------------------

static void put_ascii(const char *text, FILE *out) {
    static const char *const known[][2] = {
        {"·", "-"}, {"…", "..."}, {"±", "+-"}, {"×", "x"}, {"–", "-"}};
    while (*text) {
        if ((unsigned char)*text < 0x80) {
            fputc(*text++, out);
            continue;
        }
        const char *as = "?";
        for (size_t k = 0; k < sizeof known / sizeof *known; k++)
            if (strncmp(text, known[k][0], strlen(known[k][0])) == 0) as = known[k][1];
        fputs(as, out);
        do text++;
        while (((unsigned char)*text & 0xC0) == 0x80);
    }
}

bool describe_text_write(
    const struct describe *d, const struct describe_style *style, FILE *out, struct error *e) {
    struct arena arena = {0};
    char *text = NULL;
    size_t size = 0;
    const size_t width = style->width == 0 ? 100 : style->width < 60 ? 60 : style->width;
    FILE *memory = open_memstream(&text, &size);
    if (!memory) return error_set(e, "out of memory for the description");
    const struct sheet sheet = {
        .d = d, .style = style, .out = memory, .arena = &arena, .width = width};
    put_all(&sheet);
    const bool ok = fclose(memory) == 0 || error_set(e, "out of memory for the description");
    if (ok && style->ascii)
        put_ascii(text, out);
    else if (ok)
        fputs(text, out);
    free(text);
    arena_done(&arena);
    return ok;
}
