#include "report/describe_words.h"

#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "report/wording.h"

enum { ID_COLUMNS = 40, TITLE_COLUMNS = 60, FAR_ACTIVITY = 10 };

static const double NEAR_SHARE = 0.0051;

// ---- Pieces ------------------------------------------------------------------------------------

const char *describe_words_cut(struct arena *a, const char *text, size_t columns) {
    // A character takes at most four bytes; what is far beyond need not be cleaned.
    const size_t most = 4 * columns + 16;
    if (strlen(text) > most) text = arena_printf(a, "%.*s", (int)most, text);
    char *copy = arena_text(a, wording_clean(a, text));
    if (wording_width(copy) <= columns) return copy;
    for (size_t n = strlen(copy); n > 0 && wording_width(copy) > columns - 1;) {
        do n--;
        while (n > 0 && ((unsigned char)copy[n] & 0xC0) == 0x80);
        copy[n] = '\0';
    }
    return arena_printf(a, "%s…", copy);
}

const char *describe_words_date(struct arena *a, int64_t time) {
    int64_t year;
    int month, day;
    if (time == RK_NO_TIME) return "";
    describe_date(time, &year, &month, &day);
    return arena_printf(a, "%04lld-%02d-%02d", (long long)year, month, day);
}

const char *describe_words_side(const struct describe_classes *c) {
    return c->side == DESCRIBE_USERS ? "users" : c->side == DESCRIBE_ITEMS ? "items" : "ratings";
}

// Bands that are named by where they begin.
static bool is_from_ages(const struct describe_classes *c) {
    return c->n && !c->bands && strspn(c->at[0].name, "0123456789") == strlen(c->at[0].name);
}

const char *describe_words_heading(
    const struct describe_classes *c, size_t columns, struct arena *a) {
    static const char *const known[][2] = {{"year", "Release year"},
        {"decade", "Decade of release"}, {"zip", "Zip, first digit"}, {"age", "Age from"}};
    for (size_t k = 0; k < sizeof known / sizeof *known; k++)
        if (strcmp(c->title, known[k][0]) == 0 && (k < 3 || is_from_ages(c))) return known[k][1];
    char *text = arena_text(a, describe_words_cut(a, c->title, columns));
    if (*text >= 'a' && *text <= 'z') *text = (char)(*text - 'a' + 'A');
    return text;
}

const char *describe_words_title(const struct describe *d, uint32_t item) {
    return d->data->titles.n ? texts_packed_get(&d->data->titles, item) : "";
}

static const char *user_id(const struct describe *d, uint32_t user, struct arena *a) {
    return describe_words_cut(a, texts_packed_get(&d->data->users, user), ID_COLUMNS);
}

static const char *item_id(const struct describe *d, uint32_t item, struct arena *a) {
    return describe_words_cut(a, texts_packed_get(&d->data->items, item), ID_COLUMNS);
}

// "Emma (1996)", or item 838.
static const char *item_name(const struct describe *d, uint32_t item, struct arena *a) {
    const char *title = describe_words_title(d, item);
    if (!*title) return arena_printf(a, "item %s", item_id(d, item, a));
    return arena_printf(a, "\"%s\"", describe_words_cut(a, title, TITLE_COLUMNS));
}

__attribute__((format(printf, 3, 4))) static void say(
    struct describe_sentences *s, struct arena *a, const char *format, ...) {
    char text[2048];
    va_list args;
    va_start(args, format);
    vsnprintf(text, sizeof text, format, args);
    va_end(args);
    if (s->n == s->room) {
        const size_t room = s->room ? 2 * s->room : 16;
        const char **more = arena_alloc(a, room * sizeof *more);
        if (!more) return;
        if (s->n) memcpy(more, s->at, s->n * sizeof *more);
        s->at = more;
        s->room = room;
    }
    s->at[s->n++] = wording_clean(a, text);
}

static const char *plural(uint64_t n) {
    return n == 1 ? "" : "s";
}

// "12.3 %", with enough digits that neither what is there is 0 nor what is not all 100.
static const char *percent(struct arena *a, double share) {
    if (share <= 0) return "none";
    if (share < 0.0005) return arena_printf(a, "%.2g %%", 100 * share);
    if (share < 1 && share >= 0.9995) return "almost all";
    return wording_percent(a, share);
}

static const char *share(struct arena *a, uint64_t n, uint64_t of) {
    return percent(a, of ? (double)n / (double)of : 0);
}

// "; for example, X; Y" of the examples' texts; ": X; Y" if these are all.
static const char *examples(struct arena *a, const char *const *text, uint32_t n, uint32_t all) {
    if (n == 0) return "";
    const char *out = n < all ? "; for example, " : ": ";
    for (uint32_t k = 0; k < n; k++)
        out = arena_printf(a, "%s%s%s", out, k == 0 ? "" : "; ", text[k]);
    return out;
}

