// halving: many candidates at little effort, the best third of them at three times of it, and so on
// up to full effort (Jamieson, Talwalkar: Non-stochastic best arm identification and hyperparameter
// optimization, AISTATS 2016). Rung i of s asks for n_i candidates at effort 3^-(s-i); their costs
// are about equal, and come to no more than `trials` fits at full effort. Who goes on is said by
// the scores told of that rung alone; the default goes on always.
#include <math.h>
#include <stdlib.h>

#include "search/fresh.h"

// RUNGS: more would be efforts below a two-thousandth.
enum { ETA = 3, RUNGS = 8 };

struct ladder {
    int n;                 // rungs
    double effort[RUNGS];  // the last is 1
    uint32_t count[RUNGS]; // candidates, the default among them
};

struct halving {
    struct search base;
    struct fresh fresh;
    struct ladder ladder;
    int rung;        // next
    uint32_t *alive; // [n_alive] numbers, of the rung before; owned
    uint32_t n_alive;
};

// How many candidates a rung has of n on the first.
static uint32_t rung_count(uint32_t n, int rung) {
    for (; rung > 0; rung--) n /= ETA;
    return n;
}

static double rung_effort(int n_rungs, int rung) {
    double share = 1;
    for (; rung + 1 < n_rungs; rung++) share *= ETA;
    return 1 / share;
}

static double cost(int n_rungs, uint32_t n) {
    double sum = 0;
    for (int k = 0; k < n_rungs; k++) sum += rung_count(n, k) * rung_effort(n_rungs, k);
    return sum;
}

// The most rungs that leave the default a rival on the last, with as many candidates as the budget
// allows.
static struct ladder plan(const struct search_job *job) {
    struct ladder l = {0};
    for (int n_rungs = RUNGS; n_rungs > 0; n_rungs--) {
        if (n_rungs > 1 && rung_effort(n_rungs, 0) < job->least_effort * (1 - 1e-9)) continue;
        uint32_t low = 0, high = SEARCH_TRIALS_MAX; // low is affordable
        while (low < high) {
            const uint32_t n = low + (high - low + 1) / 2;
            if (cost(n_rungs, n) <= job->trials) {
                low = n;
            } else {
                high = n - 1;
            }
        }
        if (n_rungs > 1 && rung_count(low, n_rungs - 1) < 2) continue;
        l.n = n_rungs;
        for (int k = 0; k < n_rungs; k++) {
            l.effort[k] = rung_effort(n_rungs, k);
            l.count[k] = rung_count(low, k);
        }
        break;
    }
    return l;
}

static bool judge(const struct search_job *job, struct error *e) {
    if (!search_sound(job, e)) return false;
    if (!(job->least_effort > 0 && job->least_effort * ETA <= 1 + 1e-9))
        return error_set(e,
            "halving spends a third of a fit at the most on its first round, and the least that "
            "can "
            "be spent is %.3g of one: search = { method = \"random\"; ... }",
            job->least_effort);
    if (plan(job).n < 2)
        return error_set(e,
            "halving needs trials = 4 at least, for six candidates at a third and two at full "
            "effort; trials = %u",
            (unsigned)job->trials);
    return true;
}

static void first_rung(struct halving *h) {
    struct search *s = &h->base;
    search_again(s, 0, h->ladder.effort[0]);
    while (s->n < h->ladder.count[0]) {
        const double *at = fresh_next(&h->fresh, s);
        if (!at || !search_add(s, at, h->ladder.effort[0])) break;
    }
    h->n_alive = s->n;
    for (uint32_t k = 0; k < s->n; k++) h->alive[k] = k;
}

static int by_score(const void *a, const void *b, void *of) {
    const uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;
    const double p = ((double *)of)[x], q = ((double *)of)[y];
    return p < q ? -1 : p > q ? 1 : x < y ? -1 : x > y;
}

static int by_number(const void *a, const void *b) {
    const uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;
    return x < y ? -1 : x > y;
}

// The best of the rung before, and the default, in the order of their numbers.
static void next_rung(struct halving *h) {
    struct search *s = &h->base;
    const uint32_t room = h->ladder.count[h->rung];
    qsort_r(h->alive, h->n_alive, sizeof *h->alive, by_score, s->score);
    uint32_t n = 0;
    bool has_default = false;
    while (n < room && n < h->n_alive && isfinite(s->score[h->alive[n]]))
        has_default = h->alive[n++] == 0 || has_default;
    if (!has_default) {
        if (n == room) n--;
        h->alive[n++] = 0;
    }
    h->n_alive = n;
    qsort(h->alive, n, sizeof *h->alive, by_number);
    for (uint32_t k = 0; k < n; k++) search_again(s, h->alive[k], h->ladder.effort[h->rung]);
}

static void propose(struct search *s) {
    struct halving *h = (struct halving *)s;
    if (h->rung == h->ladder.n) return;
    if (h->rung == 0) {
        first_rung(h);
    } else {
        next_rung(h);
    }
    h->rung++;
}

static void done(struct search *s) {
    struct halving *h = (struct halving *)s;
    fresh_done(&h->fresh);
    free(h->alive);
}

static struct search *begin(const struct search_job *job, struct error *e) {
    struct halving *h = calloc(1, sizeof *h);
    if (!h) {
        error_memory(e, sizeof *h, "a search");
        return NULL;
    }
    h->ladder = plan(job);
    const uint32_t n = h->ladder.count[0];
    if (search_init(&h->base, job, n, propose, done, e) &&
        fresh_init(&h->fresh, job->space, job->key, e)) {
        h->alive = calloc(n, sizeof *h->alive);
        if (h->alive) return &h->base;
        error_memory(e, n * sizeof *h->alive, "a search");
    }
    search_end(&h->base);
    return NULL;
}

REGISTRY_ADD(search_method, halving) = {
    .id = "halving",
    .doc = "many candidates at little effort, the best third of them at three times of it, and on",
    .has_effort = true,
    .judge = judge,
    .begin = begin,
};
