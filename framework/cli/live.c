// A terminal that becomes narrower folds the lines that stand on it, or cuts them. What was drawn
// is therefore measured again at the present width before it is drawn over.
#include "cli/live.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <time.h>
#include <unistd.h>

#include "cli/setup.h"
#include "core/log.h"
#include "report/wording.h"

enum { MOST_LINES = 64, LINE_BYTES = 1024 };

static struct {
    bool on, colour, shown;
    double drawn;                      // seconds of the monotonic clock
    char line[MOST_LINES][LINE_BYTES]; // as they were asked for
    size_t n, green;
    size_t columns[MOST_LINES]; // [n_drawn]: width of each line that stands there
    size_t n_drawn;
} live;

static double now(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

static void measure(size_t *width, size_t *height) {
    struct winsize size = {0};
    const bool known = ioctl(STDERR_FILENO, TIOCGWINSZ, &size) == 0;
    *width = known && size.ws_col ? size.ws_col : 80;
    *height = known && size.ws_row ? size.ws_row : 24;
}

// Bytes of the beginning of `text` that fit into so many columns.
static size_t cut(const char *text, size_t columns) {
    char part[LINE_BYTES];
    size_t n = strlen(text);
    if (n >= sizeof part) n = sizeof part - 1;
    memcpy(part, text, n);
    part[n] = '\0';
    while (n > 0 && wording_width(part) > columns) {
        do n--;
        while (n > 0 && ((unsigned char)part[n] & 0xc0) == 0x80);
        part[n] = '\0';
    }
    return n;
}

// To the first column of the first of the lines that stand there.
static void go_up(FILE *out, size_t width) {
    size_t rows = 0;
    for (size_t k = 0; k < live.n_drawn; k++)
        rows += live.columns[k] > width ? (live.columns[k] + width - 1) / width : 1;
    fputc('\r', out);
    if (rows > 1) fprintf(out, "\033[%zuA", rows - 1);
}

static void put_line(FILE *out, size_t k, const char *text, size_t width) {
    // The last column stays free: a terminal may wrap as soon as it is filled.
    const size_t bytes = cut(text, width > 1 ? width - 1 : 1);
    const size_t green = k == 0 && live.colour ? (live.green < bytes ? live.green : bytes) : 0;
    char shown[LINE_BYTES];
    snprintf(shown, sizeof shown, "%.*s", (int)bytes, text);
    if (k) fputc('\n', out);
    if (green) fprintf(out, "\033[32m%.*s\033[0m", (int)green, shown);
    fprintf(out, "%s\033[K", shown + green);
    live.columns[k] = wording_width(shown);
}

static void write_all(char *bytes, size_t n) {
    for (size_t at = 0; at < n;) {
        const ssize_t got = write(STDERR_FILENO, bytes + at, n - at);
        if (got <= 0) break; // the terminal has gone
        at += (size_t)got;
    }
    free(bytes);
}

static void draw(void) {
    char *bytes = NULL, rest[64];
    size_t n_bytes = 0, width, height;
    FILE *out = open_memstream(&bytes, &n_bytes);
    if (!out) return;
    measure(&width, &height);
    if (live.shown) go_up(out, width);
    const size_t room = height > 1 ? height - 1 : 1;
    const size_t n = live.n < room ? live.n : room;
    for (size_t k = 0; k < n; k++) {
        const bool counts = k > 0 && k + 1 == n && n < live.n;
        snprintf(rest, sizeof rest, "  and %zu more", live.n - k);
        put_line(out, k, counts ? rest : live.line[k], width);
    }
    live.n_drawn = n;
    fputs("\033[J", out);
    if (fclose(out) == 0) write_all(bytes, n_bytes);
    live.shown = true;
    live.drawn = now();
}

static void clear(void) {
    char *bytes = NULL;
    size_t n_bytes = 0, width, height;
    FILE *out = live.shown ? open_memstream(&bytes, &n_bytes) : NULL;
    if (!out) return;
    measure(&width, &height);
    go_up(out, width);
    fputs("\033[J", out);
    if (fclose(out) == 0) write_all(bytes, n_bytes);
    live.shown = false;
}

static void redraw(void) {
    if (live.on && live.n) draw();
}

bool live_begin(void) {
    const char *term = getenv("TERM");
    memset(&live, 0, sizeof live);
    live.on = isatty(STDERR_FILENO) && term && *term && strcmp(term, "dumb");
    live.colour = setup_colour(stderr);
    if (live.on) log_set_hooks(clear, redraw);
    return live.on;
}

bool live_is_due(void) {
    return live.on && (!live.shown || now() - live.drawn >= 0.1);
}

void live_draw(const char *const *lines, size_t n, size_t green) {
    if (!live.on) return;
    live.n = n < MOST_LINES ? n : MOST_LINES;
    live.green = green;
    for (size_t k = 0; k < live.n; k++) snprintf(live.line[k], LINE_BYTES, "%s", lines[k]);
    draw();
}

void live_end(void) {
    if (!live.on) return;
    clear();
    log_set_hooks(NULL, NULL);
    live.on = false;
}
