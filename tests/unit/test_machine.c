// What the harness knows of the CPU, and how OpenBLAS comes up in a process that loads plugins.
#include <check.h>
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "model/loader.h"
#include "model/machine.h"

START_TEST(the_machine_is_described) {
    struct machine m;
    machine_read(&m);
    ck_assert_uint_ge(m.cpus, 1);
    ck_assert_uint_gt(m.memory, 1 << 20);
    ck_assert_uint_gt(strlen(m.cpu), 0);
    ck_assert_ptr_null(strchr(m.cpu, '\n'));
    ck_assert_str_eq(m.isa, machine_isa());
#if defined(__x86_64__)
    ck_assert(strncmp(m.isa, "x86-64", 6) == 0);
#endif
}
END_TEST

static const struct {
    const char *vendor;
    unsigned family, model;
    const char *isa, *core; // core: NULL: OpenBLAS's own choice
} known[] = {
    {"GenuineIntel", 6, 0x55, "x86-64-v4", NULL},       // Skylake-SP
    {"GenuineIntel", 6, 0x8F, "x86-64-v4", NULL},       // Sapphire Rapids
    {"GenuineIntel", 6, 0xAD, "x86-64-v4", NULL},       // Granite Rapids
    {"GenuineIntel", 6, 0xCF, "x86-64-v4", "SKYLAKEX"}, // Emerald Rapids
    {"GenuineIntel", 6, 0xB7, "x86-64-v3", "HASWELL"},  // Raptor Lake
    {"GenuineIntel", 19, 1, "x86-64-v4", "SKYLAKEX"},   // Diamond Rapids
    {"GenuineIntel", 6, 0xB0, "x86-64-v2", NULL},       // nothing better to ask for
    {"AuthenticAMD", 25, 0x11, "x86-64-v4", NULL},      // Zen 4
    {"AuthenticAMD", 26, 2, "x86-64-v4", NULL},         // Zen 5
    {"HygonGenuine", 24, 1, "x86-64-v3", NULL},
    {"CentaurHauls", 7, 27, "x86-64-v3", "HASWELL"},
};

START_TEST(a_core_is_asked_for_where_openblas_misjudges) {
    const char *core =
        machine_choose_core(known[_i].vendor, known[_i].family, known[_i].model, known[_i].isa);
    if (known[_i].core)
        ck_assert_str_eq(core ? core : "(none)", known[_i].core);
    else
        ck_assert_ptr_null(core);
}
END_TEST

START_TEST(the_core_that_the_user_set_stays_and_threads_are_one) {
    setenv("OPENBLAS_NUM_THREADS", "3", 1);
    setenv("OMP_NUM_THREADS", "3", 1);
    setenv("OPENBLAS_CORETYPE", "NEHALEM", 1);
    loader_prepare_blas();
    ck_assert_str_eq(getenv("OPENBLAS_NUM_THREADS"), "1");
    ck_assert_str_eq(getenv("OMP_NUM_THREADS"), "1");
    ck_assert_str_eq(getenv("OPENBLAS_CORETYPE"), "NEHALEM");
}
END_TEST

static size_t count_threads(void) {
    DIR *d = opendir("/proc/self/task");
    ck_assert_ptr_nonnull(d);
    size_t n = 0;
    for (const struct dirent *entry; (entry = readdir(d));) n += entry->d_name[0] != '.';
    closedir(d);
    return n;
}

START_TEST(openblas_starts_no_thread_and_names_its_core) {
    char path[4096];
    snprintf(path, sizeof path, "%s/tests/plugins/blas_mean.so", getenv("RECKON_BUILD"));
    ck_assert_ptr_null(loader_blas_core()); // the harness does not link it
    struct error e = {0};
    unsetenv("OPENBLAS_NUM_THREADS");
    unsetenv("OPENBLAS_CORETYPE");
    loader_prepare_blas();
    const size_t threads = count_threads();
    ck_assert_msg(loader_open(path, &e) != NULL, "%s", e.text);
    const char *core = loader_blas_core();
    ck_assert(core && *core);
    ck_assert_str_ne(core, "Prescott");
    ck_assert_uint_eq(count_threads(), threads);
}
END_TEST

int main(void) {
    TCase *cases = tcase_create("machine");
    tcase_add_test(cases, the_machine_is_described);
    tcase_add_loop_test(cases, a_core_is_asked_for_where_openblas_misjudges, 0,
        (int)(sizeof known / sizeof *known));
    tcase_add_test(cases, the_core_that_the_user_set_stays_and_threads_are_one);
    tcase_add_test(cases, openblas_starts_no_thread_and_names_its_core);
    Suite *suite = suite_create("machine");
    suite_add_tcase(suite, cases);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    const int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed != 0;
}
