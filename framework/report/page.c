#include "report/page.h"

#include <math.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "report/page_style.h"
#include "report/wording.h"

// ---- Text --------------------------------------------------------------------------------------

// Bytes of the character at `c`, which is valid UTF-8.
static size_t length_of(const char *c) {
    const unsigned char b = (unsigned char)*c;
    return b < 0x80 ? 1 : b < 0xE0 ? 2 : b < 0xF0 ? 3 : 4;
}

// U+FDD0..U+FDEF and the last two of each plane: no document may hold them.
static bool is_noncharacter(const char *c, size_t n) {
    const unsigned char *b = (const unsigned char *)c;
    if (n == 3 && b[0] == 0xEF && b[1] == 0xB7) return b[2] >= 0x90 && b[2] <= 0xAF;
    const bool ends_plane =
        n == 3 ? b[0] == 0xEF && b[1] == 0xBF : n == 4 && (b[1] & 0x0F) == 0x0F && b[2] == 0xBF;
    return ends_plane && b[n - 1] >= 0xBE;
}

// Letters that run from right to left, by the blocks of Unicode that hold them.
static bool is_rtl(const char *c, size_t n) {
    const unsigned char *b = (const unsigned char *)c;
    if (n == 2) return (b[0] == 0xD6 && b[1] >= 0x90) || (b[0] >= 0xD7 && b[0] <= 0xDF);
    if (n == 3 && b[0] == 0xE0) return b[1] >= 0xA0 && b[1] <= 0xA3; // U+0800..U+08FF
    if (n == 3 && b[0] == 0xEF)
        return (b[1] == 0xAC && b[2] >= 0x9D) || (b[1] >= 0xAD && b[1] <= 0xBB);
    return n == 4 && b[0] == 0xF0 && (b[1] == 0x90 ? b[2] >= 0xA0 : b[1] == 0x9E && b[2] >= 0xA0);
}

// Whether a mark of direction is due behind the letter that ends at `next`: else what follows a
// label that runs from right to left, digits and signs, would be drawn to its left.
static bool ends_rtl(const char *next) {
    while (*next == ' ') next++;
    return *next && !is_rtl(next, length_of(next));
}

// The space in "100 836", where no line may break.
static bool is_in_number(const char *from, const char *c) {
    if (c == from || *c != ' ' || c[-1] < '0' || c[-1] > '9') return false;
    return strspn(c + 1, "0123456789") == 3;
}

static void put_character(FILE *out, const char *c, size_t n) {
    static const char *const entities[] = {
        ['&'] = "&amp;", ['<'] = "&lt;", ['>'] = "&gt;", ['"'] = "&quot;", ['\''] = "&#39;"};
    const unsigned char b = (unsigned char)*c;
    if (b < sizeof entities / sizeof *entities && entities[b])
        fputs(entities[b], out);
    else if (is_noncharacter(c, n))
        fputs("\xEF\xBF\xBD", out);
    else
        fwrite(c, 1, n, out);
}

// At most `most` characters of clean text, with what it takes to be read as a sentence.
static void put(FILE *out, const char *text, size_t most) {
    for (const char *c = text; *c && most; most--) {
        const size_t n = length_of(c);
        if (is_in_number(text, c))
            fputs("&nbsp;", out);
        else
            put_character(out, c, n);
        if (is_rtl(c, n) && ends_rtl(c + n)) fputs("&lrm;", out);
        c += n;
    }
}

// As it is: for code and identifiers.
static void put_as_is(FILE *out, const char *text) {
    for (size_t n; *text; text += n) put_character(out, text, n = length_of(text));
}

void page_text_cut(struct page *p, const char *text, size_t most) {
    const char *clean = wording_clean(&p->arena, text);
    size_t n = 0;
    for (const char *c = clean; *c && n <= most; c += length_of(c)) n++;
    if (n <= most) {
        put(p->out, clean, most);
    } else {
        put(p->out, clean, most - 1);
        fputs("…", p->out);
    }
    arena_done(&p->arena);
}

