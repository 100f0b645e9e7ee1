// page.h - one self-contained HTML file: style, script and drawings inside, nothing from a network.
//
// HTML 5, valid by the checker of the W3C; UTF-8. Light and dark by the reader's setting; usable
// at 360 pixels and printed on A4 in black and white; without script everything is readable, and
// only sorting is missing. All text passes through page_text(), which makes it harmless, whatever
// labels and titles hold.
//
// Drawings take their colours from the style, which defines in both themes: --paper, --panel (set
// off), --ink, --muted (text of less weight), --line (rules, grids), --accent (links), --warn, and
// --c1 .. --c8 (told apart by the colour-blind, 3:1 or more against --paper; --c8 is a grey). The
// classes .c1 .. .c8 set `color` to these. Rules for charts are in chart_style.c.
#ifndef RECKON_REPORT_PAGE_H
#define RECKON_REPORT_PAGE_H

#include <stdbool.h>
#include <stdio.h>

#include "core/arena.h"

struct page {
    FILE *out;           // borrowed
    struct arena arena;  // owned: a text being cleaned
    unsigned n_ids;      // given out
    bool in_main;        // page_section() has begun the main part
    unsigned column;     // of the row being written
    struct page_column { // of the table being written; below
        const char *title;
        const char *help; // what it means, for the title's tooltip; NULL: none
        bool is_number;   // aligned to the right, sorted by page_cell's value
    } columns[64];
};

// Head with title, style and script, and the page's header; `subtitle` NULL: none. page_end() ends
// the file. A failed write shows in ferror(out).
void page_begin(struct page *p, FILE *out, const char *title, const char *subtitle);
void page_end(struct page *p);

void page_text(struct page *p, const char *text); // cleaned (wording_clean) and escaped
void page_textf(struct page *p, const char *format, ...) __attribute__((format(printf, 2, 3)));
// The same, but of more than `most` characters the first ones and an ellipsis: for texts that stand
// in full in another place.
void page_text_cut(struct page *p, const char *text, size_t most);

// Sections are listed in a contents at the top by page_contents(), which is given the same ids and
// headings. Everything below stands in a section.
struct page_link {
    const char *id, *heading;
};
void page_contents(struct page *p, const struct page_link *links, size_t n);
void page_section(struct page *p, const char *id, const char *heading);
void page_section_end(struct page *p);
void page_heading(struct page *p, const char *id, const char *heading); // h3; id NULL: none
void page_anchor(struct page *p, const char *id); // a place for links to lead to
// In paragraphs and lists, what stands between `backticks` is code.
void page_paragraph(struct page *p, const char *text);
void page_list(struct page *p, const char *const *texts, size_t n);
void page_warnings(
    struct page *p, const char *const *texts, size_t n); // set off, with a sign and the word
void page_code(struct page *p, const char *text);        // a block of it, scrolled in itself
void page_details(struct page *p, const char *summary);  // folded; open in print
void page_details_of(struct page *p, const char *name, const char *detail); // small, behind it
void page_details_end(struct page *p);

// Names and what they are, in two columns.
struct page_fact {
    const char *name, *text;
};
void page_facts(struct page *p, const struct page_fact *facts, size_t n);

// A figure around a chart (chart.h), which the caller draws between the two; one too wide for a
// phone is scrolled in itself. `caption` says what it shows in words; the chart has the text for
// those who do not see it.
void page_figure(struct page *p, const char *id, const char *caption);
void page_figure_end(struct page *p);
void page_grid(struct page *p); // figures until page_grid_end() stand side by side where they fit
void page_grid_end(struct page *p);

// A table that can be sorted by its columns (at most 64), scrolled in itself where it is too wide.
// The first cell of a row is its heading.
void page_table(struct page *p, const char *id, const char *caption,
    const struct page_column *columns, size_t n);
void page_row(struct page *p, const char *id, bool strong); // id NULL: none; strong: stands out
// `text` as shown; `value` to sort by (NAN: last); `link`: "#fold-3" or NULL; `detail`: small,
// behind it, or NULL. A text of more than PAGE_CELL_MOST characters is cut where there is a link
// to where it stands in full, and folded otherwise.
enum { PAGE_CELL_MOST = 80 };
void page_cell(
    struct page *p, const char *text, double value, const char *link, const char *detail);
// The same with a mark behind the text, or NULL; strong: stands out.
void page_cell_marked(struct page *p, const char *text, double value, const char *link,
    const char *detail, const char *mark, bool strong);
void page_row_end(struct page *p);
void page_table_end(struct page *p);

#endif
