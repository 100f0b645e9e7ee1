// Models as bytes: what plugins/common/state.h writes and refuses; and that each plugin's models
// answer alike before and after, by parameters that change together what they answer from.
#include <check.h>
#include <dirent.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "check/planted.h"
#include "common/state.h"
#include "support/plugin_life.h"
#include "support/tape.h"

// ---- A stream in memory ------------------------------------------------------------------------

static rk_status refuse(const rk_stream *s, const void *at, size_t n) {
    (void)at, (void)n;
    ((struct tape *)s->self)->n_reads++;
    return RK_E_IO;
}

// ---- The bytes ---------------------------------------------------------------------------------

struct rk_model {
    uint32_t n;
    double level;
    bool on;
    float *value;    // [n]; owned
    uint32_t *group; // [n]; owned: below 3, or UINT32_MAX
    bool *known;     // [n]; owned
};

static void model_free(rk_model *m) {
    free(m->value);
    free(m->group);
    free(m->known);
    *m = (rk_model){0};
}

static rk_model model_new(uint32_t n) {
    rk_model m = {.n = n, .level = 2.5, .on = true};
    m.value = malloc((n + 1) * sizeof *m.value);
    m.group = malloc((n + 1) * sizeof *m.group);
    m.known = malloc((n + 1) * sizeof *m.known);
    for (uint32_t k = 0; k < n; k++) {
        m.value[k] = 1.0f / (float)(k + 1);
        m.group[k] = k % 5 == 4 ? UINT32_MAX : k % 3;
        m.known[k] = k % 2;
    }
    return m;
}

static void fields(struct state *s, rk_model *m) {
    STATE_NUMBER(s, m->n);
    STATE_NUMBER(s, m->level);
    state_bool(s, &m->on);
    state_same(s, 7, "another seven");
    STATE_ARRAY(s, m->value, m->n);
    STATE_ARRAY(s, m->group, m->n);
    if (s->loading && s->status == RK_OK)
        state_judge(s, state_all_below(m->group, m->n, 3, UINT32_MAX), "a group beyond");
    state_flags(s, &m->known, m->n);
}

static struct host host;

static void save_new(struct tape *t, uint32_t n) {
    rk_model m = model_new(n);
    tape_init(t);
    ck_assert_int_eq(state_save(&m, &host.api, &t->stream, "one", 3, fields), RK_OK);
    model_free(&m);
}

static rk_status load_as(rk_model *m, struct tape *t, const char *id, uint32_t format) {
    *m = (rk_model){0};
    t->bytes.got = t->n_reads = t->most = 0;
    host_clear_failure(&host);
    return state_load(m, &host.api, &t->stream, id, format, fields);
}

// Where things are in the bytes of a model of 5.
enum { AT_ID = 7, AT_FORMAT = 71, AT_N = 75, AT_ON = 87, AT_SEVEN = 88, AT_VALUES = 96 };
enum { AT_GROUPS = AT_VALUES + 8 + 20, AT_KNOWN = AT_GROUPS + 8 + 20, END = AT_KNOWN + 8 + 5 };

START_TEST(what_is_saved_is_loaded) {
    const uint32_t sizes[] = {0, 1, 5, 300000}; // the last grows while it is read
    for (size_t k = 0; k < sizeof sizes / sizeof *sizes; k++) {
        const uint32_t n = sizes[k];
        struct tape t;
        rk_model before = model_new(n), m;
        save_new(&t, n);
        ck_assert_int_eq(load_as(&m, &t, "one", 3), RK_OK);
        ck_assert_uint_eq(t.bytes.got, t.bytes.size);
        ck_assert(m.n == n && m.level == 2.5 && m.on);
        ck_assert_int_eq(memcmp(m.value, before.value, n * sizeof *m.value), 0);
        ck_assert_int_eq(memcmp(m.group, before.group, n * sizeof *m.group), 0);
        ck_assert_int_eq(memcmp(m.known, before.known, n), 0);
        ck_assert_uint_eq((uintptr_t)m.value % 64, 0);
        model_free(&m);
        model_free(&before);
        bytes_done(&t.bytes);
    }
}
END_TEST

START_TEST(bytes_lie_as_is_said) {
    struct tape t;
    save_new(&t, 5);
    ck_assert_uint_eq(t.bytes.size, END);
    ck_assert_str_eq((const char *)t.bytes.at, "reckon");
    ck_assert_str_eq((const char *)t.bytes.at + AT_ID, "one");
    const unsigned char five[4] = {5}, three[4] = {3}, one[4] = {0, 0, 0x80, 0x3f};
    ck_assert_mem_eq(t.bytes.at + AT_FORMAT, three, 4);
    ck_assert_mem_eq(t.bytes.at + AT_N, five, 4);
    ck_assert_mem_eq(t.bytes.at + AT_VALUES, five, 4);
    ck_assert_mem_eq(t.bytes.at + AT_VALUES + 8, one, 4);
    bytes_done(&t.bytes);
}
END_TEST

