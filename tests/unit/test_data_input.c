// Files as they are packed: every kind of archive and compression, cut off and changed ones, text
// that is not UTF-8.
#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "support/delimited.h"

START_TEST(archives) {
    static const char text[] = "user,item,rating\n7,100,1\n7,20,4.5\n\"b \"\"x\"\", y\",20,5\n";
    static const char *const names[] = {
        "r.csv.gz", "r.csv.zst", "r.csv.xz", "r.csv.bz2", "r.zip", "r.tar", "r.tar.gz", "r.7z"};
    for (size_t k = 0; k < sizeof names / sizeof *names; k++) {
        setup();
        const char *path = files_pack(names[k], (const char *const[]){"top/r.csv", text, NULL});
        ck_assert_str_ne(path, "");
        load_path(&l, "delimited", path);
        good();
        is_usual();
        ck_assert_str_eq(d.name, "r");
        files_done();
    }
    setup();
    // What macOS adds, and folders, are no files.
    load_path(&l, "delimited",
        files_pack("mac.zip",
            (const char *const[]){"__MACOSX/r", "x", "top/._r.csv", "x", "top/r.csv", text, NULL}));
    good();
    is_usual();
    setup();
    load_path(
        &l, "delimited", files_pack("two.zip", (const char *const[]){"a", text, "b", text, NULL}));
    bad("two.zip: there are 2 files in it (a, b, ...), where one is expected");
}
END_TEST

// Cut off anywhere, an archive is an error or still whole; never other rows.
START_TEST(archives_cut_off) {
    static const char *const names[] = {"r.csv.gz", "r.zip", "r.tar.gz", "r.csv.xz"};
    char *text = malloc(200000);
    size_t n = (size_t)sprintf(text, HEADER);
    for (uint32_t k = 0; k < 10000; k++)
        n += (size_t)sprintf(text + n, "%u,%u,%u\n", k % 371, (k * 7919) % 10007, 1 + k % 5);
    for (size_t k = 0; k < sizeof names / sizeof *names; k++) {
        const char *path = files_pack(names[k], (const char *const[]){"r.csv", text, NULL});
        FILE *f = fopen(path, "rb");
        static unsigned char bytes[300000];
        const size_t size = fread(bytes, 1, sizeof bytes, f);
        fclose(f);
        for (size_t cut = 30; cut < size - 30; cut += size / 23) {
            setup();
            load_path(&l, "delimited", files_write_bytes(names[k], bytes, cut));
            if (load_run(&l, &d, 1, &e)) {
                ck_assert_uint_eq(d.n_ratings + d.count[COUNT_DUPLICATE], 10000);
                dataset_done(&d);
            } else {
                ck_assert_msg(
                    strstr(e.text, "cut off or damaged") || strstr(e.text, "no file in it"),
                    "%s at %zu of %zu: %s", names[k], cut, size, e.text);
            }
            files_done();
        }
    }
    free(text);
}
END_TEST

// The checksum that ends it is looked at: a stored byte changed on the way is no other rating.
START_TEST(a_gzip_file_that_was_changed) {
    static const char *const names[] = {"r.csv.gz", "r.tar.gz"};
    for (size_t k = 0; k < 2; k++) {
        const char *path =
            files_pack(names[k], (const char *const[]){"r.csv", HEADER "1,1,4\n2,2,3\n", NULL});
        FILE *f = fopen(path, "rb");
        unsigned char bytes[4096];
        const size_t size = fread(bytes, 1, sizeof bytes, f);
        fclose(f);
        ck_assert(size > 20 && size < sizeof bytes);
        bytes[size - 8] ^= 1;
        setup();
        load_path(&l, "delimited", files_write_bytes(names[k], bytes, size));
        bad("is cut off or damaged");
    }
}
END_TEST

START_TEST(text_of_sixteen_bits_is_named) {
    load_path(&l, "delimited", files_write_bytes("wide.csv", "\xFF\xFEu\0s\0", 6));
    bad("wide.csv is UTF-16; convert it");
}
END_TEST

int main(void) {
    const TTest *const tests[] = {
        archives, archives_cut_off, a_gzip_file_that_was_changed, text_of_sixteen_bits_is_named};
    Suite *suite = suite_create("data_input");
    TCase *c = tcase_create("input");
    tcase_add_checked_fixture(c, setup, teardown);
    tcase_set_timeout(c, 60);
    for (size_t k = 0; k < sizeof tests / sizeof *tests; k++) tcase_add_test(c, tests[k]);
    suite_add_tcase(suite, c);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    const int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? 1 : 0;
}
