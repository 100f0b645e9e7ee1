// Blends as entries of experiment files.
#include "support/experiment.h"

#define THREE "models = ( \"bias\", { plugin = \"svd\"; rank = [4, 8]; },\n"

static const struct blend_spec *blend_of(size_t row) {
    const struct blend_spec *b = x.plan.models[row].blend;
    ck_assert_msg(b != NULL, "row %zu is no blend", row);
    return b;
}

START_TEST(members_are_rows_in_their_order) {
    must_read(
        DATA "models = ( { blend = [\"svd\", \"right\"]; },\n"
             "  { plugin = \"right\"; label = \"deep\"; }, \"bias\",\n"
             "  { plugin = \"svd\"; rank = [4]; },\n"
             "  { blend = [\"svd rank=4\", \"bias\"]; label = \"two\"; weights = [3, 1]; } );");
    LABELS("blend", "deep", "bias", "svd rank=4", "two");
    const struct blend_spec *b = blend_of(0);
    ck_assert_uint_eq(b->n, 2);
    ck_assert(b->members[0] == 1 && b->members[1] == 3 && b->how == BLEND_EQUAL);
    ck_assert(!b->weights && b->folds == 0);
    b = blend_of(4);
    ck_assert(b->members[0] == 2 && b->members[1] == 3 && b->how == BLEND_GIVEN);
    ck_assert(b->weights[0] == 0.25 && b->weights[1] == 0.75);
    for (size_t k = 0; k < 5; k++) {
        const struct plan_model *m = &x.plan.models[k];
        ck_assert_int_eq(m->is_member, k > 0 && k < 4);
        ck_assert(!m->is_hidden && !m->tuning);
    }
    ck_assert_str_eq(x.plan.models[0].schema->id, "blend");
    ck_assert_uint_eq(x.plan.models[0].schema->n_params, 0);
}
END_TEST

START_TEST(weights_are_words_or_numbers) {
    must_read(
        DATA "models = ( \"bias\", \"svd\",\n"
             "  { blend = [\"bias\", \"svd\"]; },\n"
             "  { blend = [\"bias\", \"svd\"]; weights = \"fitted\"; },\n"
             "  { blend = [\"bias\", \"svd\"]; weights = \"fitted\"; folds = 3; label = \"f\"; },\n"
             "  { blend = [\"svd\", \"bias\"]; weights = [0.5, 0.5]; label = \"e\"; },\n"
             "  { blend = [\"svd\", \"bias\"]; weights = (1, 0.0); } );");
    LABELS("bias", "svd", "blend bias+svd", "blend bias+svd weights=fitted", "f", "e",
        "blend svd+bias weights=[1, 0]");
    char *text = print();
    ck_assert_ptr_nonnull(strstr(text, "weights = \"fitted\";\n        folds = 5;"));
    free(text);
    ck_assert_int_eq(blend_of(2)->how, BLEND_EQUAL);
    ck_assert_int_eq(blend_of(3)->how, BLEND_FITTED);
    ck_assert_uint_eq(blend_of(3)->folds, 5);
    ck_assert_uint_eq(blend_of(4)->folds, 3);
    ck_assert_int_eq(blend_of(5)->how, BLEND_EQUAL);
    ck_assert(blend_of(6)->weights[0] == 0 && blend_of(6)->weights[1] == 1);
}
END_TEST

START_TEST(a_list_of_weights_is_rows) {
    must_read(DATA "models = ( \"bias\", \"svd\", { blend = [\"bias\", \"svd\"];\n"
                   "  weights = (\"fitted\", \"equal\", [1, 3]); label = \"mix\"; folds = 2; } );");
    LABELS("bias", "svd", "mix weights=fitted", "mix weights=equal", "mix weights=[1, 3]");
    ck_assert_uint_eq(blend_of(2)->folds, 2);
    ck_assert_uint_eq(blend_of(3)->folds, 0);
    ck_assert(blend_of(4)->weights[1] == 0.75);
    char *text = print();
    ck_assert_ptr_nonnull(strstr(text, "weights = (\"fitted\", \"equal\", [1, 3]);"));
    ck_assert_ptr_nonnull(strstr(text, "folds = 2;"));
    const char *hash = strdup(x.plan_hash);
    must_read(text);
    ck_assert_str_eq(x.plan_hash, hash);
    free(text);
    free((void *)hash);
}
END_TEST

