// Every way to be wrong in loading has a plugin in tests/broken and a message of its own, which
// names what was expected and what was found. Each is loaded in a child, as in a worker.
#include <check.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "model/loader.h"

static char folder[3000];

struct outcome {
    int status; // of waitpid()
    char text[2048];
};

// loader_open() in a child; text is the message, or "loaded".
static struct outcome load(const char *path) {
    struct outcome o = {0};
    int ends[2];
    ck_assert_int_eq(pipe(ends), 0);
    fflush(NULL);
    const pid_t child = fork();
    ck_assert_int_ge(child, 0);
    if (child == 0) {
        signal(SIGSEGV, SIG_DFL);
        signal(SIGABRT, SIG_DFL);
        struct error e = {0};
        const bool fine = loader_open(path, &e);
        const char *text = fine ? "loaded" : e.text;
        _exit(write(ends[1], text, strlen(text)) < 0 ? 2 : 7);
    }
    close(ends[1]);
    size_t got = 0;
    for (ssize_t n; (n = read(ends[0], o.text + got, sizeof o.text - 1 - got)) > 0;)
        got += (size_t)n;
    close(ends[0]);
    ck_assert_int_eq(waitpid(child, &o.status, 0), child);
    return o;
}

static struct outcome load_broken(const char *name) {
    char path[4096];
    snprintf(path, sizeof path, "%s/%s.so", folder, name);
    return load(path);
}

// The message, less the path and ": " in front.
static void expect(const char *name, const char *message) {
    const struct outcome o = load_broken(name);
    ck_assert_msg(WIFEXITED(o.status) && WEXITSTATUS(o.status) == 7, "%s: status %#x", name,
        (unsigned)o.status);
    char path[4096];
    const int n = snprintf(path, sizeof path, "%s/%s.so: ", folder, name);
    ck_assert_msg(strncmp(o.text, path, (size_t)n) == 0, "%s: no path in front: %s", name, o.text);
    ck_assert_msg(strcmp(o.text + n, message) == 0, "%s:\n  has    %s\n  wanted %s", name,
        o.text + n, message);
}