const char *describe_words_without(const struct describe_classes *c, struct arena *a) {
    if (c->u_without == 0) return "";
    return arena_printf(a, "Not known of %s %s%s with %s rating%s.", wording_count(a, c->u_without),
        c->side == DESCRIBE_USERS ? "user" : "item", plural(c->u_without),
        wording_count(a, c->n_without), plural(c->n_without));
}

// ---- What was read -----------------------------------------------------------------------------

static void say_counts(struct describe_sentences *s, const struct describe *d, struct arena *a) {
    static const char *const what[COUNT_N] = {
        [COUNT_SHORT_ROW] = "had too few fields",
        [COUNT_BAD_NUMBER] = "had a rating, time or fold that is no number",
        [COUNT_NAN] = "had a rating that is not finite",
        [COUNT_OFF_SCALE] = "had a rating outside the scale",
        [COUNT_UNKNOWN_USER] = "had a user who is not in the catalogue",
        [COUNT_UNKNOWN_ITEM] = "had an item that is not in the catalogue",
        [COUNT_BAD_ENCODING] = "had text that is not as the format says",
        [COUNT_DUPLICATE] = "said again what was rated before, and the later one counts",
    };
    const uint64_t *count = d->data->count;
    uint64_t aside = 0;
    for (int k = COUNT_SHORT_ROW; k < COUNT_TAGS_SET_ASIDE; k++) {
        if (count[k] == 0 || !what[k]) continue;
        aside += count[k];
        say(s, a, "%s row%s %s, and %s set aside.", wording_count(a, count[k]), plural(count[k]),
            what[k], count[k] == 1 ? "was" : "were");
    }
    if (aside == 0 && count[COUNT_ROWS])
        say(s, a, "All %s rows read are ratings that count: none is damaged or double.",
            wording_count(a, count[COUNT_ROWS]));
    if (count[COUNT_TAGS_SET_ASIDE])
        say(s, a, "%s tag%s of unknown items, or empty, %s set aside.",
            wording_count(a, count[COUNT_TAGS_SET_ASIDE]), plural(count[COUNT_TAGS_SET_ASIDE]),
            count[COUNT_TAGS_SET_ASIDE] == 1 ? "was" : "were");
    if (count[COUNT_FILTERED_RATINGS])
        say(s, a, "The filter took %s ratings, %s users and %s items away.",
            wording_count(a, count[COUNT_FILTERED_RATINGS]),
            wording_count(a, count[COUNT_FILTERED_USERS]),
            wording_count(a, count[COUNT_FILTERED_ITEMS]));
}

static void say_unrated(struct describe_sentences *s, const struct describe *d, struct arena *a) {
    const uint32_t n[] = {d->items_unrated, d->users_unrated};
    const uint32_t of[] = {d->data->n_items, d->data->n_users};
    for (int k = 0; k < 2; k++)
        if (n[k])
            say(s, a, "%s of %s %s (%s) %s no rating.", wording_count(a, n[k]),
                wording_count(a, of[k]), k ? "users" : "items", share(a, n[k], of[k]),
                n[k] == 1 ? "has" : "have");
}

// ---- What is unusual ---------------------------------------------------------------------------

static void say_titles(struct describe_sentences *s, const struct describe *d, struct arena *a) {
    const struct describe_odd *o = &d->odd.titles;
    const char *text[DESCRIBE_EXAMPLES];
    for (uint32_t k = 0; k < o->n_shown; k++)
        text[k] = arena_printf(a, "%s is items %s and %s", item_name(d, o->item[k], a),
            item_id(d, o->item[k], a), item_id(d, o->other[k], a));
    if (o->n)
        say(s, a, "%s title%s belong%s to more than one item%s.", wording_count(a, o->n),
            plural(o->n), o->n == 1 ? "s" : "", examples(a, text, o->n_shown, o->n));
}

static void say_users(struct describe_sentences *s, const struct describe *d, struct arena *a) {
    const struct describe_oddities *odd = &d->odd;
    const char *text[DESCRIBE_EXAMPLES];
    for (uint32_t k = 0; k < odd->one_valued.n_shown; k++)
        text[k] = arena_printf(a, "user %s (%s times %.6g)", user_id(d, odd->one_valued.user[k], a),
            wording_count(a, d->users[odd->one_valued.user[k]].n), odd->one_valued.value[k]);
    if (odd->one_valued.n)
        say(s, a, "%s user%s with 5 ratings or more gave one and the same value always%s.",
            wording_count(a, odd->one_valued.n), plural(odd->one_valued.n),
            examples(a, text, odd->one_valued.n_shown, odd->one_valued.n));
    for (uint32_t k = 0; k < odd->far.n_shown; k++)
        text[k] = arena_printf(a, "user %s (%.2f over %s)", user_id(d, odd->far.user[k], a),
            odd->far.value[k], wording_count(a, d->users[odd->far.user[k]].n));
    if (odd->far.n)
        say(s, a,
            "%s user%s with %d ratings or more %s a mean more than 3 deviations from such users' "
            "(%.2f ± %.2f)%s.",
            wording_count(a, odd->far.n), plural(odd->far.n), DESCRIBE_MANY,
            odd->far.n == 1 ? "has" : "have", odd->far_mean, odd->far_sd,
            examples(a, text, odd->far.n_shown, odd->far.n));
    const uint64_t most = d->users[odd->busiest].n;
    if ((double)most > FAR_ACTIVITY * d->activity.median)
        say(s, a, "User %s alone gave %s ratings, %s of all and %.0f times as many as the median.",
            user_id(d, odd->busiest, a), wording_count(a, most), share(a, most, d->data->n_ratings),
            (double)most / d->activity.median);
}

