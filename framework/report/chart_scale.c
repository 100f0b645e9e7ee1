#include "report/chart_scale.h"

#include <math.h>
#include <string.h>

#include "report/wording.h"

static const double MINUTE = 60, HOUR = 3600, DAY = 86400;

static bool is_unit(const char *unit, const char *name) {
    return unit && strcmp(unit, name) == 0;
}

bool scale_takes(const struct chart_axis *axis, double value) {
    return isfinite(value) && fabs(value) < 1e280 && (!axis->is_log || value > 1e-280);
}

void extent_add(struct extent *x, const struct chart_axis *axis, double value) {
    if (!scale_takes(axis, value)) return;
    if (!(value >= x->low)) x->low = value;
    if (!(value <= x->high)) x->high = value;
}

// ---- Ticks
// ---------------------------------------------------------------------------------------

static void add_tick(struct scale *s, double value) {
    if (s->n_ticks < SCALE_TICKS && value >= s->low && value <= s->high)
        s->tick[s->n_ticks++] = value;
}

// The least of 1, 2, 5 times a power of ten that is at least `least`.
static double round_step(double least) {
    const double power = pow(10, floor(log10(least)));
    static const double of[] = {1, 2, 5};
    for (size_t k = 0; k < 3; k++)
        if (of[k] * power >= least * (1 - 1e-9)) return of[k] * power;
    return 10 * power;
}

// Steps of minutes, hours and days, and of bytes, are round in their own way.
static double unit_step(const char *unit, double least) {
    static const double times[] = {1, 2, 5, 10, 20, 30, 60, 120, 300, 600, 1200, 1800, 3600, 7200,
        10800, 21600, 43200, 86400, 172800, 432000, 864000};
    if (is_unit(unit, "s") && least > 1)
        for (size_t k = 0; k < sizeof times / sizeof *times; k++)
            if (times[k] >= least) return times[k];
    if (is_unit(unit, "bytes") && least > 1) return pow(2, ceil(log2(least)));
    return round_step(least);
}

static void ticks_linear(struct scale *s, size_t most) {
    // A few more than there is room for are better than half as many.
    const double step = unit_step(s->unit, .8 * (s->high - s->low) / (double)most);
    const double first = ceil(s->low / step - 1e-9);
    for (double k = 0; k < SCALE_TICKS && (first + k) * step <= s->high; k++) {
        const double value = (first + k) * step;
        add_tick(s, fabs(value) < step * 1e-6 ? 0 : value);
    }
    s->decimals = (int)ceil(-log10(step) - 1e-9);
}

// Powers of `base` whose exponents are multiples of a stride that leaves at most `most` of them.
static void ticks_powers(struct scale *s, double base, size_t most) {
    const int first = (int)ceil(log(s->low) / log(base) - 1e-9),
              last = (int)floor(log(s->high) / log(base) + 1e-9);
    int stride = 1;
    while (last - first >= (int)most * stride) stride = stride < 4 ? stride + 1 : stride * 2;
    for (int k = (int)ceil((double)first / stride) * stride; k <= last; k += stride)
        add_tick(s, pow(base, k));
}

static size_t powers_of_ten(const struct scale *s) {
    const double n = floor(log10(s->high) + 1e-9) - ceil(log10(s->low) - 1e-9) + 1;
    return n < 0 ? 0 : (size_t)n;
}

static void ticks_decades(struct scale *s, size_t most) {
    static const double within[] = {1, 2, 5};
    const int first = (int)floor(log10(s->low)), last = (int)ceil(log10(s->high));
    for (int k = first; k <= last; k++)
        for (size_t w = 0; w < 3; w++) add_tick(s, within[w] * pow(10, k));
    if (s->n_ticks <= most + 2) return;
    s->n_ticks = 0;
    ticks_powers(s, 10, most);
}

static void ticks_times(struct scale *s, size_t most) {
    const double chief[] = {
        1e-3, 1e-2, .1, 1, 10, MINUTE, 10 * MINUTE, HOUR, 10 * HOUR, 4 * DAY, 40 * DAY, 400 * DAY};
    const double all[] = {.001, .002, .005, .01, .02, .05, .1, .2, .5, 1, 2, 5, 10, 20, 30, 60, 120,
        300, 600, 1200, 1800, 3600, 7200, 18000, 36000, DAY, 2 * DAY, 4 * DAY};
    for (size_t k = 0; k < sizeof all / sizeof *all; k++) add_tick(s, all[k]);
    if (s->n_ticks > 1 && s->n_ticks <= most) return;
    s->n_ticks = 0;
    for (size_t k = 0; k < sizeof chief / sizeof *chief; k++) add_tick(s, chief[k]);
    if (s->n_ticks > 1) return;
    s->n_ticks = 0;
    ticks_decades(s, most);
}

static void ticks_log(struct scale *s, size_t most) {
    s->decimals = 0;
    if (is_unit(s->unit, "s"))
        ticks_times(s, most);
    else if (is_unit(s->unit, "bytes") && s->low >= 1)
        ticks_powers(s, 2, most);
    else if (powers_of_ten(s) > 3)
        ticks_powers(s, 10, most);
    else
        ticks_decades(s, most);
    if (s->n_ticks >= 2) return;
    s->n_ticks = 0; // less than a factor of two or so: the ticks of a linear axis
    ticks_linear(s, most);
}

