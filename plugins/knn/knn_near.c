#include "knn_near.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { STEPS = 100 };

// Of a row and another one, over their common raters.
struct sums {
    float product, own, other; // own, other: squares
    uint32_t n;
};

struct scratch {
    struct sums *sums; // [rows]; n is 0 but for those in `met`
    uint32_t *met;     // [rows]
};

struct search {
    const rk_csr *rows, *lines; // borrowed
    const struct knn_settings *settings;
    struct knn_neighbour *best; // [rows][most]; weight: s_ij, until a row is done
    uint32_t *n_best;           // [rows]
    struct scratch *scratch;    // [threads]
    size_t first;               // row of a step
};

// ---- The best few: a heap with the worst on top ------------------------------------------------

static bool is_worse(const struct knn_neighbour *a, const struct knn_neighbour *b) {
    return a->weight < b->weight || (a->weight == b->weight && a->row > b->row);
}

static void sift_down(struct knn_neighbour *heap, uint32_t n, uint32_t at) {
    const struct knn_neighbour moved = heap[at];
    for (uint32_t child; (child = 2 * at + 1) < n; at = child) {
        if (child + 1 < n && is_worse(&heap[child + 1], &heap[child])) child++;
        if (!is_worse(&heap[child], &moved)) break;
        heap[at] = heap[child];
    }
    heap[at] = moved;
}

static void sift_up(struct knn_neighbour *heap, uint32_t at) {
    const struct knn_neighbour moved = heap[at];
    for (; at > 0 && is_worse(&moved, &heap[(at - 1) / 2]); at = (at - 1) / 2)
        heap[at] = heap[(at - 1) / 2];
    heap[at] = moved;
}

static void keep(struct knn_neighbour *heap, uint32_t *n, uint32_t most, struct knn_neighbour x) {
    if (*n < most) {
        heap[*n] = x;
        sift_up(heap, (*n)++);
    } else if (is_worse(&heap[0], &x)) {
        heap[0] = x;
        sift_down(heap, *n, 0);
    }
}

// From a heap to falling order.
static void put_in_order(struct knn_neighbour *heap, uint32_t n) {
    while (n > 1) {
        const struct knn_neighbour worst = heap[0];
        heap[0] = heap[--n];
        sift_down(heap, n, 0);
        heap[n] = worst;
    }
}

// ---- Rows --------------------------------------------------------------------------------------

// Sums with each row that a rater of `row` has rated; returns how many rows those are.
static uint32_t add_up(const struct search *x, struct scratch *own, uint32_t row) {
    const rk_csr *lines = x->lines;
    uint32_t n_met = 0;
    for (uint64_t e = x->rows->start[row]; e < x->rows->start[row + 1]; e++) {
        const uint32_t rater = x->rows->col[e];
        const float a = x->rows->value[e];
        for (uint64_t f = lines->start[rater]; f < lines->start[rater + 1]; f++) {
            const float b = lines->value[f];
            struct sums *s = &own->sums[lines->col[f]];
            if (s->n++ == 0) own->met[n_met++] = lines->col[f];
            s->product += a * b;
            s->own += a * a;
            s->other += b * b;
        }
    }
    return n_met;
}

static float similarity(const struct sums *s, const struct knn_settings *settings) {
    if (s->n < settings->support || !(s->product > 0)) return 0;
    const double n = s->n;
    return (float)(n / (n + settings->shrinkage) * s->product /
                   sqrt((double)s->own * (double)s->other));
}

static void search_row(const struct search *x, struct scratch *own, uint32_t row) {
    const struct knn_settings *settings = x->settings;
    struct knn_neighbour *best = x->best + (size_t)row * settings->most;
    uint32_t n = 0;
    const uint32_t n_met = add_up(x, own, row);
    for (uint32_t k = 0; k < n_met; k++) {
        const uint32_t other = own->met[k];
        const float s = similarity(&own->sums[other], settings);
        own->sums[other] = (struct sums){0};
        if (s > 0 && other != row) keep(best, &n, settings->most, (struct knn_neighbour){other, s});
    }
    put_in_order(best, n);
    for (uint32_t k = 0; k < n; k++) best[k].weight = (float)pow(best[k].weight, settings->power);
    x->n_best[row] = n;
}

static rk_status search_rows(void *arg, uint32_t worker, size_t begin, size_t end) {
    const struct search *x = arg;
    for (size_t k = begin; k < end; k++)
        search_row(x, &x->scratch[worker], (uint32_t)(x->first + k));
    return RK_OK;
}

static uint32_t rows_a_step(uint32_t n_rows) {
    return (n_rows + STEPS - 1) / STEPS;
}

uint32_t knn_near_steps(uint32_t n_rows) {
    const uint32_t rows = rows_a_step(n_rows);
    return (n_rows + rows - 1) / rows;
}

static rk_status search_all(
    struct search *x, const rk_host *host, uint32_t n_rows, struct knn_steps *steps) {
    const uint32_t rows = rows_a_step(n_rows);
    for (x->first = 0; x->first < n_rows; x->first += rows) {
        const size_t n = n_rows - x->first < rows ? n_rows - x->first : rows;
        const rk_status status = host->parallel_for(host, n, 1, search_rows, x);
        if (status != RK_OK) return status;
        if (!host->progress(host, ++steps->done, steps->total, NAN)) return RK_CANCELLED;
    }
    return RK_OK;
}

// ---- The whole ---------------------------------------------------------------------------------

