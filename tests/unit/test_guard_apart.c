// What a trial can reach: no test label in any memory or descriptor, no right to have more, and in
// a sandbox no file, network or process.
#include <arpa/inet.h>
#include <check.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "support/runs.h"
#include "trial/sandbox.h"

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
enum { SANITIZED = 1 }; // the harness can be looked into, and maps too much to be searched
#else
enum { SANITIZED = 0 };
#endif

#define SMALL \
    "name = \"t\"; seed = 3; metrics = (\"rmse\");" \
    "data = { synthetic = { users = 60; items = 80; ratings = 1500; rank = 3; }; };" \
    "split = { method = \"holdout\"; test = 0.3; };"

// ---- Labels ------------------------------------------------------------------------------------

// All ratings of the first twenty users, in fold 1, are 4.7109375; those of the others 2.3828125.
static void write_planted(void) {
    static char text[65536];
    size_t n = (size_t)snprintf(text, sizeof text, "user,item,stars,fold\n");
    for (unsigned k = 0; k < 1200; k++)
        n += (size_t)snprintf(text + n, sizeof text - n, "%u,%u,%s,%u\n", k / 30, k % 30,
            k < 600 ? "4.7109375" : "2.3828125", k < 600 ? 1U : 2U);
    runs_write("planted.csv", text);
}

static void hunt(const char *planted, const char *rest, struct finished *f) {
    char text[4096];
    snprintf(text, sizeof text,
        "name = \"t\"; metrics = (\"rmse\"); data = { delimited = \"planted.csv\"; user = "
        "\"user\"; "
        "item = \"item\"; rating = \"stars\"; fold = \"fold\"; scale = [1, 5]; };"
        "split = { method = \"predefined\"; column = \"fold\"; only = [1]; };"
        "models = ({plugin = \"%s/tests/broken/hunts.so\"; known = 2.3828125; planted = %s;}, "
        "{plugin = \"%s/tests/broken/hunts.so\"; known = 2.3828125; planted = %s; label = "
        "\"sibling\";}); %s",
        runs_build(), planted, runs_build(), planted, rest);
    runs_text(text, f);
}

static void hunt_both_ways(void) {
    write_planted();
    struct finished f;
    hunt("4.7109375", "jobs = 2; threads = 2;", &f);
    for (int k = 0; k < 2; k++)
        ck_assert_msg(!runs_find(&f, k, 1)->failed, "%s", runs_find(&f, k, 1)->cause);
    runs_done(&f);
    hunt("2.3828125", "jobs = 2; threads = 2;", &f); // what is there is found
    for (int k = 0; k < 2; k++)
        ck_assert_ptr_nonnull(strstr(runs_find(&f, k, 1)->cause, "found a planted label in fit"));
    runs_done(&f);
}

START_TEST(no_test_label_is_in_any_memory_or_descriptor_that_a_trial_reaches) {
    if (!SANITIZED) hunt_both_ways();
}
END_TEST

// Root's harness is kept from its trials by their lack of capabilities; a user's has only that it
// can't be looked into.
static bool be_a_user(void) {
    if (geteuid() != 0) return true;
    char home[4096], program[4200];
    snprintf(home, sizeof home, "%s", runs_write("owner", ""));
    *strrchr(home, '/') = '\0';
    snprintf(program, sizeof program, "%s/framework/reckon", runs_build());
    const bool is_user = chmod(home, 0777) == 0 && setgid(65534) == 0 && setuid(65534) == 0 &&
                         access(program, X_OK) == 0;
    if (!is_user) fprintf(stderr, "skipped: no other user can run %s\n", program);
    prctl(PR_SET_DUMPABLE, 1, 0, 0, 0); // as a program is that a user starts
    return is_user;
}

START_TEST(nor_in_any_that_the_trial_of_a_user_without_rights_reaches) {
    if (!SANITIZED && be_a_user()) hunt_both_ways();
}
END_TEST

// ---- Rights ------------------------------------------------------------------------------------

START_TEST(a_trial_has_no_capability_and_gets_none) {
    char text[4096];
    snprintf(text, sizeof text,
        "%s models = ({plugin = \"%s/tests/broken/misbehaves.so\"; how = \"rights\";});", SMALL,
        runs_build());
    struct finished f;
    runs_text(text, &f);
    const char *cause = runs_find(&f, 0, 1)->cause;
    ck_assert_ptr_nonnull(cause);
    ck_assert_msg(strstr(cause, "rights 0, 0, 0, 0, 0; none new: 1"), "%s", cause);
    runs_done(&f);
}
END_TEST

// ---- Sandbox -----------------------------------------------------------------------------------

static int listen_somewhere(void) {
    const int fd = socket(AF_INET, SOCK_STREAM, 0);
    struct sockaddr_in here = {.sin_family = AF_INET, .sin_addr = {htonl(INADDR_LOOPBACK)}};
    socklen_t size = sizeof here;
    ck_assert_int_eq(bind(fd, (const struct sockaddr *)&here, size), 0);
    ck_assert_int_eq(listen(fd, 4), 0);
    ck_assert_int_eq(getsockname(fd, (struct sockaddr *)&here, &size), 0);
    char port[16];
    snprintf(port, sizeof port, "%u", ntohs(here.sin_port));
    setenv("PEEK_PORT", port, 1);
    return fd;
}

