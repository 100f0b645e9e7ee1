// Charts. Golden files are tests/golden/report/chart/*; after a change that is meant,
// RECKON_GOLDEN=write build/tests/test_chart writes them anew, to be looked at in a browser.
#include <check.h>
#include <math.h>
#include <stdio.h>

#include "report/chart.h"
#include "report/chart_place.h"
#include "report/chart_scale.h"
#include "report/svg.h"
#include "support/charts.h"
#include "support/drawing.h"
#include "support/golden.h"

static char *drawn(void (*draw)(FILE *)) {
    char *text = NULL;
    size_t n;
    FILE *out = open_memstream(&text, &n);
    draw(out);
    ck_assert_int_eq(fclose(out), 0);
    return text;
}

START_TEST(nothing_is_crooked) {
    const struct chart_case *c = &chart_cases[_i];
    char *text = drawn(c->draw);
    const char *at = text, *fault;
    for (size_t n_texts, n_marks; strstr(at, "<svg");) {
        fault = drawing_fault(at, &at, &n_texts, &n_marks);
        ck_assert_msg(!fault, "%s: %s", c->name, fault);
        ck_assert_uint_ge(n_texts, 2);
        ck_assert_uint_le(n_marks, CHART_MOST + 60);
    }
    ck_assert_str_eq(at, "\n");
    for (const char *word = text; (word = strpbrk(word, "ni")); word++)
        ck_assert_msg(strncmp(word, "nan", 3) != 0 && strncmp(word, "inf\"", 4) != 0, "%s: %.60s",
            c->name, word);
    ck_assert_ptr_null(strstr(text, "<script>"));
    ck_assert_ptr_null(strstr(text, "\xE2\x80\xAE"));
    free(text);
}
END_TEST

START_TEST(charts_are_as_they_were) {
    const struct chart_case *c = &chart_cases[_i];
    char name[80], *text = drawn(c->draw), *again = drawn(c->draw);
    ck_assert_str_eq(text, again);
    free(again);
    // What is only large is no golden file.
    if (strlen(text) > 24000) {
        free(text);
        return;
    }
    snprintf(name, sizeof name, "chart/%s.svg", c->name);
    golden(name, text);
}
END_TEST

START_TEST(a_thousand_rows_stay_small) {
    for (size_t k = 0; k < n_chart_cases; k++) {
        char *text = drawn(chart_cases[k].draw);
        ck_assert_msg(strlen(text) < 350000, "%s: %zu bytes", chart_cases[k].name, strlen(text));
        if (strcmp(chart_cases[k].name, "intervals-many") == 0) {
            ck_assert_ptr_nonnull(strstr(text, "Not shown: 940 more rows"));
            ck_assert_ptr_nonnull(strstr(text, "svd rank=60<"));
            ck_assert_ptr_null(strstr(text, "svd rank=61<"));
        }
        free(text);
    }
}
END_TEST

START_TEST(numbers_are_short) {
    static const struct {
        double value;
        const char *text;
    } cases[] = {{0, "0"}, {-0.001, "0"}, {1, "1"}, {100, "100"}, {.5, "0.5"}, {1.005, "1"},
        {2.25, "2.25"}, {-3.1, "-3.1"}};
    char *text;
    size_t n;
    FILE *out = open_memstream(&text, &n);
    svg_number(out, cases[_i].value);
    fclose(out);
    ck_assert_str_eq(text, cases[_i].text);
    free(text);
}
END_TEST

START_TEST(texts_are_cut_to_their_room) {
    static const char *const texts[] = {"", "als", "a label that is much longer than its room",
        "\xF0\x9F\x98\x80\xF0\x9F\x98\x80\xF0\x9F\x98\x80\xF0\x9F\x98\x80",
        "\xD7\xA9\xD7\x9C\xD7\x95\xD7\x9D \xD7\xA9\xD7\x9C\xD7\x95\xD7\x9D"};
    struct arena a = {0};
    for (double room = 20; room < 400; room += 7) {
        const char *cut = svg_fit(&a, texts[_i], room);
        ck_assert_msg(svg_width(cut) <= room, "%s in %g", cut, room);
        const size_t same = strcmp(cut, texts[_i]) == 0 ? strlen(cut) : strlen(cut) - 3;
        ck_assert_int_eq(strncmp(cut, texts[_i], same), 0);
        // Never within a character.
        ck_assert((texts[_i][same] & 0xC0) != 0x80);
    }
    arena_done(&a);
}
END_TEST

static const struct chart_axis plain = {.title = "x"}, share = {.unit = "share"},
                               seconds = {.unit = "s", .is_log = true}, time = {.unit = "s"},
                               bytes = {.unit = "bytes", .is_log = true}, logs = {.is_log = true};

