#include "support/drawing.h"

#include <math.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "report/svg.h"

enum { DEPTH = 16, TEXTS = 4000, LONG = 16384 };

struct box {
    double left, right, top, bottom;
};

static struct {
    char fault[600];
    char open[DEPTH][16]; // names of elements
    size_t depth, n_texts, n_marks;
    double width, height;
    struct box texts[TEXTS];
    char shown[TEXTS][40];
} d;

static bool fault(const char *format, ...) __attribute__((format(printf, 1, 2)));
static bool fault(const char *format, ...) {
    va_list args;
    va_start(args, format);
    vsnprintf(d.fault, sizeof d.fault, format, args);
    va_end(args);
    return false;
}

// The value of an attribute in the tag text; false: it has none.
static bool attribute(const char *tag, const char *name, char value[LONG]) {
    char key[40];
    const size_t n = (size_t)snprintf(key, sizeof key, " %s=\"", name);
    const char *at = strstr(tag, key);
    if (!at) return false;
    const size_t length = strcspn(at + n, "\"");
    snprintf(value, LONG, "%.*s", (int)length, at + n);
    return true;
}

static bool in_box(const char *tag, double x, double y) {
    if (isfinite(x) && isfinite(y) && x >= -.01 && x <= d.width + .01 && y >= -.01 &&
        y <= d.height + .01)
        return true;
    return fault("outside of %g x %g: %.200s", d.width, d.height, tag);
}

// A number of at most two decimals and nothing else.
static bool number(const char *tag, const char *name, double *value) {
    static char text[LONG];
    char *end;
    if (!attribute(tag, name, text)) return fault("no %s in %.200s", name, tag);
    *value = strtod(text, &end);
    if (*end || end == text || strspn(text, "-0123456789.") != strlen(text))
        return fault("%s is no number in %.200s", name, tag);
    const char *point = strchr(text, '.');
    return !point || strlen(point) <= 3 || fault("%s has many decimals in %.200s", name, tag);
}

static bool points(const char *tag) {
    const char *at = strstr(tag, " points=\"");
    if (!at) return fault("no points in %.200s", tag);
    at += 9;
    for (char *end; *at != '"'; at = end) {
        const double x = strtod(at, &end);
        if (end == at || *end != ',') return fault("bad points in %.200s", tag);
        const double y = strtod(at = end + 1, &end);
        if (end == at || !in_box(tag, x, y)) return false;
        if (*end == ' ') end++;
    }
    return true;
}

static bool judge_text(const char *tag, const char *shown) {
    static char value[LONG];
    const bool strong = attribute(tag, "class", value) && strstr(value, " b");
    // Undo the entities: none is longer than what it stands for.
    char plain[1024];
    size_t n = 0;
    for (const char *c = shown; *c && n + 1 < sizeof plain; n++) {
        static const char *const names[] = {"&amp;", "&lt;", "&gt;", "&quot;", "&#39;"};
        plain[n] = *c;
        size_t step = 1;
        for (size_t k = 0; k < 5; k++)
            if (strncmp(c, names[k], strlen(names[k])) == 0)
                plain[n] = "&<>\"'"[k], step = strlen(names[k]);
        c += step;
    }
    plain[n] = '\0';
    const double width = strong ? svg_width_strong(plain) : svg_width(plain);
    struct box b;
    double x, y;
    if (attribute(tag, "transform", value)) {
        if (sscanf(value, "translate(%lf %lf) rotate(-90)", &x, &y) != 2)
            return fault("unknown transform in %.200s", tag);
        b = (struct box){x - 11, x + 3, y - width, y};
    } else {
        if (!number(tag, "x", &x) || !number(tag, "y", &y)) return false;
        const bool set = attribute(tag, "text-anchor", value);
        const double before = !set ? 0 : strcmp(value, "middle") == 0 ? width / 2 : width;
        b = (struct box){x - before, x - before + width, y - 11, y + 3};
    }
    if (!in_box(shown, b.left, b.top) || !in_box(shown, b.right, b.bottom)) return false;
    for (size_t k = 0; k < d.n_texts && *plain; k++)
        if (b.left < d.texts[k].right && b.right > d.texts[k].left && b.top < d.texts[k].bottom &&
            b.bottom > d.texts[k].top)
            return fault("\"%s\" lies over \"%s\"", plain, d.shown[k]);
    if (d.n_texts == TEXTS) return fault("more than %d texts", TEXTS);
    snprintf(d.shown[d.n_texts], sizeof d.shown[0], "%s", plain);
    d.texts[d.n_texts++] = b;
    return true;
}

