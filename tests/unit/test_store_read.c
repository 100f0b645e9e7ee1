// The store as commands look at it: lists, results, merging, clearing up.
#include <check.h>
#include <math.h>
#include <sys/stat.h>

#include "support/made_store.h"
#include "trial/store_read.h"

static char place[64];
static struct store *s;
static struct error e;
static struct arena arena;

static const char *path_of(const char *name) {
    return arena_printf(&arena, "%s/%s", place, name);
}

static void setup(void) {
    strcpy(place, "/tmp/reckon-store-XXXXXX");
    ck_assert_ptr_nonnull(mkdtemp(place));
    ck_assert_int_eq(mkdir(path_of("a"), 0777), 0);
    ck_assert_int_eq(mkdir(path_of("b"), 0777), 0);
    s = made_open(path_of("a"), STORE_WRITE);
    e = (struct error){0};
}

static void teardown(void) {
    char command[128];
    store_close(s);
    arena_done(&arena);
    snprintf(command, sizeof command, "rm -rf '%s'", place);
    ck_assert_int_eq(system(command), 0);
}

// All records of made_results.h, each under a key of its own, as a run has them.
static void put_results(struct store *to, struct made *m, uint32_t part, uint32_t of) {
    for (size_t k = 0; k < m->results.n; k++) {
        struct trial_record *t = &m->results.records[k];
        const struct key key = made_key(k + 1);
        const struct store_place at = {.record = t,
            .data = m->data[t->data].name,
            .label = record_label(&m->results, t),
            .share = 1};
        if (t->failed && !t->failure) t->failure = FAILURE_CRASHED;
        if (!t->failed && !t->evidence && k % 7 != 3) made_kept(t, k);
        if (k % of != part) continue;
        ck_assert_msg(store_put(to, &key, t->model < 0 ? NULL : &m->models[t->model], NULL, t, &e),
            "%s", e.text);
        ck_assert_msg(store_place(to, &key, &at, &e), "%s", e.text);
    }
    for (size_t k = 0; k < 2; k++) ck_assert_msg(store_data(to, k, &m->data[k], &e), "%s", e.text);
    ck_assert_msg(store_flush(to, &e), "%s", e.text);
}

static void same_number(double a, double b) {
    ck_assert(a == b || (isnan(a) && isnan(b)));
}

static void same_results(const struct results *a, const struct results *b) {
    ck_assert_uint_eq(a->n, b->n);
    ck_assert_uint_eq(a->n_failed, b->n_failed);
    for (size_t k = 0; k < a->n; k++) {
        const struct trial_record *x = &a->records[k], *y = &b->records[k];
        ck_assert_uint_eq(x->number, y->number);
        ck_assert(x->model == y->model && x->data == y->data && x->fold == y->fold &&
                  x->seed == y->seed && x->repeat == y->repeat && x->failed == y->failed);
        if (x->failed) ck_assert_str_eq(x->cause, y->cause);
        ck_assert_uint_eq(x->scores.n, y->scores.n);
        for (size_t j = 0; j < x->scores.n; j++) {
            ck_assert_int_eq(x->scores.at[j].slice, y->scores.at[j].slice);
            ck_assert_str_eq(x->scores.at[j].name, y->scores.at[j].name);
            same_number(x->scores.at[j].value, y->scores.at[j].value);
        }
        ck_assert_uint_eq(x->n_curve, y->n_curve);
        for (size_t j = 0; j < x->n_curve; j++) {
            ck_assert_str_eq(x->curve[j].series, y->curve[j].series);
            same_number(x->curve[j].y, y->curve[j].y);
        }
        same_kept(x, y);
        same_number(x->cost.fit_seconds, y->cost.fit_seconds);
        ck_assert_uint_eq(x->cost.memory, y->cost.memory);
    }
    for (size_t k = 0; k < 2; k++) {
        const struct data_summary *x = &a->data[k], *y = &b->data[k];
        ck_assert_str_eq(x->name, y->name);
        ck_assert_str_eq(x->hash, y->hash);
        ck_assert(x->n_ratings == y->n_ratings && x->n_users == y->n_users &&
                  x->n_items == y->n_items && x->has_reachable == y->has_reachable);
        ck_assert(x->rating_min == y->rating_min && x->rating_max == y->rating_max);
        ck_assert_mem_eq(x->count, y->count, sizeof x->count);
    }
}

