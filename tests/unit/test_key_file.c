// Keys from experiment files: how a file is written does not count, what it asks for does.
#include "core/hash.h"
#include "support/experiment.h"
#include "trial/key.h"

// One hash of the keys of all models, in the order of their names by plugin.
static void keys_of(const char *text, char out[HASH_SIZE]) {
    struct arena arena = {0};
    struct key_base base;
    struct error e = {0};
    struct key keys[8];
    must_read(text);
    ck_assert_uint_le(x.plan.n_models, 8);
    ck_assert_msg(key_base_init(&base, &x.plan, 0, "00112233445566778899aabbccddeeff", &arena, &e),
        "%s", e.text);
    for (size_t k = 0; k < x.plan.n_models; k++) {
        const struct plan_model *m = &x.plan.models[k];
        const struct key_trial trial = {
            .schema = m->schema, .values = m->values, .fold = 1, .share = 1};
        ck_assert_msg(key_make(&keys[k], &base, &trial, NULL, &arena, &e), "%s", e.text);
    }
    hash_bytes(keys, x.plan.n_models * sizeof *keys, out);
    arena_done(&arena);
}

#define FILE_AS_IT_IS \
    "name = \"x\"; seed = 7;\n" DATA "split = { method = \"kfold\"; folds = 4; };\n" \
    "models = ( { plugin = \"als\"; rank = 8; lambda = 0.1; }, \"bias\" );\n" \
    "metrics = ( \"rmse\", { metric = \"top5\"; share = 0.1; } );\n"

START_TEST(how_a_file_is_written_does_not_count) {
    static const char *const same[] = {
        // Another order.
        "metrics = ( \"rmse\", { share = 0.1; metric = \"top5\"; } );\n"
        "models = ( { lambda = 0.1; rank = 8; plugin = \"als\"; }, \"bias\" );\n"
        "split = { folds = 4; method = \"kfold\"; };\n" DATA "seed = 7; name = \"x\";\n",
        // Names, labels, formats, how it is run; numbers written otherwise.
        "name = \"another\"; seed = 7; jobs = 3; threads = 4; report = ( \"json\" ); nice = 5;\n"
        "limits = { seconds = 100; mib = 500; }; min_coverage = 0.3; predictions = true;\n" DATA
        "split = { method = \"kfold\"; folds = 4; };\n"
        "models = ( { plugin = \"als\"; rank = 8; lambda = 1.0e-1; label = \"mine\"; }, "
        "{ plugin = \"bias\"; } ); baseline = \"bias\";\n"
        "metrics = ( \"rmse\", { metric = \"top5\"; share = 0.10; } );\n",
        // Defaults that are written.
        "name = \"x\"; seed = 7; validation = 0.05; clip = true;\n" DATA
        "split = { method = \"kfold\"; folds = 4; repeats = 1; };\n"
        "models = ( { plugin = \"als\"; rank = 8; lambda = 0.1; }, \"bias\" );\n"
        "metrics = ( { metric = \"rmse\"; width = false; }, { metric = \"top5\"; share = 0.1; } "
        ");\n",
    };
    char first[HASH_SIZE], now[HASH_SIZE];
    keys_of(FILE_AS_IT_IS, first);
    for (size_t k = 0; k < sizeof same / sizeof *same; k++) {
        keys_of(same[k], now);
        ck_assert_msg(strcmp(first, now) == 0, "%s", same[k]);
    }
}
END_TEST

START_TEST(what_it_asks_for_does) {
    static const char *const changes[] = {"seed=8", "split.folds=5", "split.repeats=2",
        "models.als.rank=9", "models.als.lambda=0.10000000000000002", "validation=0.2",
        "clip=false", "metrics=[\"rmse\"]"};
    char first[HASH_SIZE], now[HASH_SIZE];
    keys_of(FILE_AS_IT_IS, first);
    options.n_overrides = 1;
    for (size_t k = 0; k < sizeof changes / sizeof *changes; k++) {
        overrides[0] = changes[k];
        keys_of(FILE_AS_IT_IS, now);
        ck_assert_msg(strcmp(first, now) != 0, "%s", changes[k]);
    }
}
END_TEST

int main(void) {
    TCase *files = tcase_create("key_file");
    tcase_add_checked_fixture(files, setup, teardown);
    tcase_add_test(files, how_a_file_is_written_does_not_count);
    tcase_add_test(files, what_it_asks_for_does);
    Suite *suite = suite_create("key_file");
    suite_add_tcase(suite, files);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    const int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed != 0;
}
