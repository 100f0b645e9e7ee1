// A description as one page: what it shows, in the order in which one asks.
#include <math.h>
#include <string.h>

#include "report/chart.h"
#include "report/describe_files.h"
#include "report/describe_page.h"
#include "report/describe_words.h"
#include "report/wording.h"

// ---- At a glance -------------------------------------------------------------------------------

static const char *items_fact(struct describe_sheet *s) {
    const struct describe *d = s->d;
    const char *n = wording_count(&s->arena, d->data->n_items);
    if (d->items_unrated == 0)
        return arena_printf(
            &s->arena, "%s, with a median of %.6g ratings", n, d->popularity.median);
    return arena_printf(&s->arena,
        "%s, of which %s without a rating; of the others the median is %.6g", n,
        wording_count(&s->arena, d->items_unrated), d->popularity.median);
}

static void put_glance(struct describe_sheet *s) {
    const struct describe *d = s->d;
    const struct dataset *data = d->data;
    struct arena *a = &s->arena;
    const struct page_fact facts[] = {
        {"Ratings", arena_printf(a, "%s, from %.6g to %.6g, mean %.3f ± %.3f",
                        wording_count(a, data->n_ratings), (double)data->rating_min,
                        (double)data->rating_max, d->mean, d->deviation)},
        {"Users", arena_printf(a, "%s, who gave a median of %.6g ratings (%s to %s)",
                      wording_count(a, data->n_users), d->activity.median,
                      wording_count(a, (uint64_t)d->activity.least),
                      wording_count(a, (uint64_t)d->activity.most))},
        {"Items", items_fact(s)},
        {"Density", arena_printf(a, "%.3g %% of all pairs of user and item", 100 * d->density)},
        {"Time", d->first == RK_NO_TIME
                     ? "not known"
                     : arena_printf(a, "%s to %s", describe_words_date(a, d->first),
                           describe_words_date(a, d->last))},
        {"Content hash", data->hash},
    };
    describe_page_open(s, "glance");
    page_facts(&s->page, facts, sizeof facts / sizeof *facts);
    for (int k = 0; k < 2; k++) {
        const char *text = describe_words_tail(
            k ? d->user_tail : d->item_tail, d->n_tail, k ? "users" : "items", a);
        if (*text) page_paragraph(&s->page, text);
    }
    page_section_end(&s->page);
}

static void put_odd(struct describe_sheet *s) {
    struct describe_sentences sentences = {0};
    describe_words_oddities(&sentences, s->d, &s->arena);
    describe_page_open(s, "odd");
    page_list(&s->page, sentences.at, sentences.n);
    page_section_end(&s->page);
}

static void put_split(struct describe_sheet *s) {
    struct describe_sentences sentences = {0};
    if (!s->d->has_split) return;
    describe_words_split(&sentences, s->d, &s->arena);
    describe_page_open(s, "split");
    const bool leaks = s->d->cold.n_leaked > 0 && sentences.n > 0;
    page_list(&s->page, sentences.at, sentences.n - leaks);
    if (leaks) page_warnings(&s->page, &sentences.at[sentences.n - 1], 1);
    page_section_end(&s->page);
}

// ---- Ratings -----------------------------------------------------------------------------------

enum { FEW_TIMES = 12 };

// Points of both tails as shares.
static void put_tails(struct describe_sheet *s) {
    const struct describe *d = s->d;
    struct page *p = &s->page;
    const size_t n = d->n_tail;
    double *at = arena_alloc(&s->arena, 4 * n * sizeof *at);
    if (!at) return;
    for (size_t k = 0; k < n; k++) {
        at[k] = d->user_tail[k].units;
        at[n + k] = d->user_tail[k].ratings;
        at[2 * n + k] = d->item_tail[k].units;
        at[3 * n + k] = d->item_tail[k].ratings;
    }
    const struct chart_series series[] = {
        {.label = "items", .x = at + 2 * n, .y = at + 3 * n, .n = n},
        {.label = "users", .x = at, .y = at + n, .n = n}};
    page_figure(p, NULL,
        "Long tails: the share of the ratings that the most rated items, and the most active "
        "users, "
        "have together. On a diagonal all would have as many.");
    chart_curves(p->out,
        &(struct chart_head){.id = "tails",
            .alt = arena_printf(&s->arena, "Long tails. %s %s",
                describe_words_tail(d->item_tail, n, "items", &s->arena),
                describe_words_tail(d->user_tail, n, "users", &s->arena))},
        &(struct chart_axis){.title = "Of the items or users, most rated first", .unit = "share"},
        &(struct chart_axis){.title = "Of the ratings", .unit = "share"}, series, 2);
    page_figure_end(p);
}