START_TEST(results_come_back_from_the_store_alone) {
    struct made m;
    struct results got;
    made_init(&m);
    made_begin(s, "p");
    put_results(s, &m, 0, 1);
    ck_assert_msg(store_results(s, &m.plan, &got, &e), "%s", e.text);
    ck_assert(got.interrupted);
    same_results(&m.results, &got);
    results_done(&got);
    ck_assert(store_end_run(s, "done", NULL, &e));
    ck_assert(store_results(s, &m.plan, &got, &e));
    ck_assert(!got.interrupted);
    results_done(&got);
    m.plan.n_models = 2; // not the plan that was run
    ck_assert(!store_results(s, &m.plan, &got, &e));
    ck_assert_ptr_nonnull(strstr(e.text, "not of this plan"));
    results_done(&got);
    made_done(&m);
}
END_TEST

START_TEST(what_was_chosen_comes_back) {
    struct made m;
    struct results got;
    made_init(&m);
    const struct schema schema = made_schema();
    static const int layers[] = {7, 8, 9};
    struct param_value values[5] = {
        {.number = 32}, {.number = 0.1 + 0.2}, {.number = 0}, {.number = 1}, {0, layers, 3}};
    m.models[0].schema = &schema;
    m.models[0].values = values;
    const struct tuned tuned = {
        .values = values, .inner = 0.5, .inner_default = NAN, .n_candidates = 9, .effort = 2.5};
    struct trial_record t = made_record(1, 3);
    const struct key key = made_key(1);
    const struct store_place at = {
        .record = &t, .data = "d", .label = "als", .share = 1, .winner = true};
    made_begin(s, "p");
    ck_assert(store_put(s, &key, &m.models[0], values, &t, &e));
    ck_assert(store_place(s, &key, &at, &e));
    ck_assert(store_tuned(s, &key, &at, &schema, &tuned, &e));
    ck_assert_msg(store_results(s, &m.plan, &got, &e), "%s", e.text);
    const struct tuned *back = got.records[0].tuned;
    ck_assert_ptr_nonnull(back);
    ck_assert(!back->is_default && back->inner == 0.5 && isnan(back->inner_default) &&
              back->n_candidates == 9 && back->effort == 2.5);
    ck_assert(back->values[0].number == 32 && back->values[1].number == 0.1 + 0.2);
    ck_assert(back->values[2].number == 0 && back->values[3].number == 1);
    ck_assert_uint_eq(back->values[4].n, 3);
    ck_assert_mem_eq(back->values[4].ints, layers, sizeof layers);
    results_done(&got);
    scores_done(&t.scores);
    made_done(&m);
}
END_TEST

struct seen {
    size_t n, scores;
    uint32_t numbers[64];
    bool stop;
};

static bool see(void *arg, const struct store_trial *t) {
    struct seen *seen = arg;
    seen->numbers[seen->n++] = t->record.number;
    seen->scores += t->record.scores.n;
    return !seen->stop;
}

static struct seen list(const struct store_filter *filter) {
    struct seen seen = {0};
    ck_assert_msg(store_trials(s, filter, see, &seen, &e), "%s", e.text);
    return seen;
}

START_TEST(filters_pass_what_they_name) {
    struct made m;
    made_init(&m);
    made_begin(s, "old");
    made_begin(s, "p");
    put_results(s, &m, 0, 1);
    struct seen seen = list(&(struct store_filter){0});
    ck_assert_uint_eq(seen.n, MADE_FOLDS * MADE_MODELS + 1); // of models, of the latest run
    for (size_t k = 1; k < seen.n; k++) ck_assert_uint_lt(seen.numbers[k - 1], seen.numbers[k]);
    ck_assert_uint_eq(seen.scores, 0);
    ck_assert_uint_eq(list(&(struct store_filter){.own_rows = true}).n, m.results.n);
    ck_assert_uint_eq(list(&(struct store_filter){.run = 1}).n, 0);
    ck_assert_uint_eq(list(&(struct store_filter){.label = "als"}).n, MADE_FOLDS + 1);
    ck_assert_uint_eq(list(&(struct store_filter){.label = "als", .data = "synthetic"}).n, 1);
    ck_assert_uint_eq(list(&(struct store_filter){.label = "als", .fold = 2}).n, 1);
    ck_assert_uint_eq(list(&(struct store_filter){.failed = true}).n, m.results.n_failed);
    ck_assert_uint_eq(list(&(struct store_filter){.which = STORE_INNER}).n, 0);
    seen = list(&(struct store_filter){.latest = 2});
    ck_assert_uint_eq(seen.n, 2);
    ck_assert_uint_gt(seen.numbers[0], seen.numbers[1]);
    const struct key key = made_key(2);
    seen = list(&(struct store_filter){.key = key.hex, .scores = true, .own_rows = true});
    ck_assert_uint_eq(seen.n, 1);
    ck_assert_uint_eq(seen.scores, m.results.records[1].scores.n);
    struct seen first = {.stop = true};
    ck_assert(store_trials(s, &(struct store_filter){0}, see, &first, &e));
    ck_assert_uint_eq(first.n, 1);
    made_done(&m);
}
END_TEST

