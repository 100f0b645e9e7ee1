// Ratings by time: days, months or years, as the span has it (UTC).
#include <stdio.h>

#include "describe/making.h"

enum { DAY = 86400, MOST_DAYS = 62, MOST_MONTHS = 62, MOST_YEARS = 500 };

static int64_t day_of(int64_t time) {
    return time / DAY - (time % DAY < 0);
}

// Howard Hinnant, "chrono-compatible low-level date algorithms", civil_from_days: years begin in
// March, eras have 400 years and 146097 days.
void describe_date(int64_t time, int64_t *year, int *month, int *day) {
    const int64_t z = day_of(time) + 719468, era = (z >= 0 ? z : z - 146096) / 146097;
    const int64_t of_era = z - era * 146097;
    const int64_t y = (of_era - of_era / 1460 + of_era / 36524 - of_era / 146096) / 365;
    const int64_t of_year = of_era - (365 * y + y / 4 - y / 100), mp = (5 * of_year + 2) / 153;
    *day = (int)(of_year - (153 * mp + 2) / 5) + 1;
    *month = (int)(mp < 10 ? mp + 3 : mp - 9);
    *year = y + era * 400 + (*month <= 2);
}

enum unit { BY_DAY, BY_MONTH, BY_YEAR };

// Days, months or years since year 0, to be told apart.
static int64_t number_of(enum unit unit, int64_t day, char name[32]) {
    int64_t year;
    int month, of_month;
    describe_date(day * DAY, &year, &month, &of_month);
    if (unit == BY_DAY)
        snprintf(name, 32, "%04lld-%02d-%02d", (long long)year, month, of_month);
    else if (unit == BY_MONTH)
        snprintf(name, 32, "%04lld-%02d", (long long)year, month);
    else
        snprintf(name, 32, "%04lld", (long long)year);
    return unit == BY_DAY ? day : unit == BY_MONTH ? 12 * year + month : year;
}

bool times_make(struct making *m, struct error *e) {
    static const char *const title[] = {"day", "month", "year of rating"};
    struct describe *d = m->d;
    if (d->first == RK_NO_TIME) return true;
    // (Times beyond this are no dates that anyone means; the last one overflows nothing.)
    const int64_t limit = (int64_t)1 << 40;
    if (d->first < -limit || d->last > limit ||
        d->last - d->first > (int64_t)MOST_YEARS * 366 * DAY)
        return true;
    char name[32];
    const int64_t from = day_of(d->first), days = day_of(d->last) - from + 1;
    const int64_t months =
        number_of(BY_MONTH, from + days - 1, name) - number_of(BY_MONTH, from, name) + 1;
    const enum unit unit = days <= MOST_DAYS ? BY_DAY : months <= MOST_MONTHS ? BY_MONTH : BY_YEAR;
    const int64_t first = number_of(unit, from, name);
    const size_t n = (size_t)(number_of(unit, from + days - 1, name) - first + 1);
    uint32_t *bucket = making_take(m, (size_t)days, sizeof *bucket, "days", e);
    struct describe_class *at = bucket ? making_keep(m, n, sizeof *at, "times", e) : NULL;
    if (!at) return false;
    for (int64_t k = 0; k < days; k++) {
        const uint32_t c = bucket[k] = (uint32_t)(number_of(unit, from + k, name) - first);
        if (!at[c].name) at[c] = (struct describe_class){.name = arena_text(m->arena, name)};
    }
    m->first_day = from;
    m->bucket = bucket;
    m->times = &d->classes[d->n_classes++];
    *m->times = (struct describe_classes){
        .title = title[unit], .of = "time", .at = at, .n = n, .side = DESCRIBE_RATINGS};
    return true;
}