START_TEST(members_that_cannot_be_are_refused) {
    REFUSE(DATA THREE "  { blend = [\"bais\", \"svd\"]; },\n"
                      "  { blend = [\"bias\", \"bias\"]; label = \"b\"; },\n"
                      "  { blend = [\"bias\", \"b\"]; label = \"c\"; } );",
        "t.cfg:3: models.2.blend.0: no model has the label or plugin \"bais\"; did you mean "
        "\"bias\"?",
        "t.cfg:3: models.2.blend.1: \"svd\" means 2 rows; a member is one of them: \"svd rank=4\", "
        "\"svd rank=8\"",
        "t.cfg:4: models.3.blend.1: \"bias\" is a member already; give it a larger weight",
        "t.cfg:5: models.4.blend.1: \"b\" is a blend, which is no member of another; name its "
        "members");
    // A label goes before a plugin's name, a blend's too.
    REFUSE(DATA "models = ( { plugin = \"bias\"; label = \"a\"; }, \"item_mean\",\n"
                "  { blend = [\"a\", \"item_mean\"]; label = \"bias\"; },\n"
                "  { blend = [\"bias\", \"item_mean\"]; } );",
        "t.cfg:4: models.3.blend.0: \"bias\" is a blend, which is no member of another; name its "
        "members");
    REFUSE(DATA THREE "  { blends = [\"bias\", \"svd\"]; } );",
        "t.cfg:3: models.2: a plugin is needed, as in { plugin = \"als\"; }; did you mean "
        "\"blend\"?");
    REFUSE(DATA THREE "  { blend = \"bias\"; },\n  { blend = []; label = \"n\"; },\n"
                      "  { blend = [1, 2]; label = \"w\"; },\n"
                      "  { blend = [\"1\", \"2\", \"3\", \"4\", \"5\", \"6\", \"7\", \"8\", \"9\", "
                      "\"10\", \"11\", \"12\", \"13\"]; label = \"m\"; } );",
        "t.cfg:3: models.2.blend: 1 member; a blend has 2 to 12, as in [\"als\", \"svd\"]",
        "t.cfg:4: models.3.blend: 0 members; a blend has 2 to 12, as in [\"als\", \"svd\"]",
        "t.cfg:5: models.4.blend.0: text is expected, not 1",
        "t.cfg:5: models.4.blend.1: text is expected, not 2",
        "t.cfg:6: models.5.blend: 13 members; a blend has 2 to 12, as in [\"als\", \"svd\"]");
}
END_TEST

static const char *const wrong[] = {"weights = [1];", "weights = [1, -0.5];", "weights = [0, 0];",
    "weights = \"fited\";", "weights = [1e308, 1e308];", "weights = 1;", "folds = 4;",
    "weights = \"fitted\"; folds = 1;", "search = { trials = 4; };", "rank = 4;"};

// One blend a line from the third one on.
static const char *all_wrong(void) {
    static char text[4096];
    size_t at = (size_t)sprintf(text, DATA THREE);
    for (size_t k = 0; k < sizeof wrong / sizeof *wrong; k++)
        at += (size_t)sprintf(text + at,
            "%s  { blend = [\"bias\", \"svd rank=4\"]; label = \"%zu\"; %s }", k ? ",\n" : "", k,
            wrong[k]);
    strcpy(text + at, " );");
    return text;
}

