// page_style.h - what page_begin() and page_end() put into every page.
#ifndef RECKON_REPORT_PAGE_STYLE_H
#define RECKON_REPORT_PAGE_STYLE_H

extern const char page_style[]; // of the page and its parts
extern const char page_style_tables[];
extern const char chart_style[];      // of what chart.h draws: classes below svg.chart
extern const char page_style_print[]; // the last word, on paper
extern const char page_script[];
extern const char page_script_hash[]; // "sha256-...": the one script that may run

#endif
