// What a plugin's process sends about the plugin: bytes that a plugin gone wrong may have written.
#include <stdlib.h>
#include <string.h>

#include "model/schema.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_again(const struct schema *s) {
    struct bytes out = {0}, again = {0};
    struct schema copy = {0};
    schema_put(s, &out);
    struct bytes in = bytes_view(out.at, out.size);
    if (!schema_get(&copy, &in, NULL)) abort();
    schema_put(&copy, &again);
    if (again.size != out.size || memcmp(again.at, out.at, out.size) != 0) abort();
    schema_done(&copy);
    bytes_done(&again);
    bytes_done(&out);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    struct bytes in = bytes_view(data, size);
    struct schema s = {0};
    struct error e = {0};
    if (schema_get(&s, &in, &e))
        check_again(&s);
    else if (!*e.text)
        abort();
    schema_done(&s);
    return 0;
}
