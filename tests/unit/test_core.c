// The small parts of core/: errors, suggestions, the arena, messages in bytes, sealed images.
#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "core/arena.h"
#include "core/bytes.h"
#include "core/error.h"
#include "core/image.h"
#include "core/suggest.h"

// ---- error -------------------------------------------------------------------------------------

START_TEST(an_error_says_false_and_keeps_its_text) {
    struct error e = {0};
    ck_assert(!error_set(&e, "%s:%d: wrong", "a.cfg", 3));
    ck_assert_str_eq(e.text, "a.cfg:3: wrong");
    ck_assert(!error_set(&e, "again: %s", e.text)); // its own text as an argument
    ck_assert_str_eq(e.text, "again: a.cfg:3: wrong");
    ck_assert(!error_prefix(&e, "fold %d", 2));
    ck_assert_str_eq(e.text, "fold 2: again: a.cfg:3: wrong");
    ck_assert(!error_memory(&e, 12345, "ratings"));
    ck_assert(
        strstr(e.text, "out of memory") && strstr(e.text, "12345") && strstr(e.text, "ratings"));
    ck_assert(!error_set(NULL, "nobody listens") && !error_prefix(NULL, "x"));
}
END_TEST

START_TEST(a_long_message_is_cut_at_a_character) {
    struct error e = {0};
    char *text = calloc(1, 4 * sizeof e.text);
    for (int shift = 0; shift < 3; shift++) {
        memset(text, 'x', (size_t)shift);
        for (size_t k = 0; k < sizeof e.text; k++) memcpy(text + shift + 3 * k, "\u20ac", 3);
        error_set(&e, "%s", text);
        const size_t n = strlen(e.text);
        ck_assert_uint_eq((n - (size_t)shift) % 3, 0);
        ck_assert_uint_gt(n, sizeof e.text - 5);
    }
    free(text);
}
END_TEST

START_TEST(problems_are_collected) {
    struct problems p = {0};
    for (int k = 0; k < 100; k++) problems_add(&p, "problem %d", k);
    ck_assert_uint_eq(p.n, 100);
    ck_assert_str_eq(p.text[99], "problem 99");
    problems_done(&p);
    ck_assert_uint_eq(p.n, 0);
    problems_done(&p);
}
END_TEST

// ---- suggest -----------------------------------------------------------------------------------

START_TEST(suggestions_are_near_or_none) {
    static const char *const words[] = {"rank", "lambda", "iterations", "min_user", "a"};
    static const struct {
        const char *word, *nearest;
    } cases[] = {
        {"ranks", "rank"},                 // one inserted
        {"rnak", "rank"},                  // neighbours swapped
        {"lamda", "lambda"},               // one missing
        {"Lambda", "lambda"},              // case
        {"min-user", "min_user"},          // dash
        {"iteratoins", "iterations"},      //
        {"itertions_n", "iterations"},     // three edits of eleven characters
        {"depth", NULL},                   // nothing near
        {"", NULL},                        //
        {"rk", NULL},                      // two edits for two characters
        {"b", "a"},                        // one edit for one character
        {"xxxxxxxxxxxxxxxxxxxxxxxx", NULL} //
    };
    for (size_t k = 0; k < sizeof cases / sizeof *cases; k++) {
        const char *got = suggest_nearest(cases[k].word, words, 5);
        if (cases[k].nearest) {
            ck_assert_msg(got != NULL, "nothing for %s", cases[k].word);
            ck_assert_str_eq(got, cases[k].nearest);
        } else
            ck_assert_msg(got == NULL, "%s for %s", got, cases[k].word);
    }
    char longest[200];
    memset(longest, 'a', sizeof longest - 1);
    longest[sizeof longest - 1] = '\0';
    ck_assert_ptr_null(suggest_nearest(longest, words, 5));
    const char *const among[] = {longest};
    ck_assert_ptr_null(suggest_nearest("aaaaaaaa", among, 1));
    ck_assert_ptr_null(suggest_nearest("rank", NULL, 0));
}
END_TEST