void page_text(struct page *p, const char *text) {
    put(p->out, wording_clean(&p->arena, text), SIZE_MAX);
    arena_done(&p->arena);
}

void page_textf(struct page *p, const char *format, ...) {
    char *text = NULL;
    va_list args;
    va_start(args, format);
    if (vasprintf(&text, format, args) < 0) text = NULL;
    va_end(args);
    page_text(p, text);
    free(text);
}

// An element that holds text alone. `attributes` begins with a space.
static void put_element(
    struct page *p, const char *name, const char *attributes, const char *text) {
    fprintf(p->out, "<%s%s>", name, attributes);
    page_text(p, text);
    fprintf(p->out, "</%s>\n", name);
}

static void put_id(struct page *p, const char *id) {
    if (!id) return;
    fputs(" id=\"", p->out);
    put_as_is(p->out, wording_clean(&p->arena, id));
    fputc('"', p->out);
}

// ---- The page ----------------------------------------------------------------------------------

enum { TITLE_MOST = 200 };

void page_begin(struct page *p, FILE *out, const char *title, const char *subtitle) {
    *p = (struct page){.out = out};
    fputs("<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n<title>", out);
    page_text_cut(p, title && *title ? title : "Reckon", TITLE_MOST);
    fputs("</title>\n"
          "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
          "<meta name=\"color-scheme\" content=\"light dark\">\n"
          "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; "
          "style-src 'unsafe-inline'; img-src data:; script-src '",
        out);
    fprintf(out, "%s'\">\n<link rel=\"icon\" href=\"data:,\">\n", page_script_hash);
    fprintf(out, "<style>\n%s%s%s%s</style>\n</head>\n", page_style, page_style_tables, chart_style,
        page_style_print);
    fputs("<body>\n<a class=\"skip\" href=\"#main\">Skip to content</a>\n<header>\n<h1>", out);
    page_text_cut(p, title && *title ? title : "Reckon", TITLE_MOST);
    fputs("</h1>\n", out);
    if (subtitle) put_element(p, "p", " class=\"subtitle\"", subtitle);
    fputs("</header>\n", out);
}

void page_end(struct page *p) {
    if (p->in_main) fputs("</main>\n", p->out);
    fputs("<footer><p>Made by Reckon. All of it is in this file; nothing is loaded from "
          "elsewhere.</p></footer>\n",
        p->out);
    fprintf(p->out, "<script>%s</script>\n</body>\n</html>\n", page_script);
    arena_done(&p->arena);
}

void page_contents(struct page *p, const struct page_link *links, size_t n) {
    if (n == 0) return;
    fputs("<nav aria-label=\"Contents\">\n<ul>\n", p->out);
    for (size_t k = 0; k < n; k++) {
        fputs("<li><a href=\"#", p->out);
        put_as_is(p->out, wording_clean(&p->arena, links[k].id));
        fputs("\">", p->out);
        page_text_cut(p, links[k].heading, PAGE_CELL_MOST);
        fputs("</a></li>\n", p->out);
    }
    fputs("</ul>\n</nav>\n", p->out);
}

void page_section(struct page *p, const char *id, const char *heading) {
    if (!p->in_main) fputs("<main id=\"main\" tabindex=\"-1\">\n", p->out);
    p->in_main = true;
    fputs("<section", p->out);
    put_id(p, id);
    fputs(">\n<h2>", p->out);
    page_text_cut(p, heading, TITLE_MOST);
    fputs("</h2>\n", p->out);
}

void page_section_end(struct page *p) {
    fputs("</section>\n", p->out);
}

void page_heading(struct page *p, const char *id, const char *heading) {
    fputs("<h3", p->out);
    put_id(p, id);
    fputc('>', p->out);
    page_text_cut(p, heading, TITLE_MOST);
    fputs("</h3>\n", p->out);
}