START_TEST(weights_that_cannot_be_are_refused) {
    REFUSE(all_wrong(), "t.cfg:3: models.2.weights: 1 weight for 2 members; give each member one",
        "t.cfg:4: models.3.weights.1: a weight is a number of at least 0, not -0.5, so that the "
        "mean lies between its members",
        "t.cfg:5: models.4.weights: all weights are 0; one member at least needs more",
        "t.cfg:6: models.5.weights: \"equal\", \"fitted\" or a list of 2 numbers, one for each "
        "member, is expected, not the text \"fited\"; did you mean \"fitted\"?",
        "t.cfg:7: models.6.weights: weights so large have no sum; write smaller ones",
        "t.cfg:8: models.7.weights: \"equal\", \"fitted\" or a list of 2 numbers, *",
        "t.cfg:9: models.8.folds: no weights are fitted here; leave it out, or write weights = "
        "\"fitted\"",
        "t.cfg:10: models.9.folds: a whole number from 2 to 100 is expected, not 1",
        "t.cfg:11: models.10.search: a blend has nothing to search; its members may, and weights = "
        "\"fitted\" fits its own",
        "t.cfg:12: models.11.rank: a blend has no key \"rank\"; it *");
    REFUSE(DATA "models = ( \"bias\", { predictions = \"t.cfg\"; label = \"peer\"; },\n"
                "  { blend = [\"bias\", \"peer\"]; weights = \"fitted\"; } );",
        "t.cfg:3: models.2.weights: \"peer\" is of files, which have no answers on inner folds; "
        "write weights = \"equal\" or numbers, or leave it out of the blend");
    REFUSE(DATA "models = ( \"bias\", \"svd\", { blend = [\"bias\", \"svd\"]; } );\n"
                "metrics = ( { metric = \"rmse\"; training = true; } );",
        "t.cfg:2: models.2: the metric \"rmse training=true\" counts rows trained on, of which "
        "there are no "
        "answers of a blend");
}
END_TEST

START_TEST(members_left_out_run_all_the_same) {
    static const char text[] = DATA THREE "  \"right\", { blend = [\"right\", \"bias\"]; },\n"
                                          "  { blend = [\"bias\", \"svd rank=8\"]; label = \"b\"; "
                                          "} );\nbaseline = \"bias\";";
    only[0] = "svd";
    only[1] = "blend";
    options.n_only = 1;
    must_read(text);
    LABELS("svd rank=4", "svd rank=8");
    for (size_t k = 0; k < 2; k++)
        ck_assert(!x.plan.models[k].is_member && !x.plan.models[k].is_hidden);
    options.n_only = 2;
    must_read(text);
    LABELS("bias", "svd rank=4", "svd rank=8", "right", "blend", "b");
    static const bool hidden[] = {true, false, false, true, false, false};
    for (size_t k = 0; k < 6; k++) ck_assert_int_eq(x.plan.models[k].is_hidden, hidden[k]);
    ck_assert(blend_of(5)->members[0] == 0 && blend_of(5)->members[1] == 2);
    ck_assert(!x.plan.models[1].is_member && x.plan.models[2].is_member);
    ck_assert_ptr_null(x.plan.baseline);
    only[0] = "b";
    options.n_only = 1;
    must_read(text);
    LABELS("bias", "svd rank=8", "b");
    ck_assert(blend_of(2)->members[0] == 0 && blend_of(2)->members[1] == 1);
}
END_TEST

static const char *hash_of(const char *weights, const char *override) {
    static char text[4][64];
    static int at;
    char file_text[1024];
    snprintf(file_text, sizeof file_text,
        DATA "models = ( \"bias\", \"svd\", { blend = [\"%s\"]; weights = %s; label = \"b\"; } );",
        *weights == '<' ? "svd\", \"bias" : "bias\", \"svd", weights + (*weights == '<'));
    overrides[0] = override;
    options.n_overrides = override != NULL;
    must_read(file_text);
    at = (at + 1) % 4;
    snprintf(text[at], sizeof text[at], "%s", x.plan_hash);
    return text[at];
}

START_TEST(what_means_the_same_has_the_same_hash) {
    ck_assert_str_eq(hash_of("[1, 3]", NULL), hash_of("<[0.75, 0.25]", NULL));
    ck_assert_str_eq(hash_of("\"equal\"", NULL), hash_of("<[2, 2]", NULL));
    ck_assert_str_eq(hash_of("\"fitted\"", NULL), hash_of("\"equal\"", "models.b.weights=fitted"));
    ck_assert_str_eq(
        hash_of("[1, 3]", NULL), hash_of("\"equal\"", "models.blend.weights=[0.25,0.75]"));
    ck_assert_str_ne(hash_of("[1, 3]", NULL), hash_of("[3, 1]", NULL));
    ck_assert_str_ne(hash_of("\"fitted\"", NULL), hash_of("\"equal\"", NULL));
    ck_assert_str_ne(hash_of("\"fitted\"", NULL), hash_of("\"fitted\"", "models.b.folds=4"));
}
END_TEST

