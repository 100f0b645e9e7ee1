// Saved models: what is written is read back, and nothing else is taken for one.
#include <check.h>
#include <fcntl.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/replace.h"
#include "support/saved_world.h"

static char place[64], path[128];
static struct error e;

static void setup(void) {
    strcpy(place, "/tmp/reckon-saved-XXXXXX");
    ck_assert_ptr_nonnull(mkdtemp(place));
    snprintf(path, sizeof path, "%s/m.rkm", place);
    e = (struct error){0};
}

static void teardown(void) {
    char command[128];
    snprintf(command, sizeof command, "rm -rf '%s'", place);
    ck_assert_int_eq(system(command), 0);
}

static void write_world(void) {
    const struct saved s = saved_world();
    ck_assert_msg(saved_write(&s, path, &e), "%s", e.text);
}

static void write_bytes(const void *bytes, size_t n) {
    FILE *f = fopen(path, "wb");
    ck_assert_ptr_nonnull(f);
    ck_assert_uint_eq(fwrite(bytes, 1, n, f), n);
    fclose(f);
}

static unsigned char *read_bytes(size_t *n) {
    FILE *f = fopen(path, "rb");
    ck_assert_ptr_nonnull(f);
    unsigned char *bytes = malloc(1 << 20);
    *n = fread(bytes, 1, 1 << 20, f);
    fclose(f);
    return bytes;
}

static size_t count_entries(void) {
    char command[256];
    size_t n = 0;
    snprintf(command, sizeof command, "ls -A '%s' | wc -l", place);
    FILE *in = popen(command, "r");
    ck_assert_int_eq(fscanf(in, "%zu", &n), 1);
    pclose(in);
    return n;
}

START_TEST(what_is_written_is_read) {
    const struct saved w = saved_world();
    struct saved r;
    write_world();
    ck_assert_msg(saved_open(&r, path, &e), "%s", e.text);
    ck_assert_str_eq(r.plugin, "als");
    ck_assert_str_eq(r.hash, w.hash);
    ck_assert_str_eq(r.label, "als rank=8");
    ck_assert_str_eq(r.data_hash, w.data_hash);
    ck_assert_str_eq(r.isa, "x86-64-v3");
    ck_assert_str_eq(r.blas_core, "");
    ck_assert(r.key == 77 && r.n_ratings == 900 && r.clip && !r.has_time);
    ck_assert(r.rating_min == 0.5f && r.rating_max == 5);
    ck_assert(r.n_params == 2 && r.values[0].number == 0.1 && r.values[1].n == 2);
    ck_assert(r.values[1].ints[0] == 64 && r.values[1].ints[1] == 32);
    ck_assert_str_eq(texts_packed_get(&r.names, 1), "sizes");
    ck_assert_uint_eq(texts_packed_find(&r.users, "ann"), 2);
    ck_assert_uint_eq(texts_packed_find(&r.users, "bob"), UINT32_MAX);
    ck_assert_uint_eq(texts_packed_find(&r.items, "x1"), 1);
    ck_assert(saved_fallback(&r, 1, 0) == 3.5f - 0.25f + 1);
    ck_assert(saved_fallback(&r, UINT32_MAX, 0) == 4.5f);
    ck_assert(saved_fallback(&r, UINT32_MAX, UINT32_MAX) == 3.5f);
    ck_assert_uint_eq(r.n_state, 5);
    ck_assert_mem_eq(r.state, "state", 5);
    ck_assert(saved_look(&r) == saved_look(&w));
    saved_done(&r);
    size_t n, again;
    unsigned char *first = read_bytes(&n);
    write_world(); // over a model
    unsigned char *second = read_bytes(&again);
    ck_assert_uint_eq(n, again);
    ck_assert_mem_eq(first, second, n);
    ck_assert_uint_eq(count_entries(), 1); // nothing is left beside it
    free(first);
    free(second);
}
END_TEST