// ---- Scales
// --------------------------------------------------------------------------------------

static void widen(struct scale *s, bool zero) {
    if (s->is_log) {
        double room = .04 * (log(s->high) - log(s->low));
        if (!(room > 1e-9)) room = log(2);
        s->low *= exp(-room);
        s->high *= exp(room);
        return;
    }
    double room = .04 * (s->high - s->low);
    const double size = fmax(fabs(s->low), fabs(s->high));
    if (!(s->high - s->low > 1e-9 * size)) room = size > 0 ? .05 * size : 1;
    if (!zero || s->low < 0) s->low -= room;
    if (!zero || s->high > 0 || size == 0) s->high += room;
}

void scale_make(struct scale *s, const struct chart_axis *axis, struct extent x, bool zero,
    double from, double to, size_t most) {
    *s = (struct scale){.low = x.low, .high = x.high, .from = from, .to = to};
    s->is_log = axis->is_log;
    s->unit = axis->unit;
    s->value_decimals = axis->decimals;
    if (isnan(x.low)) s->low = s->is_log ? 1 : 0, s->high = 1;
    if (zero && !s->is_log) s->low = fmin(s->low, 0), s->high = fmax(s->high, 0);
    widen(s, zero);
    if (most < 2) most = 2;
    if (most > SCALE_TICKS - 3) most = SCALE_TICKS - 3;
    if (isnan(x.low)) return; // no ticks
    if (s->is_log)
        ticks_log(s, most);
    else
        ticks_linear(s, most);
}

double scale_at(const struct scale *s, double value) {
    const double share = s->is_log ? (log(value) - log(s->low)) / (log(s->high) - log(s->low))
                                   : (value - s->low) / (s->high - s->low);
    return s->from + share * (s->to - s->from);
}

// ---- Labels
// --------------------------------------------------------------------------------------

static const char *plain(struct arena *a, double value, int decimals) {
    const double size = fabs(value);
    if (size >= 1e7 || decimals > 6) return arena_printf(a, "%.6g", value);
    if (size >= 1e3 && decimals <= 0)
        return arena_printf(
            a, "%s%s", value < 0 ? "-" : "", wording_count(a, (uint64_t)llround(size)));
    return wording_fixed(a, value, decimals < 0 ? 0 : decimals);
}

// Without the zeros behind a point; whole numbers in full.
static const char *shortest(struct arena *a, double value, int figures) {
    const double size = fabs(value);
    if (size >= 1e3 && size < 1e15 && value == floor(value))
        return arena_printf(
            a, "%s%s", value < 0 ? "-" : "", wording_count(a, (uint64_t)llround(size)));
    if (size >= 1e-4 && size < 1e4)
        return arena_printf(a, "%.*g", figures < 4 ? 4 : figures, value);
    return arena_printf(a, "%.*g", figures, value);
}

static const char *time_text(struct arena *a, double value, int figures) {
    if (value < MINUTE) return arena_printf(a, "%s s", shortest(a, value, figures));
    if (value < HOUR) return arena_printf(a, "%s min", shortest(a, value / MINUTE, figures));
    if (value < 2 * DAY) return arena_printf(a, "%s h", shortest(a, value / HOUR, figures));
    return arena_printf(a, "%s d", shortest(a, value / DAY, figures));
}

static const char *bytes_text(struct arena *a, double value, int figures) {
    static const char *const units[] = {"B", "KiB", "MiB", "GiB", "TiB"};
    size_t k = 0;
    for (; k < 4 && value >= 1024; k++) value /= 1024;
    return arena_printf(a, "%s %s", shortest(a, value, figures), units[k]);
}

const char *scale_tick(const struct scale *s, double value, struct arena *a) {
    if (is_unit(s->unit, "s")) return time_text(a, value, 3);
    if (is_unit(s->unit, "bytes")) return bytes_text(a, value, 4);
    if (is_unit(s->unit, "share")) {
        const int decimals = s->decimals - 2;
        if (s->is_log) return arena_printf(a, "%s %%", shortest(a, 100 * value, 3));
        return arena_printf(a, "%s %%", plain(a, 100 * value, decimals));
    }
    return s->is_log && s->decimals <= 0 ? shortest(a, value, 3) : plain(a, value, s->decimals);
}

const char *scale_value(const struct scale *s, double value, struct arena *a) {
    if (is_unit(s->unit, "s")) return time_text(a, value, 3);
    if (is_unit(s->unit, "bytes")) return bytes_text(a, value, 4);
    if (is_unit(s->unit, "share"))
        return arena_printf(a, "%.*f %%", s->decimals < 2 ? 1 : s->decimals - 1, 100 * value);
    if (s->value_decimals > 0) return plain(a, value, s->value_decimals);
    if (s->is_log || s->decimals < 1) return shortest(a, value, 5);
    return plain(a, value, s->decimals + 2);
}

const char *scale_short(const struct scale *s, double value, struct arena *a) {
    return s->unit ? scale_value(s, value, a) : shortest(a, value, 5);
}
