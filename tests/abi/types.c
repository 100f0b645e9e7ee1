// Every type of reckon.h, reachable from one exported function: what abidiff compares.
#include "reckon.h"

RK_EXPORT void all_types(const rk_plugin *, const rk_host *, const rk_data *, const rk_ints *,
    const rk_ext_state *, const rk_ext_spread *, const rk_ext_memory *, rk_plugin_entry_fn *);

void all_types(const rk_plugin *plugin, const rk_host *host, const rk_data *data,
    const rk_ints *ints, const rk_ext_state *state, const rk_ext_spread *spread,
    const rk_ext_memory *memory, rk_plugin_entry_fn *entry) {
    (void)plugin, (void)host, (void)data, (void)ints, (void)state, (void)spread, (void)memory,
        (void)entry;
}
