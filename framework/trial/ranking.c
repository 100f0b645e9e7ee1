#include "trial/ranking.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "core/random.h"

enum { USERS_AT_ONCE = 512 }; // between two words to progress()

// A test row's item.
struct key {
    float answer;
    uint32_t row;
    uint64_t tie;
};

// What one thread works with.
struct room {
    uint32_t *users; // [n_items]; owned
    int64_t *time;   // [n_items]; owned; or NULL
    float *answer;   // [n_items]; owned
    struct key *key; // [most rows of a user]; owned
    size_t *count;   // [most rows of a user]; owned
    // Its first failure; "" if there is none.
    size_t at; // of users
    struct error error;
};

struct ranking_work {
    const struct ranking *r;
    uint32_t *rank;
    uint32_t *items; // [n_items]; owned: 0, 1, ...
    uint32_t *row;   // [pairs->n]; owned: test rows by user
    size_t *end;     // [n_users + 1]; owned: end[u] of user u's rows, which follow those of u - 1
    uint32_t *user;  // [n_asked]; owned: those with test rows, ascending
    size_t n_asked;
    size_t most;       // rows of a user
    size_t from;       // of the users at hand
    struct room *room; // [n_threads]; owned
    uint32_t n_threads;
};

// ---- Room --------------------------------------------------------------------------------------

static size_t most_rows(const struct ranking *r) {
    size_t most = 0;
    size_t *n = calloc((size_t)r->train->n_users + 1, sizeof *n);
    for (size_t k = 0; n && k < r->pairs->n; k++)
        if (++n[r->pairs->users[k]] > most) most = n[r->pairs->users[k]];
    free(n);
    return most;
}

static size_t bytes_of(const struct ranking *r, size_t most, uint32_t n_threads) {
    const size_t item = 4 + sizeof(float) + (r->pairs->time ? sizeof(int64_t) : 0);
    const size_t row = sizeof(struct key) + sizeof(size_t);
    const size_t n_items = r->train->n_items, n_users = r->train->n_users;
    return n_threads * (item * n_items + row * most) + 4 * (n_items + r->pairs->n) +
           (4 + sizeof(size_t)) * n_users;
}

size_t ranking_bytes(const struct ranking *r, uint32_t n_threads) {
    return bytes_of(r, most_rows(r), n_threads);
}

static bool room_init(struct room *m, const struct ranking *r, size_t most) {
    const size_t n = (size_t)r->train->n_items + 1;
    m->users = malloc(n * sizeof *m->users);
    m->time = r->pairs->time ? malloc(n * sizeof *m->time) : NULL;
    m->answer = malloc(n * sizeof *m->answer);
    m->key = malloc((most + 1) * sizeof *m->key);
    m->count = malloc((most + 1) * sizeof *m->count);
    return m->users && (m->time || !r->pairs->time) && m->answer && m->key && m->count;
}

static void work_done(struct ranking_work *w) {
    for (uint32_t k = 0; w->room && k < w->n_threads; k++) {
        free(w->room[k].users);
        free(w->room[k].time);
        free(w->room[k].answer);
        free(w->room[k].key);
        free(w->room[k].count);
    }
    free(w->room);
    free(w->items);
    free(w->row);
    free(w->end);
    free(w->user);
}

// Rows by user, in their own order.
static void sort_rows(struct ranking_work *w) {
    const rk_pairs *p = w->r->pairs;
    const uint32_t n_users = w->r->train->n_users;
    for (size_t k = 0; k < p->n; k++) w->end[p->users[k] + 1]++;
    for (uint32_t u = 0; u < n_users; u++) {
        const size_t n = w->end[u + 1];
        if (n > w->most) w->most = n;
        if (n > 0) w->user[w->n_asked++] = u;
        w->end[u + 1] += w->end[u];
    }
    for (size_t k = 0; k < p->n; k++) w->row[w->end[p->users[k]]++] = (uint32_t)k;
}

