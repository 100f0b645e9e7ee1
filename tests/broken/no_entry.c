// Not a plugin: exports something else.
#include "reckon.h"

RK_EXPORT int plugin_entry(void);
int plugin_entry(void) {
    return 0;
}