static void say_times(struct describe_sentences *s, const struct describe *d, struct arena *a) {
    const struct describe_oddities *odd = &d->odd;
    const uint64_t n = d->data->n_ratings;
    if (!d->data->time) {
        say(s, a, "The data has no times: what was rated earlier or later is not known.");
        return;
    }
    if (odd->n_untimed)
        say(s, a, "%s rating%s (%s) %s no time.", wording_count(a, odd->n_untimed),
            plural(odd->n_untimed), share(a, odd->n_untimed, n),
            odd->n_untimed == 1 ? "has" : "have");
    if (odd->n_together)
        say(s, a,
            "%s ratings (%s) share their second with another of the same user, up to %s at once "
            "(user %s): their order is not known.",
            wording_count(a, odd->n_together), share(a, odd->n_together, n),
            wording_count(a, odd->burst), user_id(d, odd->burst_user, a));
    const char *text[DESCRIBE_EXAMPLES];
    for (uint32_t k = 0; k < odd->early.n_shown; k++) {
        const char *year = arena_printf(a, "%.0f", odd->early.value[k]);
        const char *item = item_name(d, odd->early.item[k], a);
        text[k] = arena_printf(a, "user %s rated %s%s%s", user_id(d, odd->early.user[k], a), item,
            strstr(item, year) ? "" : " of ", strstr(item, year) ? "" : year);
    }
    if (odd->n_early)
        say(s, a, "%s rating%s older than the item's year%s.", wording_count(a, odd->n_early),
            odd->n_early == 1 ? " is" : "s are",
            examples(a, text, odd->early.n_shown,
                odd->n_early > DESCRIBE_EXAMPLES ? UINT32_MAX : odd->early.n_shown));
}

void describe_words_oddities(
    struct describe_sentences *s, const struct describe *d, struct arena *a) {
    say_counts(s, d, a);
    say_unrated(s, d, a);
    say_titles(s, d, a);
    say_users(s, d, a);
    say_times(s, d, a);
}

// ---- Split, tails ------------------------------------------------------------------------------

void describe_words_split(struct describe_sentences *s, const struct describe *d, struct arena *a) {
    const struct describe_cold *c = &d->cold;
    if (!d->has_split) return;
    say(s, a, "Split by %s: %s rows train and %s test%s.", d->split,
        wording_count(a, (uint64_t)llround(c->train)), wording_count(a, (uint64_t)llround(c->test)),
        c->n_folds == 1 ? "" : ", as a mean over folds");
    if (c->cold_user + c->cold_item > 0)
        say(s, a,
            "Of the test rows %s are of users without a rating in training, %s of such items, and "
            "%s of both.",
            percent(a, c->cold_user), percent(a, c->cold_item), percent(a, c->cold_both));
    else
        say(s, a, "Every test row is of a user and an item that training knows.");
    if (isnan(c->later)) return;
    const char *of = d->odd.n_untimed ? "test rows whose time is known" : "test rows";
    if (c->n_leaked)
        say(s, a,
            "Of the %s %s are of users of whom training has a later rating: models learn from what "
            "was not there at the time.",
            of, percent(a, c->later));
    else
        say(s, a, "Of the %s none are of users of whom training has a later rating.", of);
}

const char *describe_words_tail(
    const struct describe_tail *tail, size_t n, const char *units, struct arena *a) {
    static const int percents[] = {1, 10, 20};
    const bool users = strcmp(units, "users") == 0;
    const char *out = "";
    for (size_t k = 0; k < sizeof percents / sizeof *percents; k++) {
        const struct describe_tail *t = &tail[(n - 1) * (size_t)percents[k] / 100];
        if (fabs(t->units - percents[k] / 100.0) > NEAR_SHARE) continue; // too few to have such
        out = *out ? arena_printf(
                         a, "%s, %d %% have %s", out, percents[k], wording_percent(a, t->ratings))
                   : arena_printf(a, "The most %s %d %% of the %s have %s of the ratings",
                         users ? "active" : "rated", percents[k], units,
                         wording_percent(a, t->ratings));
    }
    return *out ? arena_printf(a, "%s.", out) : "";
}
