// Memory that ends in the middle of a fit, by a limit on the process: each plugin says so, and does
// neither crash nor try for ever.
#include <signal.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "check/child.h"
#include "check/planted.h"
#include "support/plugin_life.h"

static const char *const ids[] = {
    "als", "svd", "autoencoder", "hybrid", "kmeans", "bias", "item_mean", "constant"};
enum { N_LARGE = 4 }; // the first need more than what is at hand without the system
enum { LEAST_KIB = 64, MOST_KIB = 1 << 20 };

// Bytes of data that the process has mapped.
static rlim_t mapped(void) {
    unsigned long pages[6] = {0};
    FILE *f = fopen("/proc/self/statm", "r");
    ck_assert_ptr_nonnull(f);
    ck_assert_int_eq(fscanf(f, "%lu %lu %lu %lu %lu %lu", &pages[0], &pages[1], &pages[2],
                         &pages[3], &pages[4], &pages[5]),
        6);
    fclose(f);
    return (rlim_t)pages[5] * (rlim_t)sysconf(_SC_PAGESIZE);
}

// In a child: the status of a fit with so much room.
static int fit_in(const char *id, size_t kib) {
    const pid_t child = fork();
    ck_assert_int_ge(child, 0);
    if (child == 0) {
        signal(SIGALRM, SIG_DFL);
        alarm(60); // what tries for ever is ended
        struct life l;
        struct planted data;
        struct error e = {0};
        life_start(&l, id, "", 2);
        if (!planted_build(&data, PLANTED_FULL, l.plugin, &e)) _exit(100);
        const rlim_t room = mapped() + (rlim_t)kib * 1024;
        if (setrlimit(RLIMIT_DATA, &(struct rlimit){room, room}) != 0) _exit(101);
        const rk_status status = l.plugin->fit(l.self, data.data);
        life_end(&l);
        _exit(status == RK_OK ? 0 : status == RK_E_MEMORY ? 1 : 2);
    }
    int how = 0;
    ck_assert_int_eq(waitpid(child, &how, 0), child);
    ck_assert_msg(WIFEXITED(how), "%s in %zu KiB: signal %d", id, kib, WTERMSIG(how));
    ck_assert_msg(WEXITSTATUS(how) < 2, "%s in %zu KiB: exit %d", id, kib, WEXITSTATUS(how));
    return WEXITSTATUS(how);
}

START_TEST(want_of_memory_is_told) {
    size_t kib = LEAST_KIB;
    int n_short = 0;
    for (; kib < MOST_KIB && fit_in(ids[_i], kib); kib += kib / 4) n_short++;
    ck_assert_uint_lt(kib, MOST_KIB);
    if (_i < N_LARGE) ck_assert_int_gt(n_short, 0);
}
END_TEST

int main(void) {
    TCase *all = tcase_create("memory_limit");
    tcase_set_timeout(all, 100);
    if (!child_is_sanitized())
        tcase_add_loop_test(all, want_of_memory_is_told, 0, (int)(sizeof ids / sizeof *ids));
    Suite *suite = suite_create("memory_limit");
    suite_add_tcase(suite, all);
    loader_prepare_blas();
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_ENV);
    const int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed != 0;
}