static const struct {
    const char *name, *message;
} refused[] = {
    {"nonesuch", "no such file"},
    {"no_entry",
        "not a plugin: expected the exported function rk_plugin_entry, found no such symbol"},
    {"entry_null", "its rk_plugin_entry gave NULL; expected a rk_plugin"},
    {"other_major",
        "made for another interface: expected major version 1, found 2.3; compile it against this "
        "program's reckon.h"},
    {"too_small",
        "its rk_plugin is too small: expected at least 120 bytes (version 1.0), found size 80; set "
        ".size = sizeof(rk_plugin)"},
    {"no_create",
        "missing function: expected create, destroy, fit and predict, found create to be NULL"},
    {"no_destroy",
        "missing function: expected create, destroy, fit and predict, found destroy to be NULL"},
    {"no_fit", "missing function: expected create, destroy, fit and predict, found fit to be NULL"},
    {"no_predict",
        "missing function: expected create, destroy, fit and predict, found predict to be NULL"},
    {"other_id",
        "id unlike the file's name: expected \"other_id\", found \"somebody_else\"; rename one of "
        "them"},
    {"no_id", "its id is NULL; expected is a line of 1 to 63 characters"},
    {"long_summary",
        "its summary has a control character, where one plain line is expected; expected is a line "
        "of 1 to 1000 characters"},
    {"missing_symbol",
        "missing symbol: it needs \"solver_of_dreams\", which neither it nor a library that it "
        "names has; link it with what defines that"},
    {"missing_library",
        "missing library: it needs \"libreckon_gone.so\", which the system does not find"},
    {"features_open",
        "its requires_features[2] points to no readable text; does the list end with NULL?"},
    {"features_name",
        "its uses_features[0] is \"genre\"; expected is \"user.NAME\" or \"item.NAME\", as in "
        "\"item.genre\""},
    {"extension_half", "its extension \"reckon.state/1\" lacks the function load"},
    {"memory_half", "its extension \"reckon.memory/1\" lacks the function bytes"},
    {"extension_any",
        "its function extension answers any id; expected is NULL for an id that it does not know, "
        "as \"reckon.nonesuch/0\""},
    {"schema_duplicate", "parameters 0 and 1 are both named \"rank\"; names are distinct"},
    {"schema_default", "parameter \"lambda\": its default 2 is outside its range 0.1 to 1"},
    {"schema_offset", "parameter \"lambda\" has 8 bytes at offset 8, outside of params_size 8"},
    {"schema_align",
        "parameter \"lambda\" is at offset 4, which a REAL needs to be a multiple of 8"},
    {"schema_shared", "parameters \"rank\" and \"width\" share bytes: offsets 0 and 0"},
    {"schema_type", "parameter \"lambda\" has the unknown type 17; known are 0 to 4"},
    {"schema_role", "parameter \"lambda\" has the unknown role 9; known are 0 to 2"},
    {"schema_name",
        "parameter 0 is named \"the lambda\"; a name starts with a-z and goes on with a-z, 0-9 and "
        "_"},
    {"schema_reserved",
        "parameter 0 is named \"label\", which means something else in experiment files"},
    {"schema_doc", "parameter \"lambda\": its doc is NULL"},
    {"schema_range", "parameter \"lambda\": its range 1 to 0 is none; expected are two finite "
                     "numbers, the lower "
                     "first"},
    {"schema_nan",
        "parameter \"lambda\": its range 0 to inf is none; expected are two finite numbers, the "
        "lower first"},
    {"schema_log", "parameter \"lambda\": its role is RK_LOG, but its range starts at 0; expected "
                   "is more than "
                   "0"},
    {"schema_fraction", "parameter \"rank\": its default 8.5 is not a whole number"},
    {"schema_wide",
        "parameter \"rank\": its range 1 to 1e+12 is not one of whole numbers that an int holds"},
    {"schema_bool", "parameter \"fast\": its default 2 is neither 0 nor 1"},
    {"schema_no_choices", "parameter \"solver\" has no choices: NULL"},
    {"schema_empty_choices", "parameter \"solver\" has no choices: an empty list"},
    {"schema_choice_default", "parameter \"solver\": its default is choice 2; expected is 0 to 1"},
    {"schema_choice_twice", "parameter \"solver\": its choice \"cholesky\" is there twice"},
    {"schema_ints_text",
        "parameter \"hidden\": its def_text is \"64; 32\"; expected is \"64, 32\""},
    {"schema_ints_default",
        "parameter \"hidden\": its default \"64, 4096\" has 4096 outside its range 1 to 1024"},
    {"schema_no_table", "it declares 3 parameters, but its table of them is NULL"},
    {"schema_stride",
        "its param_stride is 8; expected is sizeof(rk_param), at least 72 and a multiple of 8"},
};

START_TEST(each_way_to_be_wrong_has_its_message) {
    expect(refused[_i].name, refused[_i].message);
}
END_TEST

START_TEST(a_right_plugin_is_loaded) {
    const struct outcome o = load_broken("right");
    ck_assert_str_eq(o.text, "loaded");
}
END_TEST

START_TEST(a_crash_ends_the_child_alone) {
    ck_assert(WTERMSIG(load_broken("crash_on_load").status) == SIGSEGV);
    ck_assert(WTERMSIG(load_broken("crash_in_entry").status) == SIGABRT);
    const struct outcome left = load_broken("exit_on_load");
    ck_assert(WIFEXITED(left.status) && WEXITSTATUS(left.status) == 0);
    ck_assert_str_eq(left.text, "");
}
END_TEST

static char scratch[] = "/tmp/reckon_loader_XXXXXX";

static void write_file(const char *name, const void *bytes, size_t n, char path[4096]) {
    snprintf(path, 4096, "%s/%s", scratch, name);
    FILE *f = fopen(path, "wb");
    ck_assert_ptr_nonnull(f);
    ck_assert_uint_eq(fwrite(bytes, 1, n, f), n);
    fclose(f);
}

static void expect_end(const char *path, const char *end) {
    const struct outcome o = load(path);
    ck_assert_uint_ge(strlen(o.text), strlen(end));
    ck_assert_str_eq(o.text + strlen(o.text) - strlen(end), end);
}