START_TEST(the_command_line_adds_blends) {
    static const char *const blends[] = {"bias,right hidden=[4, 2]", "svd,bias"};
    static const char text[] = DATA "models = ( \"bias\", \"svd\",\n"
                                    "  { plugin = \"right\"; hidden = ([4, 2], [8]); } );\n";
    options.blends = blends;
    options.n_blends = 2;
    overrides[0] = "models.3.weights=fitted";
    options.n_overrides = 1;
    must_read(text);
    LABELS("bias", "svd", "right hidden=[4, 2]", "right hidden=[8]",
        "blend bias+right hidden=[4, 2]", "blend svd+bias");
    ck_assert(blend_of(4)->members[1] == 2 && blend_of(4)->how == BLEND_FITTED);
    ck_assert_int_eq(blend_of(5)->how, BLEND_EQUAL);
    only[0] = "svd";
    options.n_only = 1;
    must_read(text);
    LABELS(
        "bias", "svd", "right hidden=[4, 2]", "blend bias+right hidden=[4, 2]", "blend svd+bias");
    ck_assert(x.plan.models[0].is_hidden && !x.plan.models[1].is_hidden);
    char *resolved = print();
    options.n_blends = options.n_only = options.n_overrides = 0;
    must_read(resolved);
    ck_assert_uint_eq(x.plan.n_models, 5);
    free(resolved);
    options.n_blends = 2;
    char file_only[512];
    snprintf(file_only, sizeof file_only, "%sonly = \"svd\";", text);
    must_read(file_only);
    ck_assert_uint_eq(x.plan.n_models, 5);
    options.n_blends = 1;
    REFUSE(DATA "models = \"bias\";",
        "t.cfg:2: models: a list is expected, to which a blend can be added");
}
END_TEST

static void has(const char *text, const char *line) {
    ck_assert_msg(strstr(text, line) != NULL, "no \"%s\" in:\n%s", line, text);
}

START_TEST(the_plan_tells_of_blends) {
    only[0] = "b";
    only[1] = "f";
    only[2] = "g";
    options.n_only = 3;
    must_read(DATA "models = ( \"bias\", \"svd\", \"right\",\n"
                   "  { blend = [\"svd\", \"bias\"]; label = \"b\"; weights = [3, 1]; },\n"
                   "  { blend = [\"svd\", \"bias\"]; label = \"f\"; weights = \"fitted\"; },\n"
                   "  { blend = [\"svd\", \"right\"]; label = \"g\"; weights = \"fitted\"; } );");
    char *text = describe();
    has(text, "\nmodels    bias  (no row of its own, run for a blend): damping");
    has(text, "\n          b  (blend): mean of bias x 0.25, svd x 0.75\n");
    has(text, "\n          f  (blend): mean of bias, svd, weights fitted on 5 inner folds\n");
    has(text, "\n          and 75 on inner folds, to fit the weights of 2 blends\n");
    free(text);
}
END_TEST

int main(void) {
    Suite *s = suite_create("experiment blends");
    TCase *t = tcase_create("blends");
    tcase_add_checked_fixture(t, setup, teardown);
    tcase_add_test(t, members_are_rows_in_their_order);
    tcase_add_test(t, weights_are_words_or_numbers);
    tcase_add_test(t, a_list_of_weights_is_rows);
    tcase_add_test(t, members_that_cannot_be_are_refused);
    tcase_add_test(t, weights_that_cannot_be_are_refused);
    tcase_add_test(t, members_left_out_run_all_the_same);
    tcase_add_test(t, what_means_the_same_has_the_same_hash);
    tcase_add_test(t, the_command_line_adds_blends);
    tcase_add_test(t, the_plan_tells_of_blends);
    suite_add_tcase(s, t);
    SRunner *runner = srunner_create(s);
    srunner_run_all(runner, CK_ENV);
    const int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed != 0;
}