static bool search_start(struct search *x, uint32_t n_rows, uint32_t n_threads) {
    x->best = malloc((size_t)n_rows * x->settings->most * sizeof *x->best);
    x->n_best = calloc(n_rows, sizeof *x->n_best);
    x->scratch = calloc(n_threads, sizeof *x->scratch);
    if (!x->best || !x->n_best || !x->scratch) return false;
    for (uint32_t k = 0; k < n_threads; k++) {
        x->scratch[k].sums = calloc(n_rows, sizeof *x->scratch[k].sums);
        x->scratch[k].met = malloc(n_rows * sizeof *x->scratch[k].met);
        if (!x->scratch[k].sums || !x->scratch[k].met) return false;
    }
    return true;
}

static void search_done(struct search *x, uint32_t n_threads) {
    for (uint32_t k = 0; x->scratch && k < n_threads; k++) {
        free(x->scratch[k].sums);
        free(x->scratch[k].met);
    }
    free(x->scratch);
    free(x->n_best);
    free(x->best);
}

// Rows one behind the other, without the room that they left.
static bool pack(struct knn_near *near, struct search *x, uint32_t n_rows) {
    near->start = malloc(((size_t)n_rows + 1) * sizeof *near->start);
    if (!near->start) return false;
    uint64_t n = 0;
    for (uint32_t r = 0; r < n_rows; r++) {
        const struct knn_neighbour *best = x->best + (size_t)r * x->settings->most;
        near->start[r] = n;
        memmove(x->best + n, best, x->n_best[r] * sizeof *best);
        n += x->n_best[r];
    }
    near->start[n_rows] = n;
    struct knn_neighbour *smaller = realloc(x->best, (n ? n : 1) * sizeof *smaller);
    near->neighbour = smaller ? smaller : x->best;
    x->best = NULL;
    return true;
}

rk_status knn_near_init(struct knn_near *near, const rk_host *host, const rk_csr *rows,
    const rk_csr *lines, const struct knn_settings *settings, struct knn_steps *steps) {
    struct knn_settings mine = *settings;
    if (mine.most > rows->n_rows) mine.most = rows->n_rows;
    struct search x = {.rows = rows, .lines = lines, .settings = &mine};
    *near = (struct knn_near){0};
    rk_status status = RK_E_MEMORY;
    if (search_start(&x, rows->n_rows, host->n_threads))
        status = search_all(&x, host, rows->n_rows, steps);
    if (status == RK_OK && !pack(near, &x, rows->n_rows)) status = RK_E_MEMORY;
    search_done(&x, host->n_threads);
    return status;
}

rk_status knn_near_name(struct knn_near *near, uint32_t n_rows) {
    const uint64_t n = near->start[n_rows];
    if (n > KNN_MOST_NAMED) return RK_OK;
    near->named_start = calloc((size_t)n_rows + 1, sizeof *near->named_start);
    near->named = malloc((n ? n : 1) * sizeof *near->named);
    near->named_weight = malloc((n ? n : 1) * sizeof *near->named_weight);
    if (!near->named_start || !near->named || !near->named_weight) return RK_E_MEMORY;
    uint64_t *end = near->named_start; // shifted: end[r] begins at r's first place
    for (uint64_t k = 0; k < n; k++) end[near->neighbour[k].row]++;
    uint64_t before = 0;
    for (uint32_t r = 0; r <= n_rows; r++) {
        const uint64_t of_row = end[r];
        end[r] = before;
        before += of_row;
    }
    for (uint64_t k = 0; k < n; k++) {
        const uint64_t at = end[near->neighbour[k].row]++;
        near->named[at] = (uint32_t)k;
        near->named_weight[at] = near->neighbour[k].weight;
    }
    memmove(end + 1, end, n_rows * sizeof *end);
    end[0] = 0;
    return RK_OK;
}

uint64_t knn_near_bytes(uint64_t n_rows, uint64_t most, uint32_t n_threads) {
    const struct search *x = NULL;
    const struct scratch *own = NULL;
    const uint64_t n = n_rows * (most < n_rows ? most : n_rows);
    const uint64_t lists = n * sizeof *x->best + (n_rows + 1) * sizeof(uint64_t);
    const uint64_t search =
        n_rows * sizeof *x->n_best +
        n_threads * (sizeof *own + n_rows * (sizeof *own->sums + sizeof *own->met));
    const uint64_t named = n > KNN_MOST_NAMED ? 0
                                              : n * (sizeof(uint32_t) + sizeof(float)) +
                                                    (n_rows + 1) * sizeof(uint64_t);
    return lists + (search > named ? search : named);
}

void knn_near_done(struct knn_near *near) {
    free(near->start);
    free(near->neighbour);
    free(near->named_start);
    free(near->named);
    free(near->named_weight);
    *near = (struct knn_near){0};
}

void knn_near_fields(struct knn_near *near, struct state *s, uint32_t n_rows) {
    STATE_ARRAY(s, near->start, (uint64_t)n_rows + 1);
    bool ok = s->status == RK_OK && near->start[0] == 0;
    for (uint32_t r = 0; ok && r < n_rows; r++) ok = near->start[r] <= near->start[r + 1];
    state_judge(s, ok, "neighbours that begin behind their end");
    if (s->status != RK_OK) return;
    const uint64_t n = near->start[n_rows];
    STATE_ARRAY(s, near->neighbour, n);
    if (s->status != RK_OK) return;
    for (uint64_t k = 0; ok && k < n; k++)
        ok = near->neighbour[k].row < n_rows && near->neighbour[k].weight >= 0 &&
             near->neighbour[k].weight < INFINITY;
    state_judge(s, ok, "neighbours that are not there, or weigh less than nothing");
    if (s->loading && s->status == RK_OK) s->status = knn_near_name(near, n_rows);
}