static bool judge_tag(const char *name, const char *tag) {
    double a = 0, b = 0, c = 0, e = 0;
    if (strcmp(name, "polygon") == 0 || strcmp(name, "polyline") == 0) {
        d.n_marks++;
        return points(tag);
    }
    if (strcmp(name, "line") == 0)
        return number(tag, "x1", &a) && number(tag, "y1", &b) && number(tag, "x2", &c) &&
               number(tag, "y2", &e) && in_box(tag, a, b) && in_box(tag, c, e);
    if (strcmp(name, "rect") == 0) {
        d.n_marks++;
        return number(tag, "x", &a) && number(tag, "y", &b) && number(tag, "width", &c) &&
               number(tag, "height", &e) && c >= 0 && e >= 0 && in_box(tag, a, b) &&
               in_box(tag, a + c, b + e);
    }
    if (strcmp(name, "circle") == 0) {
        d.n_marks++;
        return number(tag, "cx", &a) && number(tag, "cy", &b) && number(tag, "r", &c) &&
               in_box(tag, a - c, b - c) && in_box(tag, a + c, b + c);
    }
    return true;
}

static bool judge_begin(const char *tag) {
    static char value[LONG];
    if (!attribute(tag, "viewBox", value) ||
        sscanf(value, "0 0 %lf %lf", &d.width, &d.height) != 2 || !(d.width >= 300) ||
        !(d.height >= 10))
        return fault("no view: %.200s", tag);
    if (!attribute(tag, "role", value) || strcmp(value, "img") != 0)
        return fault("no role: %.200s", tag);
    if (attribute(tag, "aria-label", value)) return true;
    return attribute(tag, "aria-labelledby", value) || fault("no label: %.200s", tag);
}

// Text between tags: nothing that would be one, and entities alone behind an ampersand.
static bool judge_content(const char *text, size_t n) {
    for (size_t k = 0; k < n; k++) {
        if ((unsigned char)text[k] < 32 && text[k] != '\n')
            return fault("a control character in \"%.*s\"", (int)n, text);
        if (text[k] == '>') return fault("a bare > in \"%.*s\"", (int)n, text);
        if (text[k] == '&' && strcspn(text + k, ";") > 6)
            return fault("a bare & in \"%.*s\"", (int)n, text);
    }
    return true;
}

static bool close_tag(const char *name) {
    if (d.depth == 0 || strcmp(d.open[d.depth - 1], name) != 0)
        return fault("</%s> closes <%s>", name, d.depth ? d.open[d.depth - 1] : "");
    d.depth--;
    return true;
}

// The visible text of a <text>, behind its tooltip.
static void shown_of(const char *at, char shown[1024]) {
    if (strncmp(at, "<title>", 7) == 0) at = strstr(at, "</title>") + 8;
    snprintf(shown, 1024, "%.*s", (int)strcspn(at, "<"), at);
}

static bool judge(const char *at, const char **end) {
    for (;;) {
        const size_t before = strcspn(at, "<");
        if (!judge_content(at, before)) return false;
        at += before;
        if (!*at) return fault("it ends within <%s>", d.depth ? d.open[d.depth - 1] : "");
        const size_t n = strcspn(at, ">");
        if (!at[n]) return fault("an open tag: %.100s", at);
        char name[16] = "", shown[1024];
        sscanf(at + (at[1] == '/' ? 2 : 1), "%15[a-z]", name);
        if (at[1] == '/') {
            if (!close_tag(name)) return false;
            at += n + 1;
            if (d.depth > 0) continue;
            *end = at;
            return true;
        }
        static char tag[8 * LONG];
        snprintf(tag, sizeof tag, "%.*s", (int)n + 1, at);
        if (strcmp(name, "svg") == 0 && !judge_begin(tag)) return false;
        if (!judge_tag(name, tag)) return d.fault[0] || fault("bad: %.200s", tag);
        if (at[n - 1] != '/') {
            if (d.depth == DEPTH) return fault("too deep");
            strcpy(d.open[d.depth++], name);
        }
        at += n + 1;
        if (strcmp(name, "text") == 0) {
            shown_of(at, shown);
            if (!judge_text(tag, shown)) return false;
        }
    }
}

const char *drawing_fault(const char *text, const char **end, size_t *n_texts, size_t *n_marks) {
    const char *behind = NULL;
    d.depth = d.n_texts = d.n_marks = 0;
    d.fault[0] = '\0';
    text = strstr(text, "<svg");
    const bool ok = text ? judge(text, &behind) : fault("no drawing");
    if (end) *end = behind;
    if (n_texts) *n_texts = d.n_texts;
    if (n_marks) *n_marks = d.n_marks;
    return ok ? NULL : d.fault;
}
