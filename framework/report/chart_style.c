// How charts look: colours are those of the page (page.h), in light, dark and print.
#include "report/page_style.h"

const char chart_style[] =
    "svg.chart{display:block;width:100%;max-width:56rem;min-width:34rem;height:auto}\n"
    "svg.chart text{fill:var(--ink);font:12px system-ui,sans-serif}\n";