// ---- arena -------------------------------------------------------------------------------------

// An assertion for each byte would take seconds.
static size_t count_other(const unsigned char *at, size_t n, unsigned char value) {
    size_t other = 0;
    for (size_t b = 0; b < n; b++) other += at[b] != value;
    return other;
}

START_TEST(arena_memory_is_zeroed_aligned_and_apart) {
    struct arena a = {0};
    unsigned char *at[300];
    size_t size[300];
    for (size_t k = 0; k < 300; k++) {
        size[k] = k % 7 == 0 ? 20000 + k : k;
        at[k] = arena_alloc(&a, size[k]);
        ck_assert_ptr_nonnull(at[k]);
        ck_assert_uint_eq((uintptr_t)at[k] % _Alignof(max_align_t), 0);
        ck_assert_uint_eq(count_other(at[k], size[k], 0), 0);
        memset(at[k], (int)(k % 255 + 1), size[k]);
    }
    for (size_t k = 0; k < 300; k++)
        ck_assert_uint_eq(count_other(at[k], size[k], (unsigned char)(k % 255 + 1)), 0);
    char *text = arena_printf(&a, "%d %s", 7, arena_text(&a, "seven"));
    ck_assert_str_eq(text, "7 seven");
    ck_assert_ptr_null(arena_alloc(&a, SIZE_MAX));
    arena_done(&a);
    ck_assert_ptr_null(a.last);
    arena_done(&a);
}
END_TEST

// ---- bytes -------------------------------------------------------------------------------------

START_TEST(bytes_come_back_as_they_were_put) {
    struct bytes b = {0};
    bytes_put_u32(&b, 0xdeadbeef);
    bytes_put_u64(&b, UINT64_MAX - 1);
    bytes_put_f64(&b, -0.1);
    bytes_put_text(&b, "text");
    bytes_put_text(&b, NULL);
    bytes_put_text(&b, "");
    for (uint32_t k = 0; k < 1000; k++) bytes_put_u32(&b, k);
    ck_assert(!b.failed);
    struct bytes r = bytes_view(b.at, b.size);
    ck_assert_uint_eq(bytes_get_u32(&r), 0xdeadbeef);
    ck_assert(bytes_get_u64(&r) == UINT64_MAX - 1);
    ck_assert(bytes_get_f64(&r) == -0.1);
    ck_assert_str_eq(bytes_get_text(&r), "text");
    ck_assert_ptr_null(bytes_get_text(&r));
    ck_assert_str_eq(bytes_get_text(&r), "");
    for (uint32_t k = 0; k < 1000; k++) ck_assert_uint_eq(bytes_get_u32(&r), k);
    ck_assert(!r.failed && r.got == r.size);
    ck_assert_uint_eq(bytes_get_u32(&r), 0);
    ck_assert(r.failed);
    bytes_done(&b);
    bytes_done(&b);
}
END_TEST

// A message cut off anywhere is noticed, and is read to its end without a byte too far.
START_TEST(a_cut_message_fails_and_gives_zeros) {
    struct bytes b = {0};
    bytes_put_text(&b, "a text");
    bytes_put_u64(&b, 5);
    bytes_put_text(&b, "more");
    for (size_t n = 0; n < b.size; n++) {
        unsigned char *copy = malloc(n ? n : 1); // of its own size, for the sanitizers
        memcpy(copy, b.at, n);
        struct bytes r = bytes_view(copy, n);
        bytes_get_text(&r);
        const uint64_t number = bytes_get_u64(&r);
        ck_assert(number == 5 || (number == 0 && r.failed));
        bytes_get_text(&r);
        ck_assert(r.failed);
        free(copy);
    }
    bytes_done(&b);
}
END_TEST

