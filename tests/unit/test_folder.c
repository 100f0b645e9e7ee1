// Folders of results: files that belong together, and never over what is not ours.
#include <check.h>
#include <signal.h>
#include <stdio.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "report/folder.h"
#include "support/made_results.h"

static char *read_file(const char *path) {
    FILE *in = fopen(path, "r");
    if (!in) return NULL;
    char *text = NULL;
    size_t room = 0;
    const ssize_t n = getdelim(&text, &room, '\0', in);
    fclose(in);
    if (n < 0 && text) text[0] = '\0';
    return text;
}

static struct made made;
static struct report report;

static void make(void) {
    struct error e = {0};
    made_init(&made);
    ck_assert_msg(report_make(&report, &made.results, NULL, NULL, &e), "%s", e.text);
}

static void unmake(void) {
    report_done(&report);
    made_done(&made);
}

static char place[64];

static void make_place(void) {
    make();
    strcpy(place, "/tmp/reckon-test-XXXXXX");
    ck_assert_ptr_nonnull(mkdtemp(place));
}

static void unmake_place(void) {
    char command[128];
    snprintf(command, sizeof command, "rm -rf '%s'", place);
    ck_assert_int_eq(system(command), 0);
    unmake();
}

static bool is_there(const char *file) {
    char path[256];
    snprintf(path, sizeof path, "%s/%s", place, file);
    return access(path, F_OK) == 0;
}

static size_t count_entries(const char *folder) {
    char command[256];
    size_t n = 0;
    snprintf(command, sizeof command, "ls -A '%s/%s' | wc -l", place, folder);
    FILE *in = popen(command, "r");
    ck_assert_int_eq(fscanf(in, "%zu", &n), 1);
    pclose(in);
    return n;
}

static void put_file(const char *file) {
    char path[256];
    snprintf(path, sizeof path, "%s/%s", place, file);
    FILE *out = fopen(path, "w");
    ck_assert_ptr_nonnull(out);
    fclose(out);
}

static void write_results(struct folder *f) {
    struct error e = {0};
    const struct report_format *formats[] = {report_format_find("md"), report_format_find("csv")};
    ck_assert_msg(folder_write_results(f, &report, formats, 2, &e), "%s", e.text);
}

START_TEST(results_appear_together_and_replace_the_old) {
    struct folder f;
    struct error e = {0};
    char parent[128];
    snprintf(parent, sizeof parent, "%s/deep/results", place);
    for (int round = 0; round < 3; round++) {
        ck_assert_msg(folder_begin(&f, parent, "compare", &e), "%s", e.text);
        FILE *own = folder_open(&f, round ? "experiment.cfg" : "table.txt", &e);
        ck_assert_ptr_nonnull(own);
        fputs("x\n", own);
        ck_assert(folder_close(&f, own, "table.txt", &e));
        write_results(&f);
        ck_assert(is_there("deep/results/compare/scores.csv") == (round > 0)); // the old one's
        ck_assert(is_there("deep/results/compare/experiment.cfg") == (round == 2));
        ck_assert_msg(folder_commit(&f, &e), "%s", e.text);
        folder_abandon(&f);                         // does nothing any more
        put_file("deep/results/compare/reckon.db"); // not the folder's to write
        put_file("deep/results/compare/mine.txt");
        put_file("deep/results/compare/table.pdf"); // of no format that there is
    }
    static const char *const files[] = {"scores.csv", "costs.csv", "curves.csv", "failures.csv",
        "provenance.json", "table.md", "table.csv", "experiment.cfg", "reckon.db", "mine.txt",
        "table.pdf"};
    for (size_t k = 0; k < sizeof files / sizeof *files; k++) {
        char file[128];
        snprintf(file, sizeof file, "deep/results/compare/%s", files[k]);
        ck_assert_msg(is_there(file), "%s", file);
    }
    ck_assert(!is_there("deep/results/compare/table.txt"));
    ck_assert_uint_eq(count_entries("deep/results"), 1); // nothing is left beside it or aside
    ck_assert_uint_eq(count_entries("deep/results/compare"), sizeof files / sizeof *files);
}
END_TEST