// A byte of the state, what it is made, and what is then said.
static const struct {
    size_t at;
    unsigned char to;
    const char *text;
} damages[] = {
    {0, 'R', "it does not begin as one"},
    {AT_ID, 'O', "the state is one of One, not of one"},
    {AT_FORMAT, 4, "the state has format 4 of one, and this plugin reads 3: fit the model again"},
    {AT_N, 6, "an array has another length"},
    {AT_ON, 2, "a switch is neither on nor off"},
    {AT_SEVEN, 8, "another seven"},
    {AT_VALUES + 7, 1, "an array has another length"},
    {AT_GROUPS + 8, 3, "a group beyond"},
    {AT_KNOWN + 8, 2, "a switch is neither on nor off"},
};

START_TEST(damage_is_told) {
    struct tape t;
    rk_model m;
    char failure[1024];
    save_new(&t, 5);
    t.bytes.at[damages[_i].at] = damages[_i].to;
    ck_assert_int_eq(load_as(&m, &t, "one", 3), RK_E_IO);
    host_copy_failure(&host, failure);
    ck_assert_msg(strstr(failure, damages[_i].text), "%s", failure);
    model_free(&m);
    bytes_done(&t.bytes);
}
END_TEST

START_TEST(a_state_cut_anywhere_is_refused) {
    struct tape t;
    rk_model m;
    save_new(&t, 5);
    for (t.bytes.size = 0; t.bytes.size < END; t.bytes.size++) {
        ck_assert_int_eq(load_as(&m, &t, "one", 3), RK_E_IO);
        model_free(&m);
    }
    ck_assert_int_eq(load_as(&m, &t, "one", 3), RK_OK);
    model_free(&m);
    bytes_done(&t.bytes);
}
END_TEST

// Counts and lengths that agree, and of which nothing else is true: the first piece is all that is
// asked for.
START_TEST(a_false_length_takes_no_room) {
    struct tape t;
    rk_model m;
    save_new(&t, 5);
    memset(t.bytes.at + AT_N, 0xff, 4);
    memset(t.bytes.at + AT_VALUES, 0xff, 4);
    ck_assert_int_eq(load_as(&m, &t, "one", 3), RK_E_IO);
    ck_assert_uint_eq(t.bytes.got, AT_VALUES + 8);
    ck_assert_uint_le(t.most, 1 << 20);
    ck_assert_ptr_null(m.value);
    bytes_done(&t.bytes);
}
END_TEST

START_TEST(a_stream_that_fails_is_told) {
    struct tape t;
    tape_init(&t);
    t.stream.write = refuse;
    rk_model m = model_new(5);
    ck_assert_int_eq(state_save(&m, &host.api, &t.stream, "one", 3, fields), RK_E_IO);
    ck_assert_uint_eq(t.n_reads, 1); // nothing is written after the first failure
    model_free(&m);
}
END_TEST

// ---- Plugins -----------------------------------------------------------------------------------

enum lack { NOTHING, USER_FEATURES, ITEM_FEATURES };

// Settings: numbers, of a choice its number, of layers their widths.
static const struct {
    const char *plugin, *settings;
    enum lack lack;
} cases[] = {
    {"als", "rank=1 implicit=1", NOTHING},
    {"als", "rank=33 implicit=0 lambda=2", NOTHING},
    {"svd", "rank=17 implicit=1 time_bias=1 features=1", NOTHING},
    {"svd", "rank=5 time_bias=1 features=2", NOTHING},
    {"autoencoder", "members=3 hidden=12,5 features=1", NOTHING},
    {"autoencoder", "rows=1 members=2 features=1 normalise=5", NOTHING},
    {"autoencoder", "rows=1 normalise=3", USER_FEATURES},
    {"hybrid", "members=3 layers= features=1", NOTHING},
    {"hybrid", "members=1 layers=12,5 output=1", ITEM_FEATURES},
    {"hybrid", "layers=20 activation=1 implicit=0", NOTHING},
    {"kmeans", "clusters=2 shrinkage=3", USER_FEATURES}, // by genres
    {"kmeans", "fill=1 clusters=7 shrinkage=3", NOTHING},
    {"kmeans", "fill=2 clusters=0", NOTHING},
    {"kmeans", "fill=3 rank=3", NOTHING},
    {"knn", "neighbours=3 damping=0", NOTHING},
    {"knn", "by=1 candidates=4 power=1", NOTHING},
    {"bias", "alternations=4", NOTHING},
    {"item_mean", "shrinkage=2", NOTHING},
    {"constant", "", NOTHING},
};

