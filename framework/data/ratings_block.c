// ratings_block: the fast parser of rating rows.
#include <string.h>

#include "data/grow.h"
#include "data/ratings_own.h"

enum field_use { SKIP, USER, ITEM, RATING, TIME, FOLD };
enum { MAX_COLUMNS = 32 }; // of those that matter; files with later ones go the simple way

struct plan {
    uint8_t use[MAX_COLUMNS];
    int n; // columns up to the last that matters
    const char *delimiter;
    size_t delimiter_length;
    bool quoted, zero_time_unknown;
    bool user_closed, item_closed;
    struct ids *users, *items;
    float min, max;
};

struct row {
    uint32_t user, item, fold;
    float rating;
    int64_t time;
};

static const double power_of_ten[] = {1, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7};

static inline bool is_digit(char c) {
    return (unsigned char)(c - '0') < 10;
}

// A number that is its own key (ids.h).
static inline bool take_id(const char **at, uint32_t *out) {
    const char *p = *at;
    uint32_t number = 0;
    while (is_digit(*p) && p - *at < 9) number = 10 * number + (uint32_t)(*p++ - '0');
    if (p == *at || number >= IDS_DIRECT || (**at == '0' && p - *at > 1)) return false;
    *at = p;
    *out = number;
    return true;
}

// At most 7 digits, which a double divides exactly.
static inline bool take_rating(const char **at, float *out) {
    const char *p = *at;
    uint32_t mantissa = 0, n = 0, fraction = 0;
    for (; is_digit(*p); p++, n++)
        if (n < 8) mantissa = 10 * mantissa + (uint32_t)(*p - '0');
    if (*p == '.')
        for (p++; is_digit(*p); p++, n++, fraction++)
            if (n < 8) mantissa = 10 * mantissa + (uint32_t)(*p - '0');
    if (n == 0 || n > 7) return false;
    *out = (float)(mantissa / power_of_ten[fraction]);
    *at = p;
    return true;
}

static inline bool take_time(const char **at, int64_t *out) {
    const char *p = *at;
    uint64_t number = 0;
    while (is_digit(*p) && p - *at < 18) number = 10 * number + (uint64_t)(*p++ - '0');
    if (p == *at) return false;
    *at = p;
    *out = (int64_t)number;
    return true;
}

static inline bool take_fold(const char **at, uint32_t *out) {
    const char *p = *at;
    uint32_t number = 0;
    while (is_digit(*p) && p - *at < 9) number = 10 * number + (uint32_t)(*p++ - '0');
    if (p == *at) return false;
    *at = p;
    *out = number;
    return true;
}

static inline bool at_end(const char *p) {
    return *p == '\n' || (*p == '\r' && p[1] == '\n');
}

static inline bool at_delimiter(const char *p, const struct plan *plan, bool one_byte) {
    if (one_byte) return *p == *plan->delimiter;
    return memcmp(p, plan->delimiter, plan->delimiter_length) == 0;
}

// To the delimiter or the end of the line. False: there are quotes to be understood.
static inline bool skip_field(const char **at, const struct plan *plan, bool one_byte) {
    const char *p = *at;
    for (; *p != '\n' && !at_delimiter(p, plan, one_byte); p++)
        if (plan->quoted && *p == '"') return false;
    *at = p;
    return true;
}

// Fields up to the last that matters. The text ends with '\n' and 8 bytes more, so that no look
// ahead leaves it.
static inline bool take_row(
    const char *p, const char *line_end, const struct plan *plan, bool one_byte, struct row *row) {
    for (int k = 0; k < plan->n; k++) {
        bool ok = true;
        switch (plan->use[k]) {
        case USER:
            ok = take_id(&p, &row->user);
            break;
        case ITEM:
            ok = take_id(&p, &row->item);
            break;
        case RATING:
            ok = take_rating(&p, &row->rating);
            break;
        case TIME:
            ok = take_time(&p, &row->time);
            break;
        case FOLD:
            ok = take_fold(&p, &row->fold);
            break;
        default:
            ok = skip_field(&p, plan, one_byte);
        }
        if (!ok) return false;
        if (k + 1 < plan->n) {
            if (!at_delimiter(p, plan, one_byte)) return false;
            p += one_byte ? 1 : plan->delimiter_length;
        }
    }
    if (!at_end(p) && !at_delimiter(p, plan, one_byte)) return false;
    return !plan->quoted || at_end(p) || !memchr(p, '"', (size_t)(line_end - p));
}

static inline bool row_is_good(const struct row *row, const struct plan *plan) {
    return row->rating >= plan->min && row->rating <= plan->max &&
           (!plan->user_closed || ids_has_direct(plan->users, row->user)) &&
           (!plan->item_closed || ids_has_direct(plan->items, row->item));
}