START_TEST(a_lying_length_fails) {
    struct bytes b = {0};
    bytes_put_u32(&b, 0xffffffff);
    bytes_put(&b, "abc", 3); // neither so long nor ended by a NUL
    struct bytes r = bytes_view(b.at, b.size);
    ck_assert_ptr_null(bytes_get_text(&r));
    ck_assert(r.failed);
    bytes_done(&b);
    bytes_put_u32(&b, 3);
    bytes_put(&b, "abc", 3);
    r = bytes_view(b.at, b.size);
    ck_assert_ptr_null(bytes_get_text(&r));
    ck_assert(r.failed);
    bytes_done(&b);
}
END_TEST

// ---- image -------------------------------------------------------------------------------------

static int write_image(struct error *e) {
    const int fd = image_create("test", e);
    struct image im;
    ck_assert_int_ge(fd, 0);
    ck_assert(image_begin(&im, fd, e));
    uint32_t *first = image_add(&im, "first", 1000 * sizeof *first, e);
    for (uint32_t k = 0; k < 1000; k++) {
        ck_assert_uint_eq(first[k], 0);
        first[k] = k;
    }
    char *second = image_add(&im, "second", 300000, e);
    memset(second, 'x', 300000);
    image_shrink_last(&im, 200000);
    char *empty = image_add(&im, "empty", 0, e);
    ck_assert_ptr_nonnull(empty);
    unsigned char *third = image_add(&im, "third", 5, e);
    ck_assert_uint_eq((uintptr_t)third % 64, 0);
    for (int k = 0; k < 5; k++) ck_assert_uint_eq(third[k], 0); // where the cut section was
    memcpy(third, "12345", 5);
    ck_assert_uint_eq(first[999], 999); // has not moved
    image_done(&im);
    return fd;
}

START_TEST(an_image_holds_its_sections_and_is_sealed) {
    struct error e = {0};
    const int fd = write_image(&e);
    ck_assert(image_seal(fd, &e));
    ck_assert(image_seal(fd, &e)); // again
    struct image im;
    ck_assert(image_map(&im, fd, &e));
    size_t bytes;
    const uint32_t *first = image_find(&im, "first", &bytes);
    ck_assert_uint_eq(bytes, 4000);
    for (uint32_t k = 0; k < 1000; k++) ck_assert_uint_eq(first[k], k);
    ck_assert_ptr_nonnull(image_find(&im, "second", &bytes));
    ck_assert_uint_eq(bytes, 200000);
    ck_assert_ptr_nonnull(image_find(&im, "empty", &bytes));
    ck_assert_uint_eq(bytes, 0);
    ck_assert_mem_eq(image_find(&im, "third", NULL), "12345", 5);
    ck_assert_ptr_null(image_find(&im, "fourth", &bytes));
    ck_assert_uint_eq(bytes, 0);

    ck_assert_int_lt((int)write(fd, "x", 1), 0);
    ck_assert_int_ne(ftruncate(fd, 10), 0);
    ck_assert_int_ne(ftruncate(fd, 10000000), 0);
    ck_assert(mmap(NULL, 64, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0) == MAP_FAILED);
    close(fd);
    ck_assert_uint_eq(first[7], 7); // the mapping outlives the descriptor
    image_done(&im);
    image_done(&im);
}
END_TEST

START_TEST(an_image_that_was_cut_off_is_refused) {
    struct error e = {0};
    const int fd = write_image(&e);
    const off_t size = lseek(fd, 0, SEEK_END);
    struct image im;
    ck_assert(image_map(&im, fd, &e));
    image_done(&im);
    for (off_t less = 1; less < size; less = less * 2 + 3) {
        ck_assert_int_eq(ftruncate(fd, size - less), 0);
        ck_assert(!image_map(&im, fd, &e));
        ck_assert(strstr(e.text, "cut off"));
    }
    close(fd);
}
END_TEST

