// LaTeX with booktabs: a document that pdflatex compiles as it is, and of which a tabular can be
// copied into another that loads booktabs.
//
// Fonts of pdflatex have Latin letters alone. Greek and Cyrillic are written in these (latin.h);
// any other character by its number, "[U+65E5 U+672C]", so that nothing is lost or printed as a
// gap.
#include <string.h>

#include "report/latin.h"
#include "report/report.h"
#include "report/shown.h"
#include "report/wording.h"

// ROWS_MOST: of one tabular, that fits on a page. LABEL_WIDTH: columns of a text in a table.
// TITLE_WIDTH: of a heading. BREAK_AFTER: characters of a word, after which a line may end.
enum { ROWS_MOST = 40, LABEL_WIDTH = 44, TITLE_WIDTH = 240, BREAK_AFTER = 20 };

static const char *ascii(char c) {
    switch (c) {
    case '\\':
        return "\\textbackslash{}";
    case '{':
        return "\\{";
    case '}':
        return "\\}";
    case '#':
        return "\\#";
    case '$':
        return "\\$";
    case '%':
        return "\\%";
    case '&':
        return "\\&";
    case '_':
        return "\\_";
    case '^':
        return "\\textasciicircum{}";
    case '~':
        return "\\textasciitilde{}";
    case '"':
        return "\\textquotedbl{}";
    case '\'':
        return "\\textquotesingle{}";
    case '[': // would be an argument of what stands before a row
        return "{[}";
    case '*':
        return "{*}";
    case '-': // two of them would be a dash, two of the others a quote
        return "-{}";
    case '<':
        return "<{}";
    case '>':
        return ">{}";
    case ',':
        return ",{}";
    case '`':
        return "`{}";
    case '!':
        return "!{}";
    case '?':
        return "?{}";
    default:
        return NULL;
    }
}

// What the fonts have no letter for but TeX a command.
static const char *symbol(uint32_t c) {
    static const struct {
        uint32_t c;
        const char *tex;
    } symbols[] = {{0x00A0, "~"}, {0x00B1, "$\\pm$"}, {0x00B7, "$\\cdot$"}, {0x00D7, "$\\times$"},
        {0x2020, "\\dag{}"}, {0x2021, "\\ddag{}"}, {0x2022, "$\\bullet$"}, {0x2026, "\\dots{}"},
        {0x2013, "--"}, {0x2014, "---"}, {0x2018, "\\textquoteleft{}"},
        {0x2019, "\\textquoteright{}"}, {0x201C, "\\textquotedblleft{}"},
        {0x201D, "\\textquotedblright{}"}, {0x201E, "\\quotedblbase{}"}, {0x20AC, "\\texteuro{}"}};
    for (size_t k = 0; k < sizeof symbols / sizeof *symbols; k++)
        if (symbols[k].c == c) return symbols[k].tex;
    return NULL;
}

// Whether the T1 fonts have it: Latin-1 and Latin Extended-A with gaps.
static bool is_letter(uint32_t c) {
    static const uint32_t gaps[] = {0x00A8, 0x00AD, 0x00AF, 0x00B4, 0x0126, 0x0127, 0x0138, 0x013F,
        0x0140, 0x0149, 0x0166, 0x0167, 0x017F};
    for (size_t k = 0; k < sizeof gaps / sizeof *gaps; k++)
        if (gaps[k] == c) return false;
    return c > 0xA0 && c < 0x180;
}

// Clean text with the letters that there are; characters that are told by their numbers share one
// pair of brackets. In the arena.
static const char *spell(struct arena *a, const char *text) {
    char *out = arena_alloc(a, 12 * strlen(text) + 2); // of a byte at most "[U+10FFFF]" and more
    if (!out) return "";
    char *at = out;
    bool numbers = false;
    while (*text) {
        uint32_t c = 0;
        const size_t n = wording_decode(text, &c);
        const char *latin = latin_letters(c);
        const bool is_own = n == 1 || symbol(c) || is_letter(c);
        if (numbers && (is_own || latin)) *at++ = ']';
        if (is_own)
            at = (char *)memcpy(at, text, n) + n;
        else if (latin)
            at += sprintf(at, "%s", latin);
        else
            at += sprintf(at, "%sU+%04X", numbers ? " " : "[", (unsigned)c);
        numbers = !is_own && !latin;
        text += n ? n : 1;
    }
    if (numbers) *at++ = ']';
    *at = '\0';
    return out;
}

