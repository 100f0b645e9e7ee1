// The pieces that trials are made of: packets with descriptors, jobs as bytes, work in a forked
// process and how its end is told.
#include <check.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "trial/apart.h"
#include "trial/job.h"

START_TEST(a_packet_brings_its_descriptors) {
    int ends[2];
    ck_assert(channel_pair(ends, NULL));
    const int file = memfd_create("x", 0);
    ck_assert_int_eq(write(file, "abc", 3), 3);
    struct bytes packet = {0};
    bytes_put_u32(&packet, MESSAGE_CURVE);
    bytes_put_text(&packet, "loss");
    ck_assert(channel_send(ends[0], &packet, &file, 1));

    unsigned char buffer[CHANNEL_BYTES];
    int fds[CHANNEL_FDS];
    ck_assert(channel_receive(ends[1], buffer, &packet, fds));
    ck_assert_uint_eq(bytes_get_u32(&packet), MESSAGE_CURVE);
    ck_assert_str_eq(bytes_get_text(&packet), "loss");
    char text[4] = {0};
    ck_assert_int_ne(fds[0], file);
    ck_assert_int_eq(fcntl(fds[0], F_GETFD), FD_CLOEXEC);
    ck_assert_int_eq(pread(fds[0], text, 3, 0), 3);
    ck_assert_str_eq(text, "abc");
    ck_assert_int_eq(fds[1], -1);
    close(ends[0]);
    ck_assert(!channel_receive(ends[1], buffer, &packet, fds));
}
END_TEST

START_TEST(a_job_comes_back_as_it_was_sent) {
    const int hidden[] = {64, 32};
    struct param_value values[] = {{.number = 0.1}, {.ints = hidden, .n = 2}};
    const struct job sent = {.path = "/a/als.so",
        .label = "als rank=16",
        .key = UINT64_MAX - 3,
        .threads = 2,
        .nice = 5,
        .mib = 500.5,
        .asked = {.train = true, .ranks = true},
        .values = values,
        .n_values = 2};
    struct bytes packet = {0};
    job_put(&sent, &packet);
    struct bytes view = bytes_view(packet.at, packet.size);
    struct arena arena = {0};
    struct job got = {0};
    ck_assert(job_get(&got, &view, &arena));
    ck_assert_str_eq(got.path, sent.path);
    ck_assert_str_eq(got.label, sent.label);
    ck_assert(got.key == sent.key && got.threads == 2 && got.nice == 5 && got.mib == 500.5 &&
              got.asked.train && !got.asked.spread && got.asked.ranks);
    ck_assert(got.values[0].number == 0.1 && got.values[1].n == 2 && got.values[1].ints[1] == 32);
    // Cut off anywhere, it is refused.
    for (size_t n = 0; n < packet.size; n++) {
        view = bytes_view(packet.at, n);
        ck_assert(!job_get(&got, &view, &arena));
    }
    arena_done(&arena);
    bytes_done(&packet);
}
END_TEST

static bool succeed(void *arg, struct error *e) {
    (void)e;
    return write(*(int *)arg, "done", 4) == 4;
}
static bool complain(void *arg, struct error *e) {
    (void)arg;
    return error_set(e, "x.cfg:3: no such thing");
}
static bool crash(void *arg, struct error *e) {
    (void)arg, (void)e;
    signal(SIGSEGV, SIG_DFL);
    raise(SIGSEGV);
    return true;
}
static bool linger(void *arg, struct error *e) {
    (void)arg, (void)e;
    for (;;) pause();
    return true;
}

START_TEST(work_apart_hands_back_its_result_or_its_message) {
    struct error e = {0};
    int file = memfd_create("x", 0);
    ck_assert(apart_run("working", succeed, &file, NULL, &e));
    ck_assert_int_eq(lseek(file, 0, SEEK_END), 4);
    ck_assert(!apart_run("working", complain, NULL, NULL, &e));
    ck_assert_str_eq(e.text, "x.cfg:3: no such thing");
    ck_assert(!apart_run("reading x.zip", crash, NULL, NULL, &e));
    ck_assert_ptr_nonnull(strstr(e.text, "reading x.zip ended with SIGSEGV"));
    const volatile int stop = 1;
    ck_assert(!apart_run("waiting", linger, NULL, &stop, &e));
    ck_assert_str_eq(e.text, "waiting: stopped on request");
}
END_TEST

int main(void) {
    TCase *cases = tcase_create("trial parts");
    tcase_add_test(cases, a_packet_brings_its_descriptors);
    tcase_add_test(cases, a_job_comes_back_as_it_was_sent);
    tcase_add_test(cases, work_apart_hands_back_its_result_or_its_message);
    Suite *suite = suite_create("trial parts");
    suite_add_tcase(suite, cases);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    const int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed != 0;
}