// Whether the sandbox works here; says so where it does not.
static bool has_sandbox(void) {
    struct error e = {0};
    if (SANITIZED || sandbox_check(&e)) return !SANITIZED;
    fprintf(stderr, "skipped: %s\n", e.text);
    return false;
}

static void peek(const char *rest, const char *expected) {
    char text[4096];
    snprintf(text, sizeof text, "%s models = ({plugin = \"%s/tests/broken/peeks.so\";}); %s", SMALL,
        runs_build(), rest);
    struct finished f;
    runs_text(text, &f);
    const char *cause = runs_find(&f, 0, 1)->cause;
    ck_assert_msg(cause && strstr(cause, expected), "%s", cause);
    runs_done(&f);
}

START_TEST(a_sandbox_has_no_files_no_network_and_no_other_process) {
    char home[4096];
    snprintf(home, sizeof home, "%s", runs_write("secret", "a secret"));
    setenv("PEEK_DATA", runs_write("data.csv", "1,2,3\n"), 1);
    *strrchr(home, '/') = '\0';
    setenv("HOME", home, 1);
    const int server = listen_somewhere();
    peek("", "home 1, data 1, network 1, processes 1");
    if (has_sandbox()) peek("sandbox = true;", "home 0, data 0, network 0, processes 0");
    close(server);
}
END_TEST

static const struct {
    const char *how, *cause;
} guarded[] = {
    {"read_null", "in read_nowhere (misbehaves.c:"},
    {"loop", "limits.seconds = 0.3 was exceeded in fit, in loop"},
    {"escape", "left "},
    {"kill_worker", "the signal to the worker gave"},
    {"kill_self", "it was killed in fit, 3 times"},
};
enum { N_GUARDED = sizeof guarded / sizeof *guarded };

START_TEST(guards_hold_in_a_sandbox_as_outside) {
    if (!has_sandbox()) return;
    char text[8192];
    int n = snprintf(text, sizeof text, "%s models = (", SMALL);
    for (int k = 0; k < N_GUARDED; k++)
        n += snprintf(text + n, sizeof text - (size_t)n,
            "{plugin = \"%s/tests/broken/misbehaves.so\"; label = \"%d\"; how = \"%s\"; where = "
            "\"fit\";},",
            runs_build(), k, guarded[k].how);
    snprintf(text + n, sizeof text - (size_t)n,
        "{plugin = \"als\"; rank = 4;}); sandbox = true; limits = { seconds = 0.3; };");
    struct finished f, outside;
    runs_text(text, &f);
    for (int k = 0; k < N_GUARDED; k++) {
        const struct trial_record *t = runs_find(&f, k, 1);
        ck_assert_msg(t && t->failed && strstr(t->cause, guarded[k].cause), "%s: %s",
            guarded[k].how, t ? t->cause : "no record");
    }
    runs_text(SMALL "models = ({plugin = \"als\"; rank = 4;});", &outside);
    const struct trial_record *in = runs_find(&f, N_GUARDED, 1), *out = runs_find(&outside, 0, 1);
    ck_assert_msg(!in->failed, "%s", in->cause);
    ck_assert(
        scores_get(&in->scores, SLICE_ALL, "rmse") == scores_get(&out->scores, SLICE_ALL, "rmse"));
    runs_done(&f);
    runs_done(&outside);
}
END_TEST

START_TEST(a_sandbox_that_cannot_be_is_a_message_with_the_way_out) {
    setenv("PATH", "/nowhere", 1);
    struct error e = {0};
    ck_assert(!sandbox_check(&e));
    ck_assert_msg(strstr(e.text, "bubblewrap") && strstr(e.text, "sandbox = false"), "%s", e.text);
    // A run says so before it reads anything.
    const struct schema schema = {.id = "none"};
    const struct plan_model model = {.label = "none", .schema = &schema};
    const struct plan plan = {
        .models = &model, .n_models = 1, .n_seeds = 1, .threads = 1, .jobs = 1, .sandbox = true};
    struct results results;
    struct error again = {0};
    ck_assert(!runner_run(&plan, NULL, NULL, &results, NULL, &again));
    ck_assert_str_eq(again.text, e.text);
    results_done(&results);
}
END_TEST

int main(void) {
    runs_begin();
    TCase *cases = tcase_create("guard apart");
    tcase_add_test(cases, no_test_label_is_in_any_memory_or_descriptor_that_a_trial_reaches);
    tcase_add_test(cases, nor_in_any_that_the_trial_of_a_user_without_rights_reaches);
    tcase_add_test(cases, a_trial_has_no_capability_and_gets_none);
    tcase_add_test(cases, a_sandbox_has_no_files_no_network_and_no_other_process);
    tcase_add_test(cases, guards_hold_in_a_sandbox_as_outside);
    tcase_add_test(cases, a_sandbox_that_cannot_be_is_a_message_with_the_way_out);
    tcase_set_timeout(cases, 100);
    Suite *suite = suite_create("guard apart");
    suite_add_tcase(suite, cases);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    const int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    runs_end();
    return failed != 0;
}
