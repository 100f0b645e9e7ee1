// bayes: the candidates of most expected improvement by a Gaussian process over all that was told.
//
// Jones, Schonlau, Welch: Efficient global optimization of expensive black-box functions, Journal
// of Global Optimization 13 (1998). Batches of four whatever the number of jobs: within one, those
// chosen already are taken to score what the process expects of them (the Kriging believer of
// Ginsbourger, Le Riche, Carraro, 2010). Scores are told in whatever unit; they are taken as
// distances from their median by that of the best, logarithmically above it, so that a
// configuration that diverges does not flatten the rest. What failed counts as the worst told.
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "core/random.h"
#include "search/fresh.h"
#include "search/gp.h"

enum {
    BATCH = 4,
    POINTS_MOST = 128, // that the process is of: the best half of them, and the latest
    LEARN_ALWAYS = 64, // candidates up to which lengths are learnt with every batch; then with each
                       // tenth more
    BEST = 5,          // points around which candidates are looked for
    SPREAD = 400,      // candidates over the whole space,
    AROUND = 60,       // around each of the best,
    ROUNDS = 5,        // then around the most promising, ever closer
    CLOSER = 60
};
static const double widths[] = {0.3, 0.1, 0.03, 0.01, 0.003};

struct bayes {
    struct search base;
    struct fresh fresh;
    struct sobol spread;
    struct gp gp;
    bool *nominal;          // [space->n]; owned
    uint32_t *order;        // [capacity] numbers by score; owned
    bool *kept;             // [capacity]; owned
    double *z;              // [capacity] scores as the process sees them; owned
    double *x;              // [space->n] of a point, as the process sees it; owned
    double *u, *at;         // [space->n] a candidate; owned
    double *from;           // [space->n] what candidates are near to; owned
    double *top_u, *top_at; // [space->n] the most promising; owned
    float *draws;           // [2 space->n]; owned
    uint32_t learnt;        // candidates when lengths were learnt last
    uint64_t stream;        // of random numbers, next
    double top;             // how promising: logarithm of the expected improvement
    double goal;            // the lowest mean at any point
};

// How many are spread evenly before the process is asked: a batch for every two parameters, and no
// more than a third of the budget.
static uint32_t n_begin(const struct search_job *job) {
    const uint32_t want = BATCH * (1 + ((uint32_t)job->space->n + 1) / 2);
    const uint32_t most = job->trials / 3 / BATCH * BATCH;
    return most < BATCH ? BATCH : want < most ? want : most;
}

static void encode(const struct search_space *space, const double *at, double *x) {
    for (size_t d = 0; d < space->n; d++) {
        const struct search_dim *dim = &space->dims[d];
        x[d] = isnan(at[d]) ? NAN : dim->n > 0 && !dim->ordered ? at[d] : space_unit(dim, at[d]);
    }
}

static int by_score(const void *a, const void *b, void *of) {
    const uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;
    const double p = ((double *)of)[x], q = ((double *)of)[y];
    return p < q ? -1 : p > q ? 1 : x < y ? -1 : x > y;
}

// Scores as the process sees them; false: none is finite.
static bool standardise(struct bayes *b) {
    const struct search *s = &b->base;
    uint32_t n = 0;
    for (uint32_t k = 0; k < s->n; k++) b->order[k] = k;
    qsort_r(b->order, s->n, sizeof *b->order, by_score, s->score);
    while (n < s->n && isfinite(s->score[b->order[n]])) n++;
    if (n == 0) return false;
    const double best = s->score[b->order[0]], median = s->score[b->order[n / 2]];
    const double unit = median > best ? median - best : 1;
    for (uint32_t k = 0; k < s->n; k++) {
        const double score = isfinite(s->score[k]) ? s->score[k] : s->score[b->order[n - 1]];
        const double z = (score - median) / unit;
        b->z[k] = z > 0 ? log1p(z) : z;
    }
    return true;
}