static float *ask(const struct life *l, const rk_pairs *pairs) {
    float *out = calloc(pairs->n, sizeof *out);
    ck_assert_int_eq(l->plugin->predict(l->self, pairs, out), RK_OK);
    return out;
}

static const rk_ext_state *state_of(const rk_plugin *p) {
    const rk_ext_state *state = p->extension ? p->extension(RK_EXT_STATE) : NULL;
    ck_assert_msg(state, "%s has no state", p->id);
    return state;
}

// Loaded once all that it was fitted on is gone; under another seed, as nothing is drawn any more.
START_TEST(each_answers_as_before) {
    const char *id = cases[_i].plugin;
    struct error e = {0};
    struct life fitted, loaded;
    struct planted planted, again;
    struct tape t;
    life_start(&fitted, id, cases[_i].settings, 1);
    life_start(&loaded, id, cases[_i].settings, 2);
    loaded.host.key = 1;
    const rk_ext_state *state = state_of(fitted.plugin);
    ck_assert(planted_build(&planted, PLANTED_FULL, fitted.plugin, &e));
    ck_assert(planted_build(&again, PLANTED_FULL, fitted.plugin, &e));
    rk_data data = *planted.data;
    if (cases[_i].lack == USER_FEATURES) data.n_user_features = 0;
    if (cases[_i].lack == ITEM_FEATURES) data.n_item_features = 0;
    ck_assert_int_eq(fitted.plugin->fit(fitted.self, &data), RK_OK);
    float *before = ask(&fitted, planted.ask);
    tape_init(&t);
    ck_assert_int_eq(state->save(fitted.self, &t.stream), RK_OK);
    life_end(&fitted);
    planted_done(&planted);
    ck_assert_int_eq(state->load(loaded.self, &t.stream), RK_OK);
    float *after = ask(&loaded, again.ask);
    ck_assert_int_eq(memcmp(before, after, again.ask->n * sizeof *after), 0);
    for (size_t k = 0; k < again.ask->n; k++) ck_assert(isfinite(after[k]));
    life_end(&loaded);
    planted_done(&again);
    free(before);
    free(after);
    bytes_done(&t.bytes);
}
END_TEST

// Those that come after the ones above, too.
START_TEST(each_plugin_of_the_build_has_one) {
    char folder[4000];
    size_t n = 0;
    snprintf(folder, sizeof folder, "%s/plugins", getenv("RECKON_BUILD"));
    DIR *dir = opendir(folder);
    ck_assert_ptr_nonnull(dir);
    for (const struct dirent *d; (d = readdir(dir));) {
        char path[4300];
        struct error e = {0};
        const size_t length = strlen(d->d_name);
        if (length < 4 || strcmp(d->d_name + length - 3, ".so") != 0) continue;
        snprintf(path, sizeof path, "%s/%s", folder, d->d_name);
        const rk_plugin *plugin = loader_open(path, &e);
        ck_assert_msg(plugin, "%s", e.text);
        state_of(plugin);
        n++;
    }
    closedir(dir);
    ck_assert_uint_ge(n, 8);
}
END_TEST

static void setup(void) {
    host_init(&host, NULL, 1);
}

int main(void) {
    Suite *suite = suite_create("state");
    TCase *bytes = tcase_create("bytes");
    tcase_add_checked_fixture(bytes, setup, NULL);
    tcase_add_test(bytes, what_is_saved_is_loaded);
    tcase_add_test(bytes, bytes_lie_as_is_said);
    tcase_add_loop_test(bytes, damage_is_told, 0, (int)(sizeof damages / sizeof *damages));
    tcase_add_test(bytes, a_state_cut_anywhere_is_refused);
    tcase_add_test(bytes, a_false_length_takes_no_room);
    tcase_add_test(bytes, a_stream_that_fails_is_told);
    TCase *plugins = tcase_create("plugins");
    tcase_add_loop_test(plugins, each_answers_as_before, 0, (int)(sizeof cases / sizeof *cases));
    tcase_add_test(plugins, each_plugin_of_the_build_has_one);
    suite_add_tcase(suite, bytes);
    suite_add_tcase(suite, plugins);
    loader_prepare_blas();
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_ENV);
    const int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed != 0;
}
