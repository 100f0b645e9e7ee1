// bmf_days.h - days as a third side: which ones there are, and which rating is of which.
#ifndef BMF_DAYS_H
#define BMF_DAYS_H

#include "common/state.h"
#include "reckon.h"

struct bmf_chain;

enum { BMF_MOST_DAYS = 16384 }; // nearly 45 years

// The days (UTC) that there are ratings of, ascending. Ratings whose time is not known are of a day
// of their own. One row more than days: for those that there are no ratings of.
struct bmf_calendar {
    uint32_t n;
    int64_t *number; // [n]; owned; days since 1970
};

// Those of the training fold and its slice. RK_E_MEMORY; RK_E_DATA if they are too many.
rk_status bmf_calendar_init(struct bmf_calendar *cal, const rk_data *data);
void bmf_calendar_done(struct bmf_calendar *cal);

static inline uint32_t bmf_calendar_rows(const struct bmf_calendar *cal) {
    return cal->n + 1;
}

// Rows of times: the last one for other days. bmf_calendar_of(): [pairs->n]; NULL: no memory.
uint32_t bmf_calendar_row(const struct bmf_calendar *cal, int64_t time);
uint32_t *bmf_calendar_of(const struct bmf_calendar *cal, const rk_pairs *pairs);

// Of a calendar with that many rows.
void bmf_calendar_fields(struct bmf_calendar *cal, struct state *s, uint32_t n_rows);

// What depends on which ratings there are. All is owned; n: ratings.
struct bmf_days {
    uint32_t *of[2];       // [n]; the row of each rating, by users and by items
    uint64_t *start;       // [rows + 1]; of a row's ratings in
    uint32_t *user, *item; // [n]
};

// Sets c->days, and the blocks' view of it, from c->ratings: the fold's, or with the slice. `data`
// has times. RK_E_MEMORY.
rk_status bmf_days_take(struct bmf_chain *c, const rk_data *data);
void bmf_days_done(struct bmf_days *d);

// Days' targets are the users' from then on. RK_E_MEMORY.
rk_status bmf_days_targets(struct bmf_chain *c);

#endif