// The process of what was told.
static void learn(struct bayes *b) {
    const struct search *s = &b->base;
    memset(b->kept, 0, s->n * sizeof *b->kept);
    uint32_t left = POINTS_MOST - BATCH;
    for (uint32_t k = 0; k < s->n && k < POINTS_MOST / 2; k++, left--) b->kept[b->order[k]] = true;
    for (uint32_t k = s->n; k-- > 0 && left > 0;) {
        left -= !b->kept[k];
        b->kept[k] = true;
    }
    b->gp.n = 0;
    for (uint32_t k = 0; k < s->n; k++) {
        if (!b->kept[k]) continue;
        encode(s->job.space, search_row(s, k), b->x);
        gp_add(&b->gp, b->x, b->z[k]);
    }
    if (s->n > LEARN_ALWAYS && s->n < b->learnt + b->learnt / 10) {
        gp_condition(&b->gp);
        return;
    }
    b->learnt = s->n;
    gp_learn(&b->gp);
}

// Of a normal score, logarithm of the expectation of what it is below the goal.
static double improvement(double goal, double mean, double deviation) {
    const double z = (goal - mean) / deviation;
    const double density = exp(-0.5 * z * z) / sqrt(2 * M_PI);
    if (z > -6) return log(deviation * (z * 0.5 * erfc(-z / M_SQRT2) + density));
    return log(deviation) - 0.5 * z * z - 0.5 * log(2 * M_PI) - 2 * log(-z); // its tail
}

// Looks at the point of b->u, and keeps it if it is the most promising so far, and new.
static void consider(struct bayes *b) {
    const struct search_space *space = b->base.job.space;
    const size_t bytes = space->n * sizeof(double);
    double mean, deviation;
    space_point(space, b->u, b->at);
    encode(space, b->at, b->x);
    gp_predict(&b->gp, b->x, &mean, &deviation);
    const double worth = improvement(b->goal, mean, deviation);
    if (!(worth > b->top) || search_knows(&b->base, b->at)) return;
    b->top = worth;
    memcpy(b->top_u, b->u, bytes);
    memcpy(b->top_at, b->at, bytes);
}

// Looks at a point near b->from: about half of the parameters moved, one at least; lists without
// order are drawn anew.
static void step(struct bayes *b, double width) {
    const struct search_space *space = b->base.job.space;
    const size_t n = space->n;
    const uint64_t key = random_mix(b->base.job.key, 2);
    float *normal = b->draws, *uniform = b->draws + n + 1;
    random_normal(key, b->stream++, normal, n);
    random_uniform(key, b->stream++, uniform, n + 1);
    const size_t always = (size_t)(uniform[n] * (float)n);
    for (size_t d = 0; d < n; d++) {
        double u = b->from[d];
        if (d == always || uniform[d] < 0.5F) {
            u += width * normal[d];
            if (b->nominal[d]) u = 2 * (double)uniform[d] - floor(2 * (double)uniform[d]);
        }
        b->u[d] = u < 0 ? 0 : u >= 1 ? 1 - 1e-9 : u;
    }
    consider(b);
}

static void start_near(struct bayes *b, uint32_t number) {
    const struct search_space *space = b->base.job.space;
    const double *at = search_row(&b->base, number);
    for (size_t d = 0; d < space->n; d++)
        b->from[d] = isnan(at[d]) ? 0.5 : space_unit(&space->dims[d], at[d]);
}

// The new point of most expected improvement; NULL: none was found.
static const double *choose(struct bayes *b) {
    const struct search *s = &b->base;
    b->top = -INFINITY;
    b->goal = INFINITY;
    for (size_t k = 0; k < b->gp.n; k++) {
        double mean, deviation;
        gp_predict(&b->gp, b->gp.x + k * b->gp.n_dims, &mean, &deviation);
        if (mean < b->goal) b->goal = mean;
    }
    for (int k = 0; k < SPREAD; k++) {
        sobol_next(&b->spread, b->u);
        consider(b);
    }
    for (uint32_t k = 0; k < BEST && k < s->n - s->n_batch; k++) {
        start_near(b, b->order[k]);
        for (int way = 0; way < AROUND; way++) step(b, widths[way % 5]);
    }
    for (int round = 0; round < ROUNDS && b->top > -INFINITY; round++) {
        memcpy(b->from, b->top_u, s->job.space->n * sizeof *b->from);
        for (int way = 0; way < CLOSER; way++) step(b, widths[round]);
    }
    return b->top > -INFINITY ? b->top_at : NULL;
}