START_TEST(ticks_are_round) {
    static const struct {
        const struct chart_axis *axis;
        double low, high;
        const char *ticks; // joined by a bar
    } cases[] = {{&plain, 0, 10, "0|2|4|6|8|10"}, {&plain, .8121, .9606, "0.85|0.90|0.95"},
        {&plain, -1e6, 1e6, "-1 000 000|-500 000|0|500 000|1 000 000"},
        {&plain, 5, 5, "4.8|4.9|5.0|5.1|5.2"}, {&plain, 0, 0, "-1.0|-0.5|0.0|0.5|1.0"},
        {&plain, 1e-9, 3e-9, "1e-09|1.5e-09|2e-09|2.5e-09|3e-09"},
        {&share, 0, .04, "0 %|1 %|2 %|3 %|4 %"},
        {&seconds, .01, 400, "0.01 s|0.1 s|1 s|10 s|1 min|10 min"},
        {&time, 0, 4000, "0 s|20 min|40 min|1 h"},
        {&bytes, 1 << 20, 1 << 28, "1 MiB|4 MiB|16 MiB|64 MiB|256 MiB"},
        {&logs, 1, 1000, "1|10|100|1 000"}, {&logs, 8, 64, "10|20|50"},
        {&logs, .5, .6, "0.50|0.52|0.54|0.56|0.58|0.60"},
        {&logs, 1e-200, 1e200, "1e-128|1|1e+128"}};
    struct arena a = {0};
    struct scale s;
    scale_make(
        &s, cases[_i].axis, (struct extent){cases[_i].low, cases[_i].high}, false, 0, 300, 5);
    const char *found = "";
    for (size_t k = 0; k < s.n_ticks; k++) {
        found = arena_printf(&a, "%s%s%s", found, k ? "|" : "", scale_tick(&s, s.tick[k], &a));
        ck_assert(scale_at(&s, s.tick[k]) >= 0 && scale_at(&s, s.tick[k]) <= 300);
    }
    ck_assert_str_eq(found, cases[_i].ticks);
    arena_done(&a);
}
END_TEST

START_TEST(a_scale_keeps_its_numbers_inside) {
    static const double ends[] = {
        -1e279, -1e15, -1, -1e-279, 0, 1e-279, 1e-5, .3, 1, 1.0000001, 1e9, 1e279};
    enum { N = sizeof ends / sizeof *ends };
    for (size_t l = 0; l < N; l++)
        for (size_t h = l; h < N; h++)
            for (int log = 0; log < 2; log++) {
                const struct chart_axis axis = {.is_log = log};
                struct extent x = EXTENT_NONE;
                extent_add(&x, &axis, ends[l]);
                extent_add(&x, &axis, ends[h]);
                extent_add(&x, &axis, NAN);
                extent_add(&x, &axis, INFINITY);
                struct scale s;
                scale_make(&s, &axis, x, !log, 10, 300, 6);
                for (size_t k = 0; k < 2; k++) {
                    const double value = k ? ends[h] : ends[l];
                    if (!scale_takes(&axis, value)) continue;
                    const double at = scale_at(&s, value);
                    ck_assert_msg(at >= 10 && at <= 300, "%g of %g..%g lies at %g", value, ends[l],
                        ends[h], at);
                }
                ck_assert_uint_le(s.n_ticks, SCALE_TICKS);
                if (!isnan(x.low)) ck_assert_uint_ge(s.n_ticks, 1);
            }
}
END_TEST

START_TEST(labels_are_moved_apart) {
    double y[] = {0, 0, 1, 50, 51, 99};
    ck_assert(places_apart(y, 6, 10, 0, 100));
    for (size_t k = 1; k < 6; k++) ck_assert(y[k] - y[k - 1] >= 10 - 1e-9);
    ck_assert(y[0] >= 0 && y[5] <= 100);
    ck_assert(fabs(y[3] - 50) < 1e-9); // where nothing pushes, they stay
    ck_assert(!places_apart(y, 6, 30, 0, 100));
}
END_TEST

int main(void) {
    Suite *suite = suite_create("chart");
    TCase *tc = tcase_create("chart");
    tcase_add_loop_test(tc, nothing_is_crooked, 0, (int)n_chart_cases);
    tcase_add_loop_test(tc, charts_are_as_they_were, 0, (int)n_chart_cases);
    tcase_add_test(tc, a_thousand_rows_stay_small);
    tcase_add_loop_test(tc, numbers_are_short, 0, 8);
    tcase_add_loop_test(tc, texts_are_cut_to_their_room, 0, 5);
    tcase_add_loop_test(tc, ticks_are_round, 0, 14);
    tcase_add_test(tc, a_scale_keeps_its_numbers_inside);
    tcase_add_test(tc, labels_are_moved_apart);
    suite_add_tcase(suite, tc);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_ENV);
    const int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed != 0;
}
