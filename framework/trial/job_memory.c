// What models will take: a plugin's "reckon.memory/1", asked in a process that fits none.
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "model/loader.h"
#include "trial/job.h"

void job_put_question(const struct param_value *values, uint32_t n_values, const rk_shape *shape,
    struct bytes *packet) {
    bytes_put(packet, shape, sizeof *shape);
    bytes_put_u32(packet, n_values);
    job_put_values(values, n_values, packet);
}

static bool ask(const rk_plugin *plugin, const rk_ext_memory *memory, struct bytes *packet,
    uint64_t *bytes, struct error *e) {
    struct arena arena = {0};
    rk_shape shape;
    bytes_get(packet, &shape, sizeof shape);
    const uint32_t n = bytes_get_u32(packet);
    if (n != plugin->n_params)
        return error_set(e, "it changed: it has %u parameters now, %u before", plugin->n_params, n);
    struct param_value *values = arena_alloc(&arena, (n + 1) * sizeof *values);
    void *params = n ? calloc(1, plugin->params_size) : NULL;
    const bool ok = values && (params || n == 0) && job_get_values(values, n, packet, &arena);
    if (ok && n) schema_bind(plugin, values, params);
    if (ok) *bytes = memory->bytes(params, &shape);
    free(params);
    arena_done(&arena);
    return ok || error_set(e, "no memory to ask it for its own");
}

_Noreturn void job_run_memory(const char *path, int socket) {
    static unsigned char buffer[CHANNEL_BYTES];
    struct error e = {0};
    const rk_plugin *plugin = loader_open(path, &e);
    const rk_ext_memory *memory =
        plugin && plugin->extension ? plugin->extension(RK_EXT_MEMORY) : NULL;
    if (plugin && !memory) error_set(&e, "it has no extension \"%s\"", RK_EXT_MEMORY);
    struct bytes packet;
    int fds[CHANNEL_FDS];
    while (channel_receive(socket, buffer, &packet, fds)) {
        uint64_t bytes = 0;
        const bool ok = memory && ask(plugin, memory, &packet, &bytes, &e);
        struct bytes reply = {0};
        bytes_put_u32(&reply, MESSAGE_REPLY);
        bytes_put_u32(&reply, ok);
        if (ok)
            bytes_put_u64(&reply, bytes);
        else
            bytes_put_text(&reply, e.text);
        if (!channel_send(socket, &reply, NULL, 0)) break;
    }
    _exit(0);
}
