// describe_page.h - what the parts of a description's page share.
#ifndef RECKON_REPORT_DESCRIBE_PAGE_H
#define RECKON_REPORT_DESCRIBE_PAGE_H

#include "describe/describe.h"
#include "report/page.h"

struct describe_sheet {
    const struct describe *d;
    struct page page;
    struct arena arena; // owned
    unsigned least;     // ratings that a mean must have to be drawn
    unsigned n_charts;
    struct page_link links[16]; // [n_links]
    size_t n_links;
};

// The section with that id, under the heading of its link.
void describe_page_open(struct describe_sheet *s, const char *id);

// The classes of time, or NULL.
const struct describe_classes *describe_page_times(const struct describe *d);

// Figures: bars of ratings; means, of classes in their order.
void describe_page_bars(struct describe_sheet *s, const struct describe_classes *c,
    const char *caption, const char *class_title);
void describe_page_means(struct describe_sheet *s, const struct describe_classes *c,
    const char *caption, const char *class_title);

// The same over time, as a curve.
void describe_page_curve(
    struct describe_sheet *s, const struct describe_classes *c, bool means, const char *caption);

// A feature under its heading, with figures and a table.
void describe_page_feature(struct describe_sheet *s, const struct describe_classes *c);

// Cells of a table: ratings, mean, deviation.
void describe_page_sum(struct describe_sheet *s, const struct describe_sum *sum);

// The section of roll-ups, if there are any.
void describe_page_slices(struct describe_sheet *s);

#endif