static bool work_init(struct ranking_work *w, struct error *e) {
    const struct ranking *r = w->r;
    const size_t n_items = r->train->n_items, n_users = r->train->n_users;
    w->items = malloc((n_items + 1) * sizeof *w->items);
    w->row = malloc((r->pairs->n + 1) * sizeof *w->row);
    w->end = calloc(n_users + 1, sizeof *w->end);
    w->user = malloc((n_users + 1) * sizeof *w->user);
    w->room = calloc(w->n_threads, sizeof *w->room);
    bool ok = w->items && w->row && w->end && w->user && w->room;
    if (ok) sort_rows(w);
    for (uint32_t k = 0; ok && k < w->n_threads; k++) ok = room_init(&w->room[k], r, w->most);
    if (!ok) return error_memory(e, bytes_of(r, w->most, w->n_threads), "ranking the catalogue");
    for (uint32_t i = 0; i < n_items; i++) w->items[i] = i;
    return true;
}

// ---- One user ----------------------------------------------------------------------------------

static int compare_times(const void *left, const void *right) {
    const int64_t a = *(const int64_t *)left, b = *(const int64_t *)right;
    return (a > b) - (a < b);
}

// The lower median of the known ones of `rows`; `at` is written over.
static int64_t median_time(const int64_t *time, const uint32_t *rows, size_t n, int64_t *at) {
    size_t known = 0;
    for (size_t k = 0; k < n; k++)
        if (time[rows[k]] != RK_NO_TIME) at[known++] = time[rows[k]];
    if (known == 0) return RK_NO_TIME;
    qsort(at, known, sizeof *at, compare_times);
    return at[(known - 1) / 2];
}

// Answers to the whole catalogue, none of them open; below all others where the item is not a
// candidate.
static bool answer_catalogue(const struct ranking_work *w, struct room *m, uint32_t user,
    const uint32_t *rows, size_t n_rows, struct error *e) {
    const struct ranking *r = w->r;
    const uint32_t n = r->train->n_items;
    for (uint32_t i = 0; i < n; i++) m->users[i] = user;
    if (m->time) {
        const int64_t time = median_time(r->pairs->time, rows, n_rows, (int64_t *)(void *)m->key);
        for (uint32_t i = 0; i < n; i++) m->time[i] = time;
    }
    const rk_pairs all = {
        .size = sizeof all, .n = n, .users = m->users, .items = w->items, .time = m->time};
    if (!r->answer(r->arg, &all, m->answer, e)) return false;
    for (uint32_t i = 0; i < n; i++)
        if (isnan(m->answer[i])) m->answer[i] = fallback_answer(r->fallback, user, i);
    const rk_csr *rated = &r->train->by_user;
    for (uint64_t k = rated->start[user]; k < rated->start[user + 1]; k++)
        m->answer[rated->col[k]] = -INFINITY;
    return true;
}

// Highest answer first, then lowest tie hash.
static int compare_keys(const void *left, const void *right) {
    const struct key *a = left, *b = right;
    if (a->answer != b->answer) return a->answer > b->answer ? -1 : 1;
    if (a->tie != b->tie) return a->tie < b->tie ? -1 : 1;
    return (a->row > b->row) - (a->row < b->row);
}

// Of n keys, the number that a candidate with this answer does not come before, whatever its hash.
static size_t before_answer(const struct key *key, size_t n, float answer) {
    size_t low = 0;
    while (n > 0) {
        const size_t half = n / 2;
        const bool above = key[low + half].answer > answer;
        low += above ? half + 1 : 0;
        n = above ? n - half - 1 : half;
    }
    return low;
}