// What means leave out.
static const char *least_words(struct describe_sheet *s) {
    if (s->least < 2) return "";
    return arena_printf(
        &s->arena, "; where there are fewer than %u ratings, none is shown", s->least);
}

static void put_ratings(struct describe_sheet *s) {
    const struct describe *d = s->d;
    const struct describe_classes *times = describe_page_times(d);
    const char *known = d->odd.n_untimed ? ", of those whose time is known" : "";
    describe_page_open(s, "ratings");
    page_grid(&s->page);
    describe_page_bars(s, &d->classes[0], "Ratings by their value.", "Value");
    if (times && times->n > FEW_TIMES) {
        const char *title = times->title;
        describe_page_curve(
            s, times, false, arena_printf(&s->arena, "Ratings by %s (UTC)%s.", title, known));
        describe_page_curve(
            s, times, true, arena_printf(&s->arena, "Mean rating by %s%s.", title, least_words(s)));
    } else if (times) {
        describe_page_bars(s, times,
            arena_printf(&s->arena, "Ratings by %s (UTC)%s.", times->title, known), "Time");
        describe_page_means(s, times,
            arena_printf(&s->arena, "Mean rating by %s%s.", times->title, least_words(s)), "Time");
    }
    put_tails(s);
    page_grid_end(&s->page);
    page_section_end(&s->page);
}

static void put_spread(struct describe_sheet *s) {
    static const struct page_column columns[] = {{"Ratings of a", NULL, false},
        {"least", NULL, true}, {"5 %", NULL, true}, {"25 %", NULL, true}, {"median", NULL, true},
        {"75 %", NULL, true}, {"95 %", NULL, true}, {"99 %", NULL, true}, {"most", NULL, true},
        {"mean", NULL, true},
        {"Gini", "0: all have as many; towards 1: few have all ratings", true}};
    const struct describe *d = s->d;
    struct page *p = &s->page;
    describe_page_open(s, "spread");
    page_table(p, NULL, "Quantiles over users and items with ratings.", columns,
        sizeof columns / sizeof *columns);
    for (int k = 0; k < 2; k++) {
        const struct describe_quantiles *q = k ? &d->popularity : &d->activity;
        const double value[] = {
            q->least, q->p5, q->p25, q->median, q->p75, q->p95, q->p99, q->most};
        page_row(p, NULL, false);
        page_cell(p, k ? "item" : "user", NAN, NULL, NULL);
        for (size_t v = 0; v < sizeof value / sizeof *value; v++)
            page_cell(p, arena_printf(&s->arena, "%.6g", value[v]), value[v], NULL, NULL);
        page_cell(p, wording_fixed(&s->arena, q->mean, 1), q->mean, NULL, NULL);
        page_cell(p, wording_fixed(&s->arena, q->gini, 3), q->gini, NULL, NULL);
        page_row_end(p);
    }
    page_table_end(p);
    page_section_end(p);
}

// ---- Items, users ------------------------------------------------------------------------------

static void put_top(struct describe_sheet *s) {
    static const struct page_column columns[] = {{"Title", NULL, false}, {"Item", NULL, false},
        {"ratings", NULL, true}, {"mean", NULL, true}, {"deviation", NULL, true}};
    const struct describe *d = s->d;
    struct page *p = &s->page;
    const bool has_titles = d->data->titles.n > 0;
    page_table(p, NULL, "The most rated items.", columns + !has_titles, 5 - !has_titles);
    for (size_t k = 0; k < d->n_top; k++) {
        const uint32_t i = d->top[k];
        page_row(p, NULL, false);
        if (has_titles) page_cell(p, describe_words_title(d, i), NAN, NULL, NULL);
        page_cell(p, texts_packed_get(&d->data->items, i), NAN, NULL, NULL);
        describe_page_sum(s, &d->items[i]);
        page_row_end(p);
    }
    page_table_end(p);
}

