// Sizes and offsets of every struct of reckon.h, as plugins that are out there were compiled with
// them. A row here changes with the major version alone; a minor one appends rows.
#include <check.h>
#include <stdint.h>

#include "reckon.h"

struct row {
    const char *name;
    size_t offset, size, expected_offset, expected_size;
};
#define SIZE(type, size) \
    { #type, 0, sizeof(type), 0, size }
#define FIELD(type, field, offset, size) \
    { #type "." #field, offsetof(type, field), sizeof(((type *)0)->field), offset, size }

// LP64: a pointer has 8 bytes.
static const struct row rows[] = {
    SIZE(rk_csr, 32),
    FIELD(rk_csr, n_rows, 0, 4),
    FIELD(rk_csr, n_cols, 4, 4),
    FIELD(rk_csr, start, 8, 8),
    FIELD(rk_csr, col, 16, 8),
    FIELD(rk_csr, value, 24, 8),
    SIZE(rk_features, 56),
    FIELD(rk_features, name, 0, 8),
    FIELD(rk_features, kind, 8, 4),
    FIELD(rk_features, values, 16, 32),
    FIELD(rk_features, col_names, 48, 8),
    SIZE(rk_pairs, 40),
    FIELD(rk_pairs, size, 0, 4),
    FIELD(rk_pairs, n, 8, 8),
    FIELD(rk_pairs, users, 16, 8),
    FIELD(rk_pairs, items, 24, 8),
    FIELD(rk_pairs, time, 32, 8),
    SIZE(rk_data, 144),
    FIELD(rk_data, size, 0, 4),
    FIELD(rk_data, n_users, 4, 4),
    FIELD(rk_data, n_items, 8, 4),
    FIELD(rk_data, by_user, 16, 32),
    FIELD(rk_data, by_item, 48, 32),
    FIELD(rk_data, rating_min, 80, 4),
    FIELD(rk_data, rating_max, 84, 4),
    FIELD(rk_data, n_user_features, 88, 4),
    FIELD(rk_data, n_item_features, 92, 4),
    FIELD(rk_data, features_stride, 96, 4),
    FIELD(rk_data, user_features, 104, 8),
    FIELD(rk_data, item_features, 112, 8),
    FIELD(rk_data, time, 120, 8),
    FIELD(rk_data, valid, 128, 8),
    FIELD(rk_data, valid_ratings, 136, 8),
    SIZE(rk_host, 80),
    FIELD(rk_host, size, 0, 4),
    FIELD(rk_host, n_threads, 4, 4),
    FIELD(rk_host, self, 8, 8),
    FIELD(rk_host, log, 16, 8),
    FIELD(rk_host, fail, 24, 8),
    FIELD(rk_host, progress, 32, 8),
    FIELD(rk_host, record, 40, 8),
    FIELD(rk_host, uniform, 48, 8),
    FIELD(rk_host, normal, 56, 8),
    FIELD(rk_host, shuffle, 64, 8),
    FIELD(rk_host, parallel_for, 72, 8),
    SIZE(rk_ints, 16),
    FIELD(rk_ints, at, 0, 8),
    FIELD(rk_ints, n, 8, 8),
    SIZE(rk_param, 72),
    FIELD(rk_param, name, 0, 8),
    FIELD(rk_param, doc, 8, 8),
    FIELD(rk_param, type, 16, 4),
    FIELD(rk_param, offset, 20, 4),
    FIELD(rk_param, def, 24, 8),
    FIELD(rk_param, min, 32, 8),
    FIELD(rk_param, max, 40, 8),
    FIELD(rk_param, choices, 48, 8),
    FIELD(rk_param, def_text, 56, 8),
    FIELD(rk_param, role, 64, 4),
    SIZE(rk_plugin, 120),
    FIELD(rk_plugin, size, 0, 4),
    FIELD(rk_plugin, abi_major, 4, 2),
    FIELD(rk_plugin, abi_minor, 6, 2),
    FIELD(rk_plugin, id, 8, 8),
    FIELD(rk_plugin, summary, 16, 8),
    FIELD(rk_plugin, version, 24, 8),
    FIELD(rk_plugin, flags, 32, 4),
    FIELD(rk_plugin, n_params, 36, 4),
    FIELD(rk_plugin, param_stride, 40, 4),
    FIELD(rk_plugin, params, 48, 8),
    FIELD(rk_plugin, params_size, 56, 8),
    FIELD(rk_plugin, requires_features, 64, 8),
    FIELD(rk_plugin, uses_features, 72, 8),
    FIELD(rk_plugin, create, 80, 8),
    FIELD(rk_plugin, destroy, 88, 8),
    FIELD(rk_plugin, fit, 96, 8),
    FIELD(rk_plugin, predict, 104, 8),
    FIELD(rk_plugin, extension, 112, 8),
    SIZE(rk_stream, 24),
    FIELD(rk_stream, self, 0, 8),
    FIELD(rk_stream, write, 8, 8),
    FIELD(rk_stream, read, 16, 8),
    SIZE(rk_ext_state, 16),
    FIELD(rk_ext_state, save, 0, 8),
    FIELD(rk_ext_state, load, 8, 8),
    SIZE(rk_ext_spread, 8),
    FIELD(rk_ext_spread, predict, 0, 8),
    SIZE(rk_shape, 64),
    FIELD(rk_shape, size, 0, 4),
    FIELD(rk_shape, n_users, 4, 4),
    FIELD(rk_shape, n_items, 8, 4),
    FIELD(rk_shape, n_threads, 12, 4),
    FIELD(rk_shape, n_ratings, 16, 8),
    FIELD(rk_shape, n_valid, 24, 8),
    FIELD(rk_shape, n_times, 32, 8),
    FIELD(rk_shape, user_columns, 40, 4),
    FIELD(rk_shape, item_columns, 44, 4),
    FIELD(rk_shape, user_entries, 48, 8),
    FIELD(rk_shape, item_entries, 56, 8),
    SIZE(rk_ext_memory, 8),
    FIELD(rk_ext_memory, bytes, 0, 8),
};

START_TEST(structs_are_laid_out_as_ever) {
    if (sizeof(void *) != 8) return;
    for (size_t k = 0; k < sizeof rows / sizeof *rows; k++) {
        const struct row *r = &rows[k];
        ck_assert_msg(r->offset == r->expected_offset && r->size == r->expected_size,
            "%s: %zu bytes at %zu; plugins have %zu at %zu", r->name, r->size, r->offset,
            r->expected_size, r->expected_offset);
    }
}
END_TEST

START_TEST(numbers_are_as_ever) {
    ck_assert(RK_ABI_MAJOR == 1 && RK_ABI_MINOR == 0);
    ck_assert(RK_OK == 0 && RK_CANCELLED == 1 && RK_E_MEMORY == -1 && RK_E_PARAM == -2);
    ck_assert(RK_E_DATA == -3 && RK_E_NUMERIC == -4 && RK_E_IO == -5);
    ck_assert(RK_FEATURE_ONE_HOT == 0 && RK_FEATURE_BINARY == 1 && RK_FEATURE_COUNT == 2);
    ck_assert(RK_FEATURE_REAL == 3 && RK_LOG_DEBUG == 0 && RK_LOG_INFO == 1);
    ck_assert(RK_LOG_WARNING == 2 && RK_TYPE_BOOL == 0 && RK_TYPE_INT == 1 && RK_TYPE_REAL == 2);
    ck_assert(RK_TYPE_CHOICE == 3 && RK_TYPE_INTS == 4 && RK_LINEAR == 0 && RK_LOG == 1);
    ck_assert(RK_RESOURCE == 2 && RK_COLD_USERS == 1 && RK_COLD_ITEMS == 2 && RK_WANTS_VALID == 4);
    ck_assert(RK_NO_TIME == INT64_MIN);
    ck_assert_str_eq(RK_EXT_STATE, "reckon.state/1");
    ck_assert_str_eq(RK_EXT_SPREAD, "reckon.spread/1");
    ck_assert_str_eq(RK_EXT_MEMORY, "reckon.memory/1");
}
END_TEST

START_TEST(a_field_past_the_size_is_not_there) {
    rk_plugin p = {.size = offsetof(rk_plugin, extension)};
    ck_assert(RK_HAS(&p, rk_plugin, predict) && !RK_HAS(&p, rk_plugin, extension));
    p.size = sizeof p;
    ck_assert(RK_HAS(&p, rk_plugin, extension));
}
END_TEST

int main(void) {
    TCase *cases = tcase_create("abi");
    tcase_add_test(cases, structs_are_laid_out_as_ever);
    tcase_add_test(cases, numbers_are_as_ever);
    tcase_add_test(cases, a_field_past_the_size_is_not_there);
    Suite *suite = suite_create("abi");
    suite_add_tcase(suite, cases);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    const int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed != 0;
}