static bool add_even(struct bayes *b) {
    const double *at = fresh_next(&b->fresh, &b->base);
    return at && search_add(&b->base, at, 1);
}

static void propose(struct search *s) {
    struct bayes *b = (struct bayes *)s;
    if (!s->told[0]) search_again(s, 0, 1);
    const bool even = s->n < n_begin(&s->job) || !standardise(b);
    if (!even) learn(b);
    while (s->n_batch < BATCH && s->n < s->capacity) {
        const double *at = even ? NULL : choose(b);
        if (!at) {
            if (!add_even(b)) break;
            continue;
        }
        double mean, deviation;
        encode(s->job.space, at, b->x);
        gp_predict(&b->gp, b->x, &mean, &deviation);
        search_add(s, at, 1);
        gp_add(&b->gp, b->x, mean);
        gp_condition(&b->gp);
    }
}

static void done(struct search *s) {
    struct bayes *b = (struct bayes *)s;
    fresh_done(&b->fresh);
    sobol_done(&b->spread);
    gp_done(&b->gp);
    free(b->nominal);
    free(b->order);
    free(b->kept);
    free(b->z);
    free(b->x);
    free(b->u);
    free(b->at);
    free(b->from);
    free(b->top_u);
    free(b->top_at);
    free(b->draws);
}

static bool init(struct bayes *b, const struct search_job *job, struct error *e) {
    const size_t n = job->space->n;
    const size_t n_points = job->trials + BATCH < POINTS_MOST ? job->trials + BATCH : POINTS_MOST;
    if (!search_init(&b->base, job, job->trials, propose, done, e)) return false;
    if (!fresh_init(&b->fresh, job->space, job->key, e)) return false;
    if (!sobol_init(&b->spread, n, random_mix(job->key, 1), e)) return false;
    b->nominal = calloc(n, sizeof *b->nominal);
    b->order = calloc(job->trials, sizeof *b->order);
    b->kept = calloc(job->trials, sizeof *b->kept);
    b->z = calloc(job->trials, sizeof *b->z);
    b->x = calloc(n, sizeof *b->x);
    b->u = calloc(n, sizeof *b->u);
    b->at = calloc(n, sizeof *b->at);
    b->from = calloc(n, sizeof *b->from);
    b->top_u = calloc(n, sizeof *b->top_u);
    b->top_at = calloc(n, sizeof *b->top_at);
    b->draws = calloc(2 * n + 2, sizeof *b->draws);
    if (!b->nominal || !b->order || !b->kept || !b->z || !b->x || !b->u || !b->at || !b->from ||
        !b->top_u || !b->top_at || !b->draws)
        return error_memory(e, job->trials * sizeof *b->z, "a search");
    for (size_t d = 0; d < n; d++)
        b->nominal[d] = job->space->dims[d].n > 0 && !job->space->dims[d].ordered;
    return gp_init(&b->gp, n_points, n, b->nominal, e);
}

static struct search *begin(const struct search_job *job, struct error *e) {
    struct bayes *b = calloc(1, sizeof *b);
    if (!b) {
        error_memory(e, sizeof *b, "a search");
        return NULL;
    }
    if (init(b, job, e)) return &b->base;
    search_end(&b->base);
    return NULL;
}

REGISTRY_ADD(search_method, bayes) = {
    .id = "bayes",
    .doc = "where a model of the scores expects most improvement",
    .judge = search_sound,
    .begin = begin,
};