// Of keys with the candidate's own answer, from `low`, those that its hash does not come before
// are passed, too.
static size_t before_tie(const struct key *key, size_t low, size_t n, float answer, uint64_t tie) {
    size_t high = n;
    while (low < high) {
        const size_t middle = low + (high - low) / 2;
        if (key[middle].answer == answer && key[middle].tie <= tie)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

// Each candidate moves the keys back that it comes before: it is counted at the first of them.
static void count_candidates(
    const struct ranking *r, const struct room *m, uint64_t user_tie, size_t n) {
    const struct key *key = m->key;
    const float least = key[n - 1].answer;
    memset(m->count, 0, n * sizeof *m->count);
    for (uint32_t i = 0; i < r->train->n_items; i++) {
        const float answer = m->answer[i];
        if (answer < least) continue;
        size_t at = before_answer(key, n, answer);
        if (at < n && key[at].answer == answer)
            at = before_tie(key, at, n, answer, random_mix(user_tie, r->item_tie[i]));
        if (at < n) m->count[at]++;
    }
}

static bool rank_user(const struct ranking_work *w, struct room *m, uint32_t user) {
    const struct ranking *r = w->r;
    const size_t from = user ? w->end[user - 1] : 0, n = w->end[user] - from;
    const uint32_t *rows = w->row + from;
    if (!answer_catalogue(w, m, user, rows, n, &m->error)) return false;
    for (size_t k = 0; k < n; k++) {
        const uint32_t item = r->pairs->items[rows[k]];
        const uint64_t tie = random_mix(r->user_tie[user], r->item_tie[item]);
        m->key[k] = (struct key){m->answer[item], rows[k], tie};
    }
    qsort(m->key, n, sizeof *m->key, compare_keys);
    count_candidates(r, m, r->user_tie[user], n);
    size_t before = 0;
    for (size_t k = 0; k < n; k++) {
        before += m->count[k];
        w->rank[m->key[k].row] = (uint32_t)before + 1;
    }
    return true;
}

// ---- All users ---------------------------------------------------------------------------------

static rk_status rank_piece(void *arg, uint32_t worker, size_t begin, size_t end) {
    const struct ranking_work *w = arg;
    struct room *m = &w->room[worker];
    for (size_t k = begin; k < end; k++) {
        m->at = w->from + k;
        if (!rank_user(w, m, w->user[m->at])) return RK_E_NUMERIC;
    }
    return RK_OK;
}

// The message is that of the lowest user who fails, so that it does not depend on threads.
static bool tell_lowest(const struct ranking_work *w, struct error *e) {
    const struct room *lowest = NULL;
    for (uint32_t k = 0; k < w->n_threads; k++)
        if (w->room[k].error.text[0] && (!lowest || w->room[k].at < lowest->at))
            lowest = &w->room[k];
    return lowest && error_set(e, "%s", lowest->error.text);
}

bool ranking_make(const struct ranking *r, const rk_host *host, uint32_t *rank, struct error *e) {
    struct ranking_work w = {.r = r, .rank = rank, .n_threads = host->n_threads};
    bool ok = work_init(&w, e);
    for (w.from = 0; ok && w.from < w.n_asked; w.from += USERS_AT_ONCE) {
        const size_t left = w.n_asked - w.from;
        const size_t n = left < USERS_AT_ONCE ? left : USERS_AT_ONCE;
        ok = host->parallel_for(host, n, 1, rank_piece, &w) == RK_OK;
        if (!ok) tell_lowest(&w, e);
        ok = ok && host->progress(host, (uint32_t)(w.from + n), (uint32_t)w.n_asked, (double)NAN);
    }
    work_done(&w);
    return ok;
}

// ---- A trial's model ---------------------------------------------------------------------------

static bool answer_by_model(void *arg, const rk_pairs *pairs, float *out, struct error *e) {
    return model_predict(arg, pairs, out, e);
}

bool ranking_by_model(struct model *m, const struct image *image, const rk_pairs *pairs,
    const rk_data *train, uint32_t *rank, struct error *e) {
    struct fallback fallback;
    if (!fallback_init(&fallback, train, e)) return false;
    const struct ranking r = {.pairs = pairs,
        .train = train,
        .fallback = &fallback,
        .user_tie = image_find(image, "user_tie", NULL),
        .item_tie = image_find(image, "item_tie", NULL),
        .answer = answer_by_model,
        .arg = m};
    const bool ok = ranking_make(&r, &m->host->api, rank, e);
    fallback_done(&fallback);
    return ok;
}
