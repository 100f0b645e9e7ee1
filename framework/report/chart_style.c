// How charts look: strokes and fills; colours are those of the page (page.h), in light, dark and
// print.
#include "report/page_style.h"

#define SHADE(k, opacity) "svg.chart .h" #k "{fill:var(--c1);fill-opacity:" opacity "}"

// clang-format off
const char chart_style[] =
    ".charts{display:grid;grid-template-columns:repeat(auto-fill,minmax(min(100%,21rem),1fr));gap:1.5rem 2rem}\n"
    ".charts>*{min-width:0}\n"
    "svg.chart{display:block;width:100%;height:auto;break-inside:avoid}\n"
    "svg.chart text{fill:var(--ink);font-size:14px;font-variant-numeric:tabular-nums;letter-spacing:0}\n"
    "svg.chart .m{fill:var(--muted)}svg.chart .b{font-weight:700}svg.chart .k{fill:currentColor}\n"
    "svg.chart .h{stroke:var(--paper);stroke-width:3px;stroke-linejoin:round}\n"
    "svg.chart .g{stroke:var(--line)}svg.chart .z,svg.chart .lead{stroke:var(--muted)}\n"
    "svg.chart .ref{stroke:var(--muted);stroke-width:1.5;stroke-dasharray:2 3}\n"
    "svg.chart .ln,svg.chart .fr{fill:none;stroke:currentColor;stroke-width:2;stroke-linejoin:round}\n"
    "svg.chart .fr{color:var(--c1);stroke-width:1.5;stroke-dasharray:5 3}\n"
    "svg.chart .jn{stroke:currentColor;stroke-opacity:.5}\n"
    "svg.chart .iv{stroke:currentColor;stroke-width:2.5;stroke-linecap:round}\n"
    "svg.chart .bd{fill:currentColor;fill-opacity:.16}svg.chart .br{fill:currentColor}\n"
    "svg.chart circle,svg.chart polygon:not(.bd){fill:currentColor;stroke:var(--paper)}\n"
    "svg.chart .pl,svg.chart .fa{color:var(--muted)}\n"
    "svg.chart .pl circle,svg.chart .fa circle{fill:var(--paper);stroke:currentColor;stroke-width:2}\n"
    "svg.chart .d1 .ln{stroke-dasharray:7 3}svg.chart .d2 .ln{stroke-dasharray:2 3}"
        "svg.chart .d3 .ln{stroke-dasharray:9 3 2 3}\n"
    SHADE(0, ".04") SHADE(1, ".09") SHADE(2, ".14") SHADE(3, ".19") SHADE(4, ".24")
    SHADE(5, ".29") SHADE(6, ".34") SHADE(7, ".39") SHADE(8, ".44") SHADE(9, ".49") "\n"
    "svg.chart .best{fill:none;stroke:var(--ink);stroke-width:2}\n";
// clang-format on
