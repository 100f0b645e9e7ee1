#include "experiment/range.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { MOST_STEPS = 10000, WIDEST_LINEAR = 1000000 };

bool range_is_meant(const char *text) {
    return strcmp(text, "range") == 0 || strstr(text, "..") != NULL;
}

// The number that the `n` bytes at `text` are, blanks around it.
static bool read_number(const char *text, size_t n, double *out) {
    char word[64], *end;
    while (n && *text == ' ') text++, n--;
    while (n && text[n - 1] == ' ') n--;
    if (n == 0 || n >= sizeof word) return false;
    memcpy(word, text, n);
    word[n] = '\0';
    if (strspn(word, "0123456789+-.eE") != n) return false; // not "inf" or "0x10"
    *out = strtod(word, &end);
    return *end == '\0' && isfinite(*out);
}

// The words after the ends.
static bool read_words(const char *at, struct range *r, bool *has_scale, struct error *e) {
    bool has_steps = false;
    for (at += strspn(at, " "); *at; at += strspn(at, " ")) {
        const size_t n = strcspn(at, " ");
        const bool is_log = n == 3 && strncmp(at, "log", n) == 0;
        double steps;
        if ((is_log || (n == 6 && strncmp(at, "linear", n) == 0)) && !*has_scale) {
            r->log = is_log;
            *has_scale = true;
        } else if (read_number(at, n, &steps) && !has_steps) {
            if (steps < 2 || steps > MOST_STEPS || steps != floor(steps))
                return error_set(
                    e, "a grid takes 2 to %d points of a range, not %.*s", MOST_STEPS, (int)n, at);
            r->steps = (uint32_t)steps;
            has_steps = true;
        } else {
            return error_set(e,
                "\"%.*s\" cannot stand here; after the ends of a range come log or linear, and how "
                "many points a grid takes of it, as in \"8..64 log 5\"",
                (int)n, at);
        }
        at += n;
    }
    return true;
}

static bool read_whole(const struct schema_param *p, struct range *r, struct error *e) {
    *r = (struct range){p->min, p->max, p->role == RK_LOG, 0};
    if (isfinite(p->min) && isfinite(p->max) && p->min < p->max &&
        (r->log || p->max - p->min <= WIDEST_LINEAR))
        return true;
    return error_set(e,
        "\"range\" is all of the parameter's own, and %g to %g is too wide to be searched; write a "
        "part of it, as in \"1..10\"",
        p->min, p->max);
}

static bool check_ends(const struct schema_param *p, const struct range *r, struct error *e) {
    const double *ends[] = {&r->low, &r->high};
    for (int k = 0; k < 2; k++) {
        if (p->type == RK_TYPE_INT && *ends[k] != floor(*ends[k]))
            return error_set(e, "%s takes whole numbers, and %.15g is none", p->name, *ends[k]);
        if (*ends[k] < p->min || *ends[k] > p->max)
            return error_set(
                e, "%.15g is outside of its range, %.15g to %.15g", *ends[k], p->min, p->max);
    }
    if (!(r->low < r->high))
        return error_set(
            e, "a range goes from low to high, not from %.15g to %.15g", r->low, r->high);
    if (r->log && r->low <= 0)
        return error_set(e,
            "a range on a log scale begins above 0, not at %.15g; raise its low end, or write "
            "linear",
            r->low);
    if (p->type == RK_TYPE_INT && r->steps > r->high - r->low + 1)
        return error_set(e, "there are %.15g whole numbers in it, not %u", r->high - r->low + 1,
            (unsigned)r->steps);
    return true;
}

bool range_read(
    const char *text, const struct schema_param *p, struct range *out, struct error *e) {
    *out = (struct range){0};
    if (p->type != RK_TYPE_INT && p->type != RK_TYPE_REAL)
        return error_set(e, "%s is no number, and has no range; write a list of its values%s",
            p->name, p->type == RK_TYPE_INTS ? ", ([64], [64, 32])" : ", or \"any\"");
    if (strcmp(text, "range") == 0) return read_whole(p, out, e);
    const char *dots = strstr(text, "..");
    const char *high = dots ? dots + 2 + strspn(dots + 2, " ") : text;
    const size_t n = strcspn(high, " ");
    if (!dots || !read_number(text, (size_t)(dots - text), &out->low) ||
        !read_number(high, n, &out->high))
        return error_set(e, "\"%s\" is no range; it is low..high, as in \"1e-3..1 log\"", text);
    bool has_scale = false;
    if (!read_words(high + n, out, &has_scale, e)) return false;
    if (!has_scale) out->log = p->role == RK_LOG;
    return check_ends(p, out, e);
}

const char *range_describe(const struct range *r, struct arena *arena) {
    const char *ends = arena_printf(arena, "%.15g..%.15g", r->low, r->high);
    const char *points = r->steps ? arena_printf(arena, "%u points", (unsigned)r->steps) : "";
    if (!r->log && !r->steps) return ends;
    return arena_printf(
        arena, "%s (%s%s%s)", ends, r->log ? "log" : "", r->log && r->steps ? ", " : "", points);
}