// As after a power cut in the middle: what is half the old and half the new does not look whole.
START_TEST(files_that_could_not_all_be_replaced_lack_the_mark) {
    struct folder f;
    struct error e = {0};
    char path[128];
    snprintf(path, sizeof path, "%s/half/scores.csv", place);
    for (int round = 0; round < 3; round++) {
        ck_assert_msg(folder_begin(&f, place, "half", &e), "%s", e.text);
        write_results(&f);
        if (round == 1) {
            ck_assert(remove(path) == 0 && mkdir(path, 0777) == 0);
            put_file("half/scores.csv/in_the_way");
        }
        ck_assert(folder_commit(&f, &e) == (round != 1));
        folder_abandon(&f);
        ck_assert(is_there("half/provenance.json") == (round != 1));
        put_file("half/reckon.db");
        if (round == 1) {
            ck_assert_ptr_nonnull(strstr(e.text, "scores.csv"));
            e = (struct error){0};
            snprintf(path, sizeof path, "%s/half/scores.csv/in_the_way", place);
            ck_assert_int_eq(remove(path), 0);
            *strrchr(path, '/') = '\0';
            ck_assert_int_eq(remove(path), 0);
        }
    }
}
END_TEST

START_TEST(equal_results_are_equal_bytes) {
    struct folder f;
    struct error e = {0};
    for (int round = 0; round < 2; round++) {
        ck_assert(folder_begin(&f, place, round ? "b" : "a", &e));
        write_results(&f);
        ck_assert(folder_commit(&f, &e));
        report_done(&report);
        made_done(&made);
        make();
    }
    char command[256];
    snprintf(command, sizeof command, "diff -r '%s/a' '%s/b'", place, place);
    ck_assert_int_eq(system(command), 0);
}
END_TEST

START_TEST(what_a_killed_run_left_is_removed) {
    struct folder living, next;
    struct error e = {0};
    char path[256];
    ck_assert(folder_begin(&living, place, "compare", &e));
    snprintf(path, sizeof path, "%s/compare/.new.abc123", place); // nobody writes it
    ck_assert_int_eq(mkdir(path, 0777), 0);
    snprintf(path, sizeof path, "%s/compare/.new.notes.txt", place); // not of that form
    ck_assert_int_eq(mkdir(path, 0777), 0);
    ck_assert_uint_eq(count_entries("compare"), 3);
    ck_assert(folder_begin(&next, place, "compare", &e)); // leaves the living one alone
    ck_assert_uint_eq(count_entries("compare"), 3);
    ck_assert(!is_there("compare/.new.abc123"));
    write_results(&next);
    write_results(&living);
    ck_assert(folder_commit(&next, &e));
    ck_assert(folder_commit(&living, &e));
    ck_assert(is_there("compare/provenance.json"));
    ck_assert(is_there("compare/.new.notes.txt"));
}
END_TEST

START_TEST(a_folder_that_came_to_nothing_is_gone) {
    struct folder f;
    struct error e = {0};
    ck_assert(folder_begin(&f, place, "compare", &e));
    ck_assert(is_there("compare"));
    write_results(&f);
    folder_abandon(&f);
    ck_assert_uint_eq(count_entries("."), 0);
    ck_assert(folder_begin(&f, place, "compare", &e));
    put_file("compare/reckon.db"); // the store of a run that has written no tables yet
    folder_abandon(&f);
    ck_assert_uint_eq(count_entries("compare"), 1);
    ck_assert(folder_begin(&f, place, "compare", &e)); // by which it is known
    folder_abandon(&f);
}
END_TEST

START_TEST(what_is_not_ours_is_not_replaced) {
    char path[256];
    struct folder f;
    struct error e = {0};
    snprintf(path, sizeof path, "%s/thesis", place);
    ck_assert_int_eq(mkdir(path, 0777), 0);
    ck_assert(folder_begin(&f, place, "thesis", &e)); // empty: may be taken
    folder_abandon(&f);
    put_file("thesis/chapter.tex");
    ck_assert(!folder_begin(&f, place, "thesis", &e));
    ck_assert_ptr_nonnull(strstr(e.text, "holds something else than results"));
    ck_assert_uint_eq(count_entries("thesis"), 1);
    snprintf(path, sizeof path, "%s/thesis/chapter.tex", place);
    ck_assert(!folder_begin(&f, path, "below-a-file", &e));
    static const char *const names[] = {"", ".", "..", "a/b", "/etc", ".hidden"};
    for (size_t k = 0; k < sizeof names / sizeof *names; k++)
        ck_assert_msg(!folder_begin(&f, place, names[k], &e), "%s", names[k]);
    folder_abandon(&f); // of a folder that was not begun
    ck_assert_uint_eq(count_entries("."), 1);
}
END_TEST