START_TEST(runs_and_their_progress_are_listed) {
    const struct store_run_row *rows;
    struct store_live live;
    size_t n;
    bool found;
    struct store *reader = made_open(path_of("a"), STORE_READ);
    ck_assert_msg(store_live(reader, &arena, &live, &found, &e), "%s", e.text);
    ck_assert(!found);
    made_begin(s, "1");
    ck_assert(store_foresee(s, 4, &e));
    ck_assert(store_warn(s, "one", &e));
    ck_assert(store_warn(s, "a warning", &e));
    ck_assert(store_flush(s, &e));
    ck_assert(store_live(reader, &arena, &live, &found, &e));
    ck_assert(found && live.writing);
    char who[32];
    snprintf(who, sizeof who, "process %ld on ", (long)getpid());
    ck_assert_msg(strstr(live.who, who) == live.who, "%s", live.who);
    ck_assert_str_eq(live.row.run.state, "running");
    ck_assert_uint_eq(live.row.run.foreseen, 4);
    ck_assert(store_end_run(s, "done", "{\"x\": 1}", &e));
    made_begin(s, "2");
    ck_assert_msg(store_runs(reader, &arena, &rows, &n, &e), "%s", e.text);
    ck_assert_uint_eq(n, 2);
    ck_assert_str_eq(rows[0].provenance, "{\"x\": 1}");
    ck_assert_str_eq(rows[0].run.state, "done");
    ck_assert_uint_eq(rows[0].n_warnings, 2);
    ck_assert_str_eq(rows[1].run.plan_hash, "2");
    const char *const *texts;
    ck_assert(store_warnings(reader, 1, &arena, &texts, &n, &e));
    ck_assert_uint_eq(n, 2);
    ck_assert_str_eq(texts[0], "one");
    store_close(s);
    s = NULL;
    ck_assert(store_live(reader, &arena, &live, &found, &e));
    ck_assert(found && !live.writing); // "running", but nobody is there any more
    store_close(reader);
}
END_TEST

static void write_file(const char *name) {
    FILE *out = fopen(path_of(name), "w");
    ck_assert_msg(out != NULL, "%s", name);
    fputs("x", out);
    fclose(out);
}

static bool is_there(const char *name) {
    return access(path_of(name), F_OK) == 0;
}

static const char *predictions_of(const char *folder, uint64_t number) {
    return arena_printf(&arena, "%s/predictions/%s.csv.gz", folder, made_key(number).hex);
}

START_TEST(parts_are_merged_into_the_whole) {
    struct made m;
    struct results got;
    struct store_merged merged;
    made_init(&m);
    struct store *other = made_open(path_of("b"), STORE_WRITE);
    made_begin(s, "p");
    put_results(s, &m, 0, 2);
    made_begin(other, "p");
    ck_assert_int_eq(mkdir(path_of("b/predictions"), 0777), 0);
    write_file(predictions_of("b", 2));
    put_results(other, &m, 1, 2);
    ck_assert(store_warn(other, "of the other", &e));
    ck_assert(store_flush(other, &e));
    ck_assert(!store_merge(s, path_of("b"), &merged, &e)); // it is being written
    ck_assert_ptr_nonnull(strstr(e.text, "is writing there"));
    ck_assert(store_end_run(other, "done", NULL, &e));
    store_close(other);
    for (int round = 0; round < 2; round++) { // twice is once
        ck_assert_msg(store_merge(s, path_of("b"), &merged, &e), "%s", e.text);
        ck_assert_uint_eq(merged.trials, round ? 0 : m.results.n / 2);
        ck_assert_uint_eq(merged.places, m.results.n);
        ck_assert_uint_eq(merged.predictions, !round);
        ck_assert_msg(store_results(s, &m.plan, &got, &e), "%s", e.text);
        same_results(&m.results, &got);
        results_done(&got);
    }
    ck_assert(is_there(predictions_of("a", 2)));
    ck_assert_int_eq(made_count(s, "SELECT count(*) FROM warnings"), 1);
    ck_assert_int_eq(made_count(s, "SELECT count(*) FROM runs"), 1);
    ck_assert(store_end_run(s, "done", NULL, &e));
    made_done(&m);
}
END_TEST

