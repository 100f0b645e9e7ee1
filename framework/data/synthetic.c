// Settings of synthetic data, and data = { synthetic = { ... }; }.
#include "data/source.h"
#include "data/synthetic_world.h"

#define AT(field) .offset = offsetof(struct synthetic, field)
#define INT(field, d, low, high, text) \
    { \
        .name = #field, .doc = text, .type = SETTING_INT, AT(field), .def = d, .min = low, \
        .max = high \
    }
#define REAL(field, d, low, high, text) \
    { \
        .name = #field, .doc = text, .type = SETTING_REAL, AT(field), .def = d, .min = low, \
        .max = high \
    }

static const struct setting table[] = {
    INT(users, 600, 1, 1e8, "how many users"),
    INT(items, 900, 2, 1e7, "how many items"),
    INT(ratings, 60000, 1, 4e9, "how many ratings, each of another pair"),
    INT(rank, 8, 0, 256, "planted factors"),
    REAL(noise, 0.8, 0, 10, "deviation of a rating from the planted truth, in stars"),
    INT(seed, 1, 0, 9007199254740992.0, "another seed, another world"),
    REAL(step, 0.5, 0.5, 1, "of the scale: 0.5 (0.5 to 5 stars) or 1 (1 to 5)"),
    INT(genres, 18, 0, 64, "how many genres"),
    INT(tags, 40, 0, 100000, "how many different tags"),
    REAL(tag_rate, 0.05, 0, 1, "tags given for each rating"),
    REAL(user_bias, 0.4, 0, 10, "deviation of the users' means, in stars"),
    REAL(item_bias, 0.4, 0, 10, "deviation of the items' means, in stars"),
    REAL(taste, 0.6, 0, 10, "deviation by the planted factors, in stars"),
    REAL(drift, 0.15, 0, 10, "change of users and items over the years, in stars"),
    REAL(genre_share, 0.5, 0, 1, "of an item's factors: what its genres tell"),
    REAL(demographics, 0.15, 0, 1, "of a user's factors: what gender, age and occupation tell"),
    REAL(selection, 1, 0, 10, "how much taste decides what a user rates; 0: popularity alone"),
    REAL(tail, 1, 0, 2, "spread of popularity and activity; 0: all alike"),
};
const struct settings synthetic_settings = SETTINGS(table, struct synthetic);

void synthetic_defaults(struct synthetic *s) {
    for (size_t k = 0; k < sizeof table / sizeof *table; k++) {
        char *field = (char *)s + table[k].offset;
        if (table[k].type == SETTING_INT)
            *(int64_t *)(void *)field = (int64_t)table[k].def;
        else
            *(double *)(void *)field = table[k].def;
    }
}

bool synthetic_check(const struct synthetic *s, struct error *e) {
    const long long users = s->users, items = s->items, ratings = s->ratings;
    if (s->step != 0.5 && s->step != 1)
        return error_set(e, "synthetic: step = %g; it is 0.5 or 1", s->step);
    if (ratings < users)
        return error_set(e,
            "synthetic: ratings = %lld is too few for %lld users, who have one each at least; "
            "raise ratings or lower users",
            ratings, users);
    if (ratings > users * items / 2)
        return error_set(e,
            "synthetic: ratings = %lld is too many for %lld users and %lld items; half of all "
            "pairs is the most: %lld",
            ratings, users, items, users * items / 2);
    return true;
}

static bool check(const void *settings, struct error *e) {
    return synthetic_check(settings, e);
}

static uint64_t estimate_rows(const void *settings) {
    return (uint64_t)((const struct synthetic *)settings)->ratings;
}

REGISTRY_ADD(data_format, synthetic) = {
    .id = "synthetic",
    .doc = "made up from a planted truth, so that the best reachable error is known",
    .settings = SETTINGS(table, struct synthetic),
    .grouped = true,
    .check = check,
    .read = synthetic_read,
    .estimate_rows = estimate_rows,
};