START_TEST(predictions_name_users_and_items_as_outside) {
    static const uint64_t starts[] = {0, 4, 6};
    static const uint32_t users[] = {1, 0}, items[] = {0, 1};
    static const float truth[] = {3.5f, 1}, answers[] = {NAN, 0.1f}, filled[] = {3.25f, 0.5f};
    struct dataset data = {.users = {2, starts, "u,1\0=7"}, .items = {2, starts, "a\"b\0-3"}};
    struct test test = {.n = 2, .users = users, .items = items, .truth = truth};
    struct folder f;
    struct error e = {0};
    const struct key key = {"0123456789abcdef0123456789abcdef"};
    char path[256], command[512], packed[2][512];
    size_t n[2];
    ck_assert(folder_begin(&f, place, "p", &e));
    for (int round = 0; round < 2; round++) {
        ck_assert(folder_write_predictions(&f, &key, &data, &test, answers, filled, &e));
        snprintf(path, sizeof path, "%s/p/predictions/%s.csv.gz", place, key.hex);
        FILE *in = fopen(path, "r");
        ck_assert_ptr_nonnull(in);
        n[round] = fread(packed[round], 1, sizeof packed[round], in);
        fclose(in);
    }
    ck_assert(n[0] == n[1] && memcmp(packed[0], packed[1], n[0]) == 0);
    snprintf(command, sizeof command, "gunzip <'%s' >'%s/text'", path, place);
    ck_assert_int_eq(system(command), 0);
    snprintf(path, sizeof path, "%s/text", place);
    char *text = read_file(path);
    ck_assert_ptr_nonnull(text);
    ck_assert_str_eq(text, "user,item,rating,answer,filled\n"
                           "'=7,\"a\"\"b\",3.5,,3.25\n"
                           "\"u,1\",-3,1,0.1,0.5\n");
    free(text);
    // What cannot be written whole leaves the older file.
    const struct rlimit least = {8, RLIM_INFINITY}, most = {RLIM_INFINITY, RLIM_INFINITY};
    signal(SIGXFSZ, SIG_IGN);
    ck_assert_int_eq(setrlimit(RLIMIT_FSIZE, &least), 0);
    const bool written = folder_write_predictions(&f, &key, &data, &test, answers, filled, &e);
    ck_assert_int_eq(setrlimit(RLIMIT_FSIZE, &most), 0);
    ck_assert(!written && strstr(e.text, "cannot be written"));
    ck_assert_int_eq(system(command), 0);
    folder_abandon(&f); // predictions stay
    ck_assert_uint_eq(count_entries("p/predictions"), 1);
}
END_TEST

START_TEST(a_full_disk_is_an_error) {
    struct folder f;
    struct error e = {0};
    ck_assert(folder_begin(&f, place, "full", &e));
    FILE *out = fopen("/dev/full", "w");
    ck_assert_ptr_nonnull(out);
    fputs("x", out);
    ck_assert(!folder_close(&f, out, "scores.csv", &e));
    ck_assert_ptr_nonnull(strstr(e.text, "/full/scores.csv: cannot be written"));
    folder_abandon(&f);
    ck_assert_uint_eq(count_entries("."), 0);
}
END_TEST

int main(void) {
    TCase *folders = tcase_create("folder");
    tcase_add_checked_fixture(folders, make_place, unmake_place);
    tcase_add_test(folders, results_appear_together_and_replace_the_old);
    tcase_add_test(folders, files_that_could_not_all_be_replaced_lack_the_mark);
    tcase_add_test(folders, equal_results_are_equal_bytes);
    tcase_add_test(folders, what_a_killed_run_left_is_removed);
    tcase_add_test(folders, a_folder_that_came_to_nothing_is_gone);
    tcase_add_test(folders, what_is_not_ours_is_not_replaced);
    tcase_add_test(folders, predictions_name_users_and_items_as_outside);
    tcase_add_test(folders, a_full_disk_is_an_error);
    Suite *suite = suite_create("folder");
    suite_add_tcase(suite, folders);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    const int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed != 0;
}