START_TEST(an_empty_store_takes_a_part_over) {
    struct made m;
    struct results got;
    struct store_merged merged;
    made_init(&m);
    struct store *other = made_open(path_of("b"), STORE_WRITE);
    ck_assert(!store_merge(s, path_of("b"), &merged, &e));
    made_begin(other, "p");
    put_results(other, &m, 0, 1);
    store_close(other);
    ck_assert_msg(store_merge(s, path_of("b"), &merged, &e), "%s", e.text);
    ck_assert(store_results(s, &m.plan, &got, &e));
    same_results(&m.results, &got);
    results_done(&got);
    ck_assert_msg(store_end_run(s, "done", NULL, &e), "%s", e.text);
    ck_assert_int_eq(made_count(s, "SELECT count(*) FROM runs WHERE state = 'done'"), 1);
    made_done(&m);
}
END_TEST

// As of a part that was run again on a machine with another libm.
START_TEST(a_place_has_one_trial_after_merging_too) {
    struct store_merged merged;
    const struct key key = made_key(99);
    struct trial_record t = made_record(1, 3);
    const struct store_place at = {.record = &t, .data = "made", .label = "made 1", .share = 1};
    struct store *other = made_open(path_of("b"), STORE_WRITE);
    made_begin(other, "p");
    ck_assert(store_put(other, &key, NULL, NULL, &t, &e) && store_place(other, &key, &at, &e));
    store_close(other);
    made_begin(s, "p");
    ck_assert(made_put(s, 1, 3, &e) && made_put(s, 2, 3, &e));
    ck_assert_msg(store_merge(s, path_of("b"), &merged, &e), "%s", e.text);
    ck_assert_uint_eq(merged.places, 2);
    ck_assert_int_eq(made_count(s, "SELECT count(*) FROM results WHERE fold = 1"), 3);
    ck_assert_int_eq(made_count(s, "SELECT count(*) FROM results WHERE fold = 2"), 3);
    scores_done(&t.scores);
}
END_TEST

START_TEST(what_went_well_elsewhere_takes_the_place_of_a_failure) {
    struct store_merged merged;
    struct store *other = made_open(path_of("b"), STORE_WRITE);
    const struct key key = made_key(1);
    struct trial_record t = made_record(1, 3);
    made_begin(s, "p");
    made_begin(other, "p");
    ck_assert(made_put(other, 1, 3, &e));
    made_kept(&t, 1);
    ck_assert(store_put(other, &key, NULL, NULL, &t, &e));
    store_close(other);
    ck_assert(made_put(s, 1, 1, &e));
    t.failed = true;
    t.failure = FAILURE_LOST;
    t.cause = "gone";
    ck_assert(store_put(s, &key, NULL, NULL, &t, &e));
    ck_assert_msg(store_merge(s, path_of("b"), &merged, &e), "%s", e.text);
    ck_assert_uint_eq(merged.trials, 1);
    ck_assert_int_eq(made_count(s, "SELECT count(*) FROM failures"), 0);
    ck_assert_int_eq(made_count(s, "SELECT count(*) FROM results"), 3);
    ck_assert_int_eq(made_count(s, "SELECT count(*) FROM trials WHERE cause IS NULL"), 1);
    ck_assert_int_eq(made_count(s, "SELECT count(*) FROM evidence"), 1);
    ck_assert_int_eq(made_count(s, "SELECT count(*) FROM breakdown"), 3);
    record_done(&t);
}
END_TEST