START_TEST(what_is_no_shared_object_is_told_apart) {
    char path[4096];
    write_file("text.so", "#!/bin/sh\n", 10, path);
    expect_end(path,
        "text.so: not a shared object: expected an ELF file, which begins with 7f 45 4c 46, found "
        "23 21 2f 62");
    write_file("empty.so", "", 0, path);
    expect_end(path, "empty.so: not a shared object: expected an ELF file, found no bytes");
    write_file("cut.so", "\177ELF\2\1\1", 7, path);
    expect_end(path, "cut.so: not a shared object: cut off after 7 bytes");
    unsigned char header[64] = "\177ELF\2\1\1";
    header[16] = 1;
    write_file("object.so", header, sizeof header, path);
    expect_end(path,
        "object.so: not a shared object: expected ELF type 3 (made by cc -shared), found type 1");
    header[16] = 3;
    header[18] = 243; // RISC-V
    write_file("riscv.so", header, sizeof header, path);
    const struct outcome o = load(path);
    ck_assert_ptr_nonnull(
        strstr(o.text, "riscv.so: made for another machine: expected ELF machine "));
    ck_assert_ptr_nonnull(strstr(o.text, ", found 243"));
    expect_end(scratch, "not a shared object: expected a file, found a folder");
}
END_TEST

START_TEST(plugins_are_found_in_order) {
    char path[4096], found[4096], first[4096];
    struct error e = {0};
    write_file("alpha.so", "", 0, path);
    const char *folders[] = {scratch};
    const struct plugin_path one = {folders, 1};
    ck_assert(loader_find(&one, "alpha", found, sizeof found, &e));
    ck_assert_str_eq(found, path);

    setenv("RECKON_PLUGIN_PATH", ":/nowhere:", 1);
    setenv("RECKON_PLUGIN_PATH", scratch, 1);
    ck_assert(loader_find(NULL, "alpha", found, sizeof found, &e));
    ck_assert_str_eq(found, path);
    ck_assert(loader_own_folder(first, sizeof first, &e));
    ck_assert(loader_find(NULL, "item_mean", found, sizeof found, &e));
    ck_assert(strncmp(found, first, strlen(first)) == 0);

    ck_assert(!loader_find(NULL, "alhpa", found, sizeof found, &e));
    char wanted[8192];
    snprintf(wanted, sizeof wanted,
        "no plugin \"alhpa\"; looked for alhpa.so in %s, %s; did you mean \"alpha\"?", scratch,
        first);
    ck_assert_str_eq(e.text, wanted);
    ck_assert(!loader_find(NULL, "./nonesuch.so", found, sizeof found, &e));
    ck_assert_str_eq(e.text, "./nonesuch.so: no such file");
    ck_assert(!loader_find(NULL, "nonesuch.so", found, sizeof found, &e));

    struct arena a = {0};
    const char *const *ids = loader_list(NULL, &a);
    size_t alpha = 0, item_mean = 0;
    for (size_t k = 0; ids[k]; k++) {
        alpha += strcmp(ids[k], "alpha") == 0;
        item_mean += strcmp(ids[k], "item_mean") == 0;
        ck_assert(k == 0 || strcmp(ids[k - 1], ids[k]) < 0);
    }
    ck_assert(alpha == 1 && item_mean == 1);
    arena_done(&a);
}
END_TEST

static void remove_scratch(void) {
    char command[200];
    snprintf(command, sizeof command, "rm -r %s", scratch);
    if (system(command) != 0) fprintf(stderr, "%s stays\n", scratch);
}

int main(void) {
    snprintf(folder, sizeof folder, "%s/tests/broken", getenv("RECKON_BUILD"));
    if (!mkdtemp(scratch)) return 2;
    TCase *cases = tcase_create("loader");
    tcase_set_timeout(cases, 60);
    tcase_add_loop_test(
        cases, each_way_to_be_wrong_has_its_message, 0, (int)(sizeof refused / sizeof *refused));
    tcase_add_test(cases, a_right_plugin_is_loaded);
    tcase_add_test(cases, a_crash_ends_the_child_alone);
    tcase_add_test(cases, what_is_no_shared_object_is_told_apart);
    tcase_add_test(cases, plugins_are_found_in_order);
    Suite *suite = suite_create("loader");
    suite_add_tcase(suite, cases);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    const int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    remove_scratch();
    return failed != 0;
}