static void put_tags(struct describe_sheet *s) {
    static const struct page_column columns[] = {{"Tag", NULL, false}, {"used", NULL, true},
        {"by users", NULL, true}, {"on items", NULL, true}};
    const struct describe *d = s->d;
    struct page *p = &s->page;
    struct arena *a = &s->arena;
    if (d->n_tags == 0) return;
    describe_page_open(s, "tags");
    page_table(p, NULL,
        arena_printf(a, "The most used of %s different tags; %s were set by %s users on %s items.",
            wording_count(a, d->data->tags.names.n), wording_count(a, d->data->tags.n),
            wording_count(a, d->tag_users), wording_count(a, d->tag_items)),
        columns, 4);
    for (size_t k = 0; k < d->n_tags; k++) {
        const struct describe_tag *t = &d->tags[k];
        page_row(p, NULL, false);
        page_cell(p, t->name, NAN, NULL, NULL);
        page_cell(p, wording_count(a, t->n), t->n, NULL, NULL);
        page_cell(p, wording_count(a, t->users), t->users, NULL, NULL);
        page_cell(p, wording_count(a, t->items), t->items, NULL, NULL);
        page_row_end(p);
    }
    page_table_end(p);
    page_section_end(p);
}

static void put_features(struct describe_sheet *s, enum describe_side side) {
    const struct describe *d = s->d;
    describe_page_open(s, side == DESCRIBE_USERS ? "users" : "items");
    if (side == DESCRIBE_ITEMS) put_top(s);
    for (size_t k = 0; k < d->n_classes; k++)
        if (d->classes[k].side == side && d->classes[k].n) describe_page_feature(s, &d->classes[k]);
    page_section_end(&s->page);
}

static void put_made(struct describe_sheet *s, const char *command) {
    if (!command) return;
    describe_page_open(s, "made");
    page_paragraph(&s->page, "The numbers of this page in full precision, and the page itself:");
    page_code(&s->page, arena_printf(&s->arena, "%s --format json\n%s --format csv\n%s", command,
                            command, arena_printf(&s->arena, "%s --format html", command)));
    page_section_end(&s->page);
}

// ---- All of it ---------------------------------------------------------------------------------

static bool has_side(const struct describe *d, enum describe_side side) {
    for (size_t k = 0; k < d->n_classes; k++)
        if (d->classes[k].side == side && d->classes[k].n) return true;
    return false;
}

static void add_link(struct describe_sheet *s, const char *id, const char *heading, bool there) {
    if (there) s->links[s->n_links++] = (struct page_link){id, heading};
}

void describe_page_write(const struct describe *d, const char *command, FILE *out) {
    struct describe_sheet s = {.d = d, .least = d->data->n_ratings < 10000 ? 1 : 20};
    struct arena *a = &s.arena;
    page_begin(&s.page, out, describe_words_cut(a, d->data->name, 100),
        arena_printf(a, "What is in this data set: %s ratings of %s items by %s users",
            wording_count(a, d->data->n_ratings), wording_count(a, d->data->n_items),
            wording_count(a, d->data->n_users)));
    add_link(&s, "glance", "At a glance", true);
    add_link(&s, "odd", "To know", true);
    add_link(&s, "split", "Under the split", d->has_split);
    add_link(&s, "ratings", "Ratings", true);
    add_link(&s, "spread", "Activity and popularity", true);
    add_link(&s, "items", "Items", true);
    add_link(&s, "users", "Users", has_side(d, DESCRIBE_USERS));
    add_link(&s, "roll-ups", "Mean ratings by two features", d->n_slices > 0);
    add_link(&s, "tags", "Tags", d->n_tags > 0);
    add_link(&s, "made", "How this was made", command != NULL);
    page_contents(&s.page, s.links, s.n_links);
    put_glance(&s);
    put_odd(&s);
    put_split(&s);
    put_ratings(&s);
    put_spread(&s);
    put_features(&s, DESCRIBE_ITEMS);
    if (has_side(d, DESCRIBE_USERS)) put_features(&s, DESCRIBE_USERS);
    describe_page_slices(&s);
    put_tags(&s);
    put_made(&s, command);
    page_end(&s.page);
    arena_done(&s.arena);
}