START_TEST(what_does_not_belong_is_not_merged) {
    struct store_merged merged;
    struct made m;
    made_init(&m);
    made_begin(s, "p");
    put_results(s, &m, 0, 2);
    struct store *other = made_open(path_of("b"), STORE_WRITE);
    made_begin(other, "another plan");
    store_close(other);
    ck_assert(!store_merge(s, path_of("b"), &merged, &e));
    ck_assert_ptr_nonnull(strstr(e.text, "another plan"));
    other = made_open(path_of("b"), STORE_WRITE);
    made_begin(other, "p");
    m.data[1].hash = "00000000000000000000000000000000";
    put_results(other, &m, 1, 2);
    store_close(other);
    const int64_t before = made_count(s, "SELECT count(*) FROM places");
    ck_assert(!store_merge(s, path_of("b"), &merged, &e));
    ck_assert_ptr_nonnull(strstr(e.text, "its data differ"));
    ck_assert(!store_merge(s, path_of("c"), &merged, &e)); // there is none
    ck_assert_int_eq(made_count(s, "SELECT count(*) FROM places"), before);
    ck_assert(made_put(s, 99, 1, &e)); // the run goes on
    made_done(&m);
}
END_TEST

START_TEST(what_no_run_needs_is_cleared_away) {
    struct store_cleared cleared;
    ck_assert_int_eq(mkdir(path_of("a/predictions"), 0777), 0);
    for (uint32_t k = 1; k <= 5; k++)
        if (k != 4) write_file(predictions_of("a", k));
    made_begin(s, "1");
    for (uint32_t k = 1; k <= 3; k++) ck_assert(made_put(s, k, 50, &e));
    struct trial_record t = made_record(2, 50);
    const struct key second = made_key(2);
    made_kept(&t, 2);
    ck_assert(store_put(s, &second, NULL, NULL, &t, &e));
    record_done(&t);
    ck_assert(store_end_run(s, "done", NULL, &e));
    made_begin(s, "2");
    for (uint32_t k = 3; k <= 4; k++) ck_assert(made_put(s, k, 5, &e));
    ck_assert(store_end_run(s, "done", NULL, &e));
    made_begin(s, "3"); // it is not done, and stays
    ck_assert(made_put(s, 1, 5, &e));
    write_file(predictions_of("a", 4)); // which its trial does not have
    write_file("a/predictions/half.csv.gz.part");
    ck_assert_msg(store_gc(s, &cleared, &e), "%s", e.text);
    ck_assert_uint_eq(cleared.runs, 1);
    ck_assert_uint_eq(cleared.trials, 1); // 2; 1 is of the present run
    ck_assert_uint_eq(cleared.files, 4);  // of 2; of 4; 5, of no trial; the half one
    ck_assert(is_there(predictions_of("a", 1)) && is_there(predictions_of("a", 3)));
    ck_assert(!is_there(predictions_of("a", 4)));
    ck_assert(!is_there(predictions_of("a", 2)) && !is_there(predictions_of("a", 5)));
    ck_assert_int_eq(made_count(s, "SELECT count(*) FROM scores WHERE trial NOT IN "
                                   "(SELECT trial FROM trials)"),
        0);
    ck_assert_int_eq(made_count(s, "SELECT count(*) FROM evidence"), 0);
    ck_assert_int_eq(made_count(s, "SELECT count(*) FROM breakdown"), 0);
    ck_assert_int_eq(made_count(s, "SELECT count(*) FROM trials"), 3);
    ck_assert(made_put(s, 77, 1, &e)); // and it goes on
    ck_assert(store_flush(s, &e));
    ck_assert(store_gc(s, &cleared, &e));
    ck_assert_uint_eq(cleared.runs + cleared.trials + cleared.files, 0);
}
END_TEST

int main(void) {
    TCase *reads = tcase_create("store_read");
    tcase_add_checked_fixture(reads, setup, teardown);
    tcase_add_test(reads, results_come_back_from_the_store_alone);
    tcase_add_test(reads, what_was_chosen_comes_back);
    tcase_add_test(reads, filters_pass_what_they_name);
    tcase_add_test(reads, runs_and_their_progress_are_listed);
    tcase_add_test(reads, parts_are_merged_into_the_whole);
    tcase_add_test(reads, an_empty_store_takes_a_part_over);
    tcase_add_test(reads, a_place_has_one_trial_after_merging_too);
    tcase_add_test(reads, what_went_well_elsewhere_takes_the_place_of_a_failure);
    tcase_add_test(reads, what_does_not_belong_is_not_merged);
    tcase_add_test(reads, what_no_run_needs_is_cleared_away);
    Suite *suite = suite_create("store_read");
    suite_add_tcase(suite, reads);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    const int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed != 0;
}