// What stands between backticks is code.
static void put_prose(struct page *p, const char *text) {
    const char *clean = wording_clean(&p->arena, text);
    for (const char *open; (open = strchr(clean, '`')) && strchr(open + 1, '`');) {
        const char *end = strchr(open + 1, '`');
        put(p->out, arena_printf(&p->arena, "%.*s", (int)(open - clean), clean), SIZE_MAX);
        fputs("<code>", p->out);
        put_as_is(p->out, arena_printf(&p->arena, "%.*s", (int)(end - open - 1), open + 1));
        fputs("</code>", p->out);
        clean = end + 1;
    }
    put(p->out, clean, SIZE_MAX);
    arena_done(&p->arena);
}

void page_anchor(struct page *p, const char *id) {
    fputs("<span", p->out);
    put_id(p, id);
    fputs("></span>\n", p->out);
}

void page_paragraph(struct page *p, const char *text) {
    fputs("<p>", p->out);
    put_prose(p, text);
    fputs("</p>\n", p->out);
}

void page_list(struct page *p, const char *const *texts, size_t n) {
    if (n == 0) return;
    fputs("<ul>\n", p->out);
    for (size_t k = 0; k < n; k++) {
        fputs("<li>", p->out);
        put_prose(p, texts[k]);
        fputs("</li>\n", p->out);
    }
    fputs("</ul>\n", p->out);
}

void page_warnings(struct page *p, const char *const *texts, size_t n) {
    if (n == 0) return;
    fputs("<div class=\"warnings\" role=\"note\">\n<p class=\"sign\">"
          "<svg viewBox=\"0 0 16 16\" aria-hidden=\"true\"><path d=\"M8 1.5 15 14H1z\"/>"
          "<path d=\"M8 6v4M8 11.6v.8\"/></svg>",
        p->out);
    fprintf(p->out, "<strong>%s</strong></p>\n", n == 1 ? "Warning" : "Warnings");
    page_list(p, texts, n);
    fputs("</div>\n", p->out);
}

// Line by line, as cleaning makes spaces of their ends.
void page_code(struct page *p, const char *text) {
    char *lines = strdup(text ? text : "");
    fputs("<pre tabindex=\"0\"><code>", p->out);
    for (char *line = lines; line;) {
        char *end = strchr(line, '\n');
        if (end) *end = '\0';
        put_as_is(p->out, wording_clean(&p->arena, line));
        arena_done(&p->arena);
        if (end && end[1]) fputc('\n', p->out);
        line = end && end[1] ? end + 1 : NULL;
    }
    fputs("</code></pre>\n", p->out);
    free(lines);
}

void page_details(struct page *p, const char *summary) {
    fputs("<details>\n<summary>", p->out);
    page_text_cut(p, summary, TITLE_MOST);
    fputs("</summary>\n", p->out);
}

void page_details_of(struct page *p, const char *name, const char *detail) {
    fputs("<details>\n<summary>", p->out);
    page_text_cut(p, name, TITLE_MOST);
    fputs("<small>", p->out);
    page_text(p, detail);
    fputs("</small></summary>\n", p->out);
}

void page_details_end(struct page *p) {
    fputs("</details>\n", p->out);
}

void page_facts(struct page *p, const struct page_fact *facts, size_t n) {
    if (n == 0) return;
    fputs("<dl>\n", p->out);
    for (size_t k = 0; k < n; k++) {
        put_element(p, "dt", "", facts[k].name);
        put_element(p, "dd", "", facts[k].text);
    }
    fputs("</dl>\n", p->out);
}

void page_figure(struct page *p, const char *id, const char *caption) {
    const unsigned own = ++p->n_ids;
    fputs("<figure", p->out);
    put_id(p, id);
    fprintf(p->out, ">\n<figcaption id=\"f-%u\">", own);
    page_text(p, caption);
    fprintf(p->out,
        "</figcaption>\n<div class=\"scroll\" role=\"region\" tabindex=\"0\" "
        "aria-labelledby=\"f-%u\">\n",
        own);
}

void page_figure_end(struct page *p) {
    fputs("</div>\n</figure>\n", p->out);
}