START_TEST(an_image_mapped_for_writing_is_not_sealed) {
    struct error e = {0};
    const int fd = image_create("test", &e);
    struct image im;
    ck_assert(image_begin(&im, fd, &e));
    ck_assert(!image_seal(fd, &e));
    ck_assert(strstr(e.text, "seal"));
    image_done(&im);
    ck_assert(image_seal(fd, &e));
    close(fd);
}
END_TEST

START_TEST(a_child_fills_in_the_image_of_its_parent) {
    struct error e = {0};
    const int fd = image_create("test", &e);
    const pid_t child = fork();
    if (child == 0) {
        struct image im;
        if (!image_begin(&im, fd, NULL)) _exit(1);
        char *at = image_add(&im, "greeting", 6, NULL);
        if (!at) _exit(1);
        memcpy(at, "hello", 6);
        image_done(&im);
        _exit(0);
    }
    int status;
    ck_assert_int_eq(waitpid(child, &status, 0), child);
    ck_assert_int_eq(status, 0);
    struct image im;
    ck_assert(image_map(&im, fd, &e));
    ck_assert_str_eq(image_find(&im, "greeting", NULL), "hello");
    image_done(&im);
    close(fd);
}
END_TEST

START_TEST(what_is_no_image_is_refused) {
    struct error e = {0};
    struct image im;
    int fd = image_create("empty", &e);
    ck_assert(!image_map(&im, fd, &e) && strstr(e.text, "cut off"));
    ck_assert_int_eq(ftruncate(fd, 100000), 0);
    ck_assert(!image_map(&im, fd, &e) && strstr(e.text, "not an image"));
    close(fd);

    fd = write_image(&e); // its last sections lie past the end now
    ck_assert_int_eq(ftruncate(fd, 100000), 0);
    ck_assert(!image_map(&im, fd, &e) && strstr(e.text, "cut off"));
    close(fd);
}
END_TEST

START_TEST(an_image_has_bounds) {
    struct error e = {0};
    const int fd = image_create("test", &e);
    struct image im;
    ck_assert(image_begin(&im, fd, &e));
    ck_assert_ptr_null(image_add(&im, "a name of more than 23 characters", 4, &e));
    ck_assert_ptr_null(image_add(&im, "huge", SIZE_MAX - 10, &e));
    ck_assert_ptr_nonnull(image_add(&im, "small", 4, &e)); // a refusal breaks nothing
    int added = 0;
    for (char name[24]; added < 1000; added++) {
        snprintf(name, sizeof name, "%d", added);
        if (!image_add(&im, name, 4, &e)) break;
    }
    ck_assert_int_ge(added, 64);
    ck_assert_int_lt(added, 1000);
    image_done(&im);
    close(fd);
}
END_TEST

int main(void) {
    Suite *suite = suite_create("core");
    TCase *errors = tcase_create("error");
    tcase_add_test(errors, an_error_says_false_and_keeps_its_text);
    tcase_add_test(errors, a_long_message_is_cut_at_a_character);
    tcase_add_test(errors, problems_are_collected);
    tcase_add_test(errors, suggestions_are_near_or_none);
    suite_add_tcase(suite, errors);
    TCase *memory = tcase_create("memory");
    tcase_add_test(memory, arena_memory_is_zeroed_aligned_and_apart);
    tcase_add_test(memory, bytes_come_back_as_they_were_put);
    tcase_add_test(memory, a_cut_message_fails_and_gives_zeros);
    tcase_add_test(memory, a_lying_length_fails);
    suite_add_tcase(suite, memory);
    TCase *images = tcase_create("image");
    tcase_add_test(images, an_image_holds_its_sections_and_is_sealed);
    tcase_add_test(images, an_image_that_was_cut_off_is_refused);
    tcase_add_test(images, an_image_mapped_for_writing_is_not_sealed);
    tcase_add_test(images, a_child_fills_in_the_image_of_its_parent);
    tcase_add_test(images, what_is_no_image_is_refused);
    tcase_add_test(images, an_image_has_bounds);
    suite_add_tcase(suite, images);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    const int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed != 0;
}
