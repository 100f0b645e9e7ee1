// Philox against the known answers of Random123 (kat_vectors, philox4x32 with 10 rounds), and the
// properties that the harness leans on.
#include <check.h>
#include <math.h>
#include <stdlib.h>

#include "core/random.h"

START_TEST(philox_gives_the_known_answers) {
    static const struct {
        uint32_t counter[4], key[2], out[4];
    } known[] = {
        {{0, 0, 0, 0}, {0, 0}, {0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8}},
        {{0xffffffff, 0xffffffff, 0xffffffff, 0xffffffff}, {0xffffffff, 0xffffffff},
            {0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd}},
        {{0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344}, {0xa4093822, 0x299f31d0},
            {0xd16cfe09, 0x94fdcceb, 0x5001e420, 0x24126ea1}},
    };
    for (size_t k = 0; k < sizeof known / sizeof *known; k++) {
        uint32_t out[4];
        random_philox(known[k].counter, known[k].key, out);
        for (int w = 0; w < 4; w++) ck_assert_uint_eq(out[w], known[k].out[w]);
    }
}
END_TEST

START_TEST(a_longer_stream_begins_with_the_shorter) {
    float a[103], b[50];
    random_uniform(7, 3, a, 103);
    random_uniform(7, 3, b, 50);
    for (int k = 0; k < 50; k++) ck_assert(a[k] == b[k] && a[k] >= 0 && a[k] < 1);
    random_normal(7, 3, a, 103);
    random_normal(7, 3, b, 49);
    for (int k = 0; k < 49; k++) ck_assert(a[k] == b[k]);
}
END_TEST

START_TEST(normals_have_the_moments_of_a_normal) {
    enum { N = 200000 };
    float *x = malloc(N * sizeof *x);
    random_normal(1, 2, x, N);
    double m1 = 0, m2 = 0, m4 = 0;
    for (int k = 0; k < N; k++) {
        m1 += x[k];
        m2 += x[k] * x[k];
        m4 += pow(x[k], 4);
    }
    ck_assert(fabs(m1 / N) < 0.01 && fabs(m2 / N - 1) < 0.02 && fabs(m4 / N - 3) < 0.1);
    free(x);
}
END_TEST

START_TEST(a_shuffle_is_a_permutation_and_depends_on_its_stream) {
    uint32_t a[1000], b[1000], seen[1000] = {0};
    for (uint32_t k = 0; k < 1000; k++) a[k] = b[k] = k;
    random_shuffle(5, 1, a, 1000);
    random_shuffle(5, 2, b, 1000);
    int alike = 0;
    for (int k = 0; k < 1000; k++) {
        seen[a[k]]++;
        alike += a[k] == b[k];
    }
    for (int k = 0; k < 1000; k++) ck_assert_uint_eq(seen[k], 1);
    ck_assert_int_lt(alike, 20);
}
END_TEST

int main(void) {
    TCase *cases = tcase_create("random");
    tcase_add_test(cases, philox_gives_the_known_answers);
    tcase_add_test(cases, a_longer_stream_begins_with_the_shorter);
    tcase_add_test(cases, normals_have_the_moments_of_a_normal);
    tcase_add_test(cases, a_shuffle_is_a_permutation_and_depends_on_its_stream);
    Suite *suite = suite_create("random");
    suite_add_tcase(suite, cases);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    const int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed != 0;
}