// Spelled text, as it is.
static void put_spelled(FILE *out, const char *text) {
    for (size_t word = 0; *text;) {
        uint32_t c = 0;
        const size_t n = wording_decode(text, &c);
        const char *command = n == 1 ? ascii(*text) : symbol(c);
        if (command)
            fputs(command, out);
        else
            fwrite(text, 1, n, out);
        word = c == ' ' ? 0 : word + 1;
        if (word >= BREAK_AFTER) {
            fputs("\\allowbreak{}", out);
            word = 0;
        }
        text += n;
    }
}

// `width` 0: all of it.
static void put(FILE *out, const char *text, size_t width) {
    struct arena arena = {0};
    const char *spelled = spell(&arena, text);
    put_spelled(out, width ? wording_cut(&arena, spelled, width) : spelled);
    arena_done(&arena);
}

// ---- Tables ------------------------------------------------------------------------------------

struct grid {
    const struct table *table;
    const size_t *columns; // [n]
    size_t n;
    struct arena *arena;
    FILE *out;
};

static bool has_mark(const struct grid *g, size_t column) {
    for (size_t row = 0; row < g->table->n_rows; row++)
        if (shown_cell(g->table, row, column)->mark) return true;
    return false;
}

static void put_cell(const struct grid *g, size_t row, size_t column) {
    const struct cell *cell = shown_cell(g->table, row, column);
    const char *text = shown_text(g->table, row, column, g->arena);
    if (!*text) return;
    if (cell->strong) fputs("\\textbf{", g->out);
    if (g->table->columns[column].is_number && *text == '-') fputs("$-$", g->out), text++;
    put(g->out, text, LABEL_WIDTH);
    if (cell->strong) fputc('}', g->out);
    if (cell->sd_text) fprintf(g->out, " $\\pm$ %s", cell->sd_text);
    if (!has_mark(g, column)) return;
    fputs(cell->mark ? "\\," : "\\,\\phantom{", g->out);
    put(g->out, cell->mark ? cell->mark : "•", 0);
    if (!cell->mark) fputc('}', g->out);
}

static void put_rows(const struct grid *g, size_t from, size_t to) {
    const struct table *t = g->table;
    fputs("\\begin{lrbox}{\\tablebox}%\n\\begin{tabular}{", g->out);
    for (size_t k = 0; k < g->n; k++)
        fputc(t->columns[g->columns[k]].is_number ? 'r' : 'l', g->out);
    fputs("}\n\\toprule\n", g->out);
    for (size_t k = 0; k < g->n; k++) {
        if (k) fputs(" & ", g->out);
        put(g->out, t->columns[g->columns[k]].title, LABEL_WIDTH);
    }
    fputs(" \\\\\n\\midrule\n", g->out);
    for (size_t row = from; row < to; row++) {
        if (t->rows[row].apart && row > from) fputs("\\midrule\n", g->out);
        for (size_t k = 0; k < g->n; k++) {
            if (k) fputs(" & ", g->out);
            put_cell(g, row, g->columns[k]);
        }
        fputs(" \\\\\n", g->out);
    }
    fputs("\\bottomrule\n\\end{tabular}%\n\\end{lrbox}%\n\\puttable\n\n", g->out);
}

static bool write_table(const struct table *t, FILE *out, struct error *e) {
    struct arena arena = {0};
    struct grid g = {.table = t, .arena = &arena, .out = out};
    g.columns = shown_columns(t, SHOW_PAGE, &arena, &g.n);
    if (!g.columns) return error_memory(e, t->n_columns * sizeof *g.columns, "a table");
    for (size_t row = 0; row < t->n_rows; row += ROWS_MOST)
        put_rows(&g, row, row + ROWS_MOST < t->n_rows ? row + ROWS_MOST : t->n_rows);
    arena_done(&arena);
    return true;
}

