// cold_users, cold_items: users, or items, are held out wholly, chosen by a hash of their ids: a
// share of them, or each once in so many folds. Of each, the first `given` ratings train all the
// same: the earliest where the data has times, else those that a hash puts first. Those with no
// more ratings than that are never held out.
#include "split/whole.h"

static const struct setting table[] = {
    {.name = "share",
        .doc = "share of the users (items) that is held out, in one fold",
        .type = SETTING_REAL,
        .offset = offsetof(struct whole, share),
        .min = 1e-6,
        .max = 0.999},
    {.name = "folds",
        .doc = "parts that the users (items) are dealt into; each is held out once",
        .type = SETTING_INT,
        .offset = offsetof(struct whole, folds),
        .min = 2,
        .max = 1000},
    {.name = "given",
        .doc = "first ratings of each held-out user (item) that train all the same",
        .type = SETTING_INT,
        .offset = offsetof(struct whole, given),
        .def = 0,
        .min = 0,
        .max = 1000000},
    {.name = "repeats",
        .doc = "how often to deal anew",
        .type = SETTING_INT,
        .offset = offsetof(struct whole, repeats),
        .def = 1,
        .min = 1,
        .max = 1000},
};

static bool validate(
    const struct split_job *job, enum split_by by, double share, uint8_t *role, struct error *e) {
    const struct whole *s = job->settings;
    return split_validate_whole(job, by, (uint64_t)s->given, share, role, e);
}

static bool inner(const struct split_job *job, enum split_by by, uint8_t *role, struct error *e) {
    const struct whole *s = job->settings;
    return split_inner_whole(job, by, (uint64_t)s->given, s->share, role, e);
}

static void describe(const void *settings, char *text, size_t size) {
    whole_describe(settings, text, size);
}

static bool plan_users(const void *settings, const struct dataset *data, uint32_t *n_repeats,
    uint32_t **folds, uint32_t *n_folds, struct error *e) {
    return whole_plan(settings, SPLIT_BY_USER, data, n_repeats, folds, n_folds, e);
}

static bool assign_users(const struct split_job *job, uint8_t *role, struct error *e) {
    return whole_assign(job, SPLIT_BY_USER, role, e);
}

static bool validate_users(
    const struct split_job *job, double share, uint8_t *role, struct error *e) {
    return validate(job, SPLIT_BY_USER, share, role, e);
}

static bool inner_users(const struct split_job *job, uint8_t *role, struct error *e) {
    return inner(job, SPLIT_BY_USER, role, e);
}

static enum split_tags tags_users(const void *settings) {
    (void)settings;
    return SPLIT_TAGS_USERS;
}

REGISTRY_ADD(split_method, cold_users) = {
    .id = "cold_users",
    .doc = "users are held out wholly, or but for their first ratings",
    .settings = SETTINGS(table, struct whole),
    .plan = plan_users,
    .assign = assign_users,
    .validate = validate_users,
    .inner = inner_users,
    .tags = tags_users,
    .describe = describe,
};

static bool plan_items(const void *settings, const struct dataset *data, uint32_t *n_repeats,
    uint32_t **folds, uint32_t *n_folds, struct error *e) {
    return whole_plan(settings, SPLIT_BY_ITEM, data, n_repeats, folds, n_folds, e);
}

static bool assign_items(const struct split_job *job, uint8_t *role, struct error *e) {
    return whole_assign(job, SPLIT_BY_ITEM, role, e);
}

static bool validate_items(
    const struct split_job *job, double share, uint8_t *role, struct error *e) {
    return validate(job, SPLIT_BY_ITEM, share, role, e);
}

static bool inner_items(const struct split_job *job, uint8_t *role, struct error *e) {
    return inner(job, SPLIT_BY_ITEM, role, e);
}

static enum split_tags tags_items(const void *settings) {
    (void)settings;
    return SPLIT_TAGS_ITEMS;
}

REGISTRY_ADD(split_method, cold_items) = {
    .id = "cold_items",
    .doc = "items are held out wholly, or but for their first ratings",
    .settings = SETTINGS(table, struct whole),
    .plan = plan_items,
    .assign = assign_items,
    .validate = validate_items,
    .inner = inner_items,
    .tags = tags_items,
    .describe = describe,
};