// The file, mapped so that what is changed in it is changed in the file.
static unsigned char *map_file(size_t *n) {
    struct stat st;
    const int fd = open(path, O_RDWR);
    ck_assert(fd >= 0 && fstat(fd, &st) == 0);
    *n = (size_t)st.st_size;
    unsigned char *bytes = mmap(NULL, *n, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    ck_assert_ptr_ne(bytes, MAP_FAILED);
    close(fd);
    return bytes;
}

START_TEST(no_byte_can_change) {
    size_t n;
    write_world();
    unsigned char *bytes = map_file(&n);
    for (size_t k = 0; k < n; k++) {
        struct saved s;
        bytes[k] ^= 0x40;
        e = (struct error){0};
        ck_assert_msg(!saved_open(&s, path, &e), "byte %zu", k);
        ck_assert_ptr_nonnull(strstr(e.text, "m.rkm"));
        bytes[k] ^= 0x40;
    }
    munmap(bytes, n);
}
END_TEST

START_TEST(no_piece_is_taken_for_the_whole) {
    size_t n;
    write_world();
    unsigned char *bytes = read_bytes(&n);
    for (size_t k = 0; k < n; k += k < n - 100 ? 13 : 1) {
        struct saved s;
        write_bytes(bytes, k);
        ck_assert_msg(!saved_open(&s, path, &e), "%zu bytes of %zu", k, n);
    }
    bytes = realloc(bytes, n + 1);
    bytes[n] = 0;
    struct saved s;
    write_bytes(bytes, n + 1);
    ck_assert(!saved_open(&s, path, &e));
    free(bytes);
}
END_TEST

// Makes the checksum right where it is found. False: it isn't, and the file is no image.
static bool seal_again(unsigned char *bytes, size_t n, struct image *im) {
    struct error none;
    const int fd = open(path, O_RDONLY);
    size_t size;
    bool ok = image_map(im, fd, &none);
    close(fd);
    if (!ok) return false;
    const unsigned char *check = image_find(im, "check", &size);
    unsigned char sum[SAVED_CHECKSUM];
    ok = check && size == sizeof sum && saved_checksum(im, sum);
    if (ok) memcpy(bytes + (check - im->base), sum, sizeof sum);
    ck_assert_uint_eq(im->size, n);
    image_done(im);
    return ok;
}

// Files that someone wrote on purpose: the checksum is right, and what it covers is not.
START_TEST(what_does_not_fit_together_is_refused) {
    static const uint64_t words[] = {0, 1, 3, UINT32_MAX, UINT64_MAX, UINT64_MAX / 2, 1 << 20};
    size_t n, n_refused = 0, n_opened = 0;
    write_world();
    unsigned char *bytes = map_file(&n), *whole = malloc(n);
    memcpy(whole, bytes, n);
    for (size_t at = 8; at + 8 <= n; at += 8)
        for (size_t w = 0; w < sizeof words / sizeof *words; w++) {
            struct image im = {0};
            struct saved s = {0};
            memcpy(bytes + at, &words[w], 8);
            if (seal_again(bytes, n, &im) && saved_open(&s, path, &e)) {
                ck_assert(!isinf(saved_look(&s)));
                saved_done(&s);
                n_opened++;
            } else {
                n_refused++;
            }
            memcpy(bytes, whole, n); // the checksum may have been put anywhere
        }
    ck_assert_uint_gt(n_refused, 100);
    ck_assert_uint_gt(n_opened, 100);
    free(whole);
    munmap(bytes, n);
}
END_TEST

START_TEST(other_files_and_forms_are_told_apart) {
    struct saved s;
    write_bytes("user,item\n1,2\n", 14);
    ck_assert(!saved_open(&s, path, &e));
    ck_assert_ptr_nonnull(strstr(e.text, "m.rkm is no saved model"));
    const struct saved world = saved_world();
    ck_assert(!saved_write(&world, path, &e)); // somebody's file
    ck_assert_ptr_nonnull(strstr(e.text, "is no model that could be replaced"));
    unlink(path);
    ck_assert(!saved_open(&s, path, &e));
    ck_assert_ptr_nonnull(strstr(e.text, "m.rkm: cannot be read: No such file"));

    size_t n, size;
    write_world();
    unsigned char *bytes = read_bytes(&n);
    struct image im = {.base = bytes, .size = n};
    uint32_t *form = (uint32_t *)(uintptr_t)image_find(&im, "model", &size) + 2;
    ck_assert_uint_eq(*form, 1);
    *form = 9;
    write_bytes(bytes, n);
    ck_assert(!saved_open(&s, path, &e));
    ck_assert_ptr_nonnull(strstr(e.text, "is a model in form 9, and this reckon"));
    free(bytes);
}
END_TEST

START_TEST(parameters_go_by_name) {
    static struct schema_param params[] = {
        {.name = "rate", .type = RK_TYPE_REAL, .min = 0, .max = 1},
        {.name = "sizes", .type = RK_TYPE_INTS, .min = 1, .max = 100}};
    struct schema schema = {.path = "als.so", .params = params, .n_params = 2};
    const struct saved s = saved_world();
    struct param_value values[2];
    ck_assert(saved_values(&s, &schema, values, &e));
    ck_assert(values[0].number == 0.1 && values[1].ints[1] == 32);
    params[1].max = 50;
    ck_assert(!saved_values(&s, &schema, values, &e));
    params[1].max = 100;
    params[0].name = "speed";
    ck_assert(!saved_values(&s, &schema, values, &e));
    params[0].name = "rate";
    schema.n_params = 1;
    ck_assert(!saved_values(&s, &schema, values, &e));
}
END_TEST

// ---- Files that are there whole or not at all --------------------------------------------------

START_TEST(a_file_is_replaced_by_a_whole_one) {
    struct replace r;
    write_bytes("old", 3);
    ck_assert(replace_begin(&r, path, &e));
    fputs("new and longer", r.file);
    fflush(r.file);
    size_t n;
    unsigned char *bytes = read_bytes(&n);
    ck_assert_uint_eq(n, 3);
    free(bytes);
    replace_abandon(&r);
    ck_assert_uint_eq(count_entries(), 1);
    ck_assert(replace_begin(&r, path, &e));
    fputs("new and longer", r.file);
    ck_assert_msg(replace_commit(&r, &e), "%s", e.text);
    replace_abandon(&r);
    bytes = read_bytes(&n);
    ck_assert_uint_eq(n, 14);
    free(bytes);
    ck_assert_uint_eq(count_entries(), 1);
}
END_TEST

START_TEST(links_are_followed_and_pipes_written) {
    char link[128];
    struct replace r;
    struct stat s;
    snprintf(link, sizeof link, "%s/link", place);
    write_bytes("old", 3);
    ck_assert_int_eq(symlink("m.rkm", link), 0);
    ck_assert(replace_begin(&r, link, &e));
    fputs("newer", r.file);
    ck_assert(replace_commit(&r, &e));
    ck_assert(lstat(link, &s) == 0 && S_ISLNK(s.st_mode));
    ck_assert(stat(path, &s) == 0 && s.st_size == 5);
    snprintf(link, sizeof link, "%s/pipe", place);
    ck_assert_int_eq(mkfifo(link, 0600), 0);
    const int pipe = open(link, O_RDONLY | O_NONBLOCK);
    char got[8] = "";
    ck_assert(replace_begin(&r, link, &e));
    fputs("piped", r.file);
    ck_assert(replace_commit(&r, &e));
    ck_assert_int_eq(read(pipe, got, sizeof got), 5);
    ck_assert(lstat(link, &s) == 0 && S_ISFIFO(s.st_mode));
    close(pipe);
    snprintf(link, sizeof link, "%s/none/m.rkm", place);
    ck_assert(!replace_begin(&r, link, &e));
    ck_assert_ptr_nonnull(strstr(e.text, "none/m.rkm: cannot be written: No such file"));
}
END_TEST

int main(void) {
    TCase *cases = tcase_create("saved");
    tcase_add_checked_fixture(cases, setup, teardown);
    tcase_add_test(cases, what_is_written_is_read);
    tcase_add_test(cases, no_byte_can_change);
    tcase_add_test(cases, no_piece_is_taken_for_the_whole);
    tcase_add_test(cases, what_does_not_fit_together_is_refused);
    tcase_add_test(cases, other_files_and_forms_are_told_apart);
    tcase_add_test(cases, parameters_go_by_name);
    tcase_add_test(cases, a_file_is_replaced_by_a_whole_one);
    tcase_add_test(cases, links_are_followed_and_pipes_written);
    Suite *suite = suite_create("saved");
    suite_add_tcase(suite, cases);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    const int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed != 0;
}