// ---- The document ------------------------------------------------------------------------------

static const char head[] =
    "%% Compiles as it is by pdflatex. A tabular can be copied into any document that has\n"
    "%% \\usepackage{booktabs} and \\usepackage[T1]{fontenc}.\n"
    "\\documentclass[a4paper,10pt]{article}\n"
    "\\usepackage[T1]{fontenc}\n"
    "\\usepackage[utf8]{inputenc}\n"
    "\\usepackage{mathptmx}\n"
    "\\usepackage{textcomp}\n"
    "\\usepackage{booktabs}\n"
    "\\usepackage{graphicx}\n"
    "\\usepackage[margin=20mm]{geometry}\n"
    "\\setlength{\\parindent}{0pt}\n"
    "\\setlength{\\parskip}{4pt}\n"
    "\\setlength{\\emergencystretch}{20em}\n"
    "\\raggedbottom\n"
    "\\newsavebox{\\tablebox}\n"
    "%% A table too wide for the page is drawn smaller.\n"
    "\\newcommand{\\puttable}{\\par\\smallskip\\noindent\\ifdim\\wd\\tablebox>\\linewidth\n"
    "  \\resizebox{\\linewidth}{!}{\\usebox{\\tablebox}}\\else\\usebox{\\tablebox}\\fi"
    "\\par\\smallskip}\n"
    "\\begin{document}\n";

static void write_heading(const char *level, const char *text, FILE *out) {
    fprintf(out, "\n\\%s*{\\raggedright ", level);
    put(out, text, TITLE_WIDTH);
    fputs("}\n", out);
}

static void write_list(const char *const *at, size_t n, FILE *out) {
    if (n == 0) return;
    fputs("\\begin{itemize}\n\\setlength{\\itemsep}{0pt}\n", out);
    for (size_t k = 0; k < n; k++) {
        fputs("\\item ", out);
        put(out, at[k], 0);
        fputc('\n', out);
    }
    fputs("\\end{itemize}\n", out);
}

static bool write_differences(
    const struct report *r, uint32_t data, const char *level, FILE *out, struct error *e) {
    for (size_t k = 0; k < r->differences.n; k++) {
        const struct table *t = &r->differences.at[k];
        if (t->data_index != data) continue;
        write_heading(level, t->title, out);
        if (!write_table(t, out, e)) return false;
        write_list(t->notes, t->n_notes, out);
    }
    return true;
}

// A data set: its story, table, differences, warnings and notes.
static bool write_whole(const struct report *r, const struct table *t, FILE *out, struct error *e) {
    const size_t at = report_find(r, t->data_index);
    write_heading("section", t->title, out);
    for (size_t k = 0; k < r->story[at].n; k++) {
        put(out, r->story[at].at[k], 0);
        fputc('\n', out);
    }
    if (!write_table(t, out, e) || !write_differences(r, t->data_index, "subsection", out, e))
        return false;
    if (r->warnings[at].n) write_heading("subsection", "Warnings", out);
    write_list(r->warnings[at].at, r->warnings[at].n, out);
    if (t->n_notes) write_heading("subsection", "Notes", out);
    write_list(t->notes, t->n_notes, out);
    return true;
}

static bool write_tex(const struct report *r, FILE *out, struct error *e) {
    fputs(head, out);
    if (r->tables.n == 0) fputs("No trial has ended.\n", out);
    for (size_t k = 0; k < r->tables.n; k++) {
        const struct table *t = &r->tables.at[k];
        if (table_is_whole(t)) {
            if (!write_whole(r, t, out, e)) return false;
            continue;
        }
        write_heading("subsection", t->title, out);
        if (!write_table(t, out, e)) return false;
    }
    if (!write_differences(r, UINT32_MAX, "section", out, e)) return false;
    fputs("\n\\end{document}\n", out);
    return true;
}

REGISTRY_ADD(report_format, tex) = {
    .id = "tex",
    .doc = "LaTeX with booktabs: a document that pdflatex compiles as it is",
    .write = write_tex,
};