void page_grid(struct page *p) {
    fputs("<div class=\"grid\">\n", p->out);
}

void page_grid_end(struct page *p) {
    fputs("</div>\n", p->out);
}

// ---- Tables ------------------------------------------------------------------------------------

static const size_t columns_most = sizeof((struct page *)0)->columns / sizeof(struct page_column);

void page_table(struct page *p, const char *id, const char *caption,
    const struct page_column *columns, size_t n) {
    const unsigned own = ++p->n_ids;
    fprintf(p->out,
        "<div class=\"scroll\" role=\"region\" tabindex=\"0\" aria-labelledby=\"f-%u\">\n<table",
        own);
    put_id(p, id);
    fprintf(p->out, ">\n<caption id=\"f-%u\"><span>", own);
    page_text(p, caption);
    fputs("</span></caption>\n<thead><tr>", p->out);
    for (size_t k = 0; k < n && k < columns_most; k++) {
        p->columns[k] = columns[k];
        fputs("<th scope=\"col\"", p->out);
        if (columns[k].is_number) fputs(" class=\"n\"", p->out);
        if (columns[k].help) {
            fputs(" title=\"", p->out);
            page_text(p, columns[k].help);
            fputc('"', p->out);
        }
        fputc('>', p->out);
        page_text_cut(p, columns[k].title, PAGE_CELL_MOST);
        fputs("</th>", p->out);
    }
    fputs("</tr></thead>\n<tbody>\n", p->out);
}

void page_row(struct page *p, const char *id, bool strong) {
    p->column = 0;
    fputs("<tr", p->out);
    put_id(p, id);
    fputs(strong ? " class=\"strong\">" : ">", p->out);
}

static bool is_long(const char *text) {
    size_t n = 0;
    for (const char *c = text ? text : ""; *c && n <= PAGE_CELL_MOST; c++)
        n += ((unsigned char)*c & 0xC0) != 0x80;
    return n > PAGE_CELL_MOST;
}

static void put_cell_text(struct page *p, const char *text, const char *link) {
    if (link) {
        fputs("<a href=\"", p->out);
        put_as_is(p->out, wording_clean(&p->arena, link));
        fputs("\">", p->out);
        page_text_cut(p, text, PAGE_CELL_MOST);
        fputs("</a>", p->out);
    } else if (is_long(text)) {
        fputs("<details><summary>", p->out);
        page_text_cut(p, text, PAGE_CELL_MOST / 2);
        fputs("</summary>", p->out);
        page_text(p, text);
        fputs("</details>", p->out);
    } else {
        page_text(p, text);
    }
}

void page_cell_marked(struct page *p, const char *text, double value, const char *link,
    const char *detail, const char *mark, bool strong) {
    const bool first = p->column == 0;
    const bool number = p->column < columns_most && p->columns[p->column].is_number;
    p->column++;
    fputs(first ? "<th scope=\"row\"" : "<td", p->out);
    if (number) fputs(" class=\"n\"", p->out);
    if (number && isfinite(value)) {
        char exact[32];
        wording_exact(exact, value);
        fprintf(p->out, " data-v=\"%s\"", exact);
    }
    fputc('>', p->out);
    if (strong) fputs("<strong>", p->out);
    put_cell_text(p, text, link);
    if (strong) fputs("</strong>", p->out);
    if (mark) {
        fputs("\u00a0", p->out);
        page_text(p, mark);
    }
    if (detail) {
        fputs("<small>", p->out);
        page_text(p, detail);
        fputs("</small>", p->out);
    }
    fputs(first ? "</th>" : "</td>", p->out);
}

void page_cell(
    struct page *p, const char *text, double value, const char *link, const char *detail) {
    page_cell_marked(p, text, value, link, detail, NULL, false);
}

void page_row_end(struct page *p) {
    fputs("</tr>\n", p->out);
}

void page_table_end(struct page *p) {
    fputs("</tbody>\n</table>\n</div>\n", p->out);
}
