// What processes that run plugins send to the harness, and jobs as those read them. The first byte
// of an input says which: 0, packets of a trial and then its worker's word, each a length in two
// bytes and its bytes; else a job.
#include <fcntl.h>
#include <sanitizer/common_interface_defs.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <unistd.h>

#include "trial/job.h"
#include "trial/running.h"

int LLVMFuzzerInitialize(int *argc, char ***argv);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static int silent, loud;

// What a model logs is told on stderr, which is closed for as long.
int LLVMFuzzerInitialize(int *argc, char ***argv) {
    (void)argc, (void)argv;
    silent = open("/dev/null", O_WRONLY | O_CLOEXEC);
    loud = dup(STDERR_FILENO);
    __sanitizer_set_report_fd((void *)(intptr_t)loud);
    return 0;
}

static void read_job(const uint8_t *data, size_t size) {
    struct bytes packet = bytes_view(data, size), again = {0};
    struct arena arena = {0};
    struct job job, copy;
    if (job_get(&job, &packet, &arena)) {
        job_put(&job, &again);
        struct bytes view = bytes_view(again.at, again.size);
        if (!job_get(&copy, &view, &arena) || copy.n_values != job.n_values ||
            strcmp(copy.path, job.path) != 0)
            abort();
        bytes_done(&again);
    }
    arena_done(&arena);
}

// Sends the next packet of the input to `end`; false: there is none, or no room for it.
static bool send_next(int end, const uint8_t **data, size_t *size) {
    if (*size < 2) return false;
    size_t n = (size_t)(*data)[0] | (size_t)(*data)[1] << 8;
    if (n > *size - 2) n = *size - 2;
    const bool sent = n > 0 && send(end, *data + 2, n, MSG_DONTWAIT | MSG_NOSIGNAL) == (ssize_t)n;
    *data += 2 + n;
    *size -= 2 + n;
    return sent;
}

static void check_record(const struct trial_record *t) {
    if (t->failed != (t->cause != NULL) || t->failed != (t->failure != FAILURE_NONE)) abort();
    if (t->cause && strchr(t->cause, '\n')) abort();
    for (size_t k = 0; k < t->n_curve; k++)
        if (!t->curve[k].series || strlen(t->curve[k].series) > 128) abort();
}

static void talk(const uint8_t *data, size_t size) {
    int trial[2], control[2];
    if (!channel_pair(trial, NULL) || !channel_pair(control, NULL)) abort();
    struct stage_fold fold = {.full = -1, .sliced = -1, .pairs = -1};
    struct trial_record record = {.model = MODEL_FALLBACK};
    struct results results = {0};
    struct running r = {.worker = {.control = control[0]},
        .record = &record,
        .fold = &fold,
        .plugin = "",
        .socket = trial[0],
        .output = memfd_create("output", MFD_CLOEXEC),
        .answers = -1,
        .process = -1,
        .phase = "load"};
    send_next(control[1], &data, &size);
    close(control[1]);
    while (r.socket >= 0 && send_next(trial[1], &data, &size)) running_hear(&r, &results);
    close(trial[1]);
    r.has_place = false; // its symbol would be looked up by a forked process
    bool again;
    running_end(&r, &results, &again);
    check_record(&record);
    running_release(&r, NULL);
    close(control[0]);
    free(record.curve);
    results_done(&results);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    if (size == 0) return 0;
    dup2(silent, STDERR_FILENO);
    if (data[0] == 0)
        talk(data + 1, size - 1);
    else
        read_job(data + 1, size - 1);
    dup2(loud, STDERR_FILENO);
    return 0;
}