static void reserve(struct block *b) {
    if (b->n < b->room) return;
    size_t room[5] = {b->room, b->room, b->room, b->room, b->room};
    const size_t need = b->room ? 2 * b->room : 16384;
    b->failed |= !grow_to(&b->user, &room[0], need, sizeof *b->user, "", NULL) ||
                 !grow_to(&b->item, &room[1], need, sizeof *b->item, "", NULL) ||
                 !grow_to(&b->fold, &room[2], need, sizeof *b->fold, "", NULL) ||
                 !grow_to(&b->rating, &room[3], need, sizeof *b->rating, "", NULL) ||
                 !grow_to(&b->time, &room[4], need, sizeof *b->time, "", NULL);
    if (!b->failed) b->room = need;
}

static void add_odd(struct block *b, const char *line, size_t length) {
    b->failed |= !grow_to(&b->odd, &b->odd_room, b->n_odd + 1, sizeof *b->odd, "", NULL);
    if (!b->failed)
        b->odd[b->n_odd++] = (struct odd_row){b->n, (uint32_t)(line - b->text), (uint32_t)length};
}

static void add_gap(struct block *b) {
    if (b->n_gaps && b->gaps[b->n_gaps - 1].row == b->n) {
        b->gaps[b->n_gaps - 1].lines++;
        return;
    }
    b->failed |= !grow_to(&b->gaps, &b->gaps_room, b->n_gaps + 1, sizeof *b->gaps, "", NULL);
    if (!b->failed) b->gaps[b->n_gaps++] = (struct chunk_gap){b->n, 1};
}

static inline void parse(struct block *b, const struct plan *plan, bool one_byte, bool simple) {
    const char *at = b->text, *end = at + b->length;
    struct row row = {.time = RK_NO_TIME};
    while (at < end && !b->failed) {
        const char *newline = memchr(at, '\n', (size_t)(end - at));
        size_t length = (size_t)(newline - at);
        b->n_lines++;
        if (length > 0 && at[length - 1] == '\r') length--;
        if (length == 0) {
            add_gap(b);
            at = newline + 1;
            continue;
        }
        if (b->n == b->room) reserve(b);
        if (b->failed) return;
        if (!simple && take_row(at, newline, plan, one_byte, &row) && row_is_good(&row, plan)) {
            if (!plan->user_closed) ids_add_direct(plan->users, row.user);
            if (!plan->item_closed) ids_add_direct(plan->items, row.item);
            b->user[b->n] = row.user;
            b->item[b->n] = row.item;
            b->rating[b->n] = row.rating;
            b->time[b->n] = plan->zero_time_unknown && row.time == 0 ? RK_NO_TIME : row.time;
            b->fold[b->n] = row.fold;
        } else {
            add_odd(b, at, length);
        }
        b->n++;
        at = newline + 1;
    }
}

static bool use_column(struct plan *p, int column, enum field_use use) {
    if (column >= MAX_COLUMNS) return false;
    if (column < 0) return true;
    if (p->use[column] != SKIP) return false; // two uses of one column
    p->use[column] = (uint8_t)use;
    if (column >= p->n) p->n = column + 1;
    return true;
}

void block_parse(struct block *b, const struct ratings_layout *l, struct ids ids[2],
    float rating_min, float rating_max) {
    struct plan p = {.delimiter = l->delimiter,
        .delimiter_length = strlen(l->delimiter),
        .quoted = l->quoted && strlen(l->delimiter) == 1,
        .zero_time_unknown = l->zero_time_unknown,
        .user_closed = ids[SIDE_USER].closed,
        .item_closed = ids[SIDE_ITEM].closed,
        .users = &ids[SIDE_USER],
        .items = &ids[SIDE_ITEM],
        .min = rating_min,
        .max = rating_max};
    const bool fast = use_column(&p, l->user, USER) && use_column(&p, l->item, ITEM) &&
                      use_column(&p, l->rating, RATING) && use_column(&p, l->time, TIME) &&
                      use_column(&p, l->fold, FOLD);
    b->n = b->n_lines = 0;
    b->n_odd = b->n_gaps = 0;
    if (!fast || l->simple)
        parse(b, &p, true, true);
    else if (p.delimiter_length == 1)
        parse(b, &p, true, false);
    else
        parse(b, &p, false, false);
}

void block_done(struct block *b) {
    free(b->user);
    free(b->item);
    free(b->fold);
    free(b->rating);
    free(b->time);
    free(b->odd);
    free(b->gaps);
    *b = (struct block){0};
}
