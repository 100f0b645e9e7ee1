// An archive of a MovieLens set, as bytes.
#include "load.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    load_write("set.zip", data, size);
    char path[128];
    snprintf(path, sizeof path, "%s/set.zip", load_folder());
    const struct data_format *format = data_format_find("movielens");
    void *settings = load_settings(format);
    *(struct path *)load_field(format, settings, "movielens") =
        (struct path){.written = path, .found = path};
    load(format, settings, false);
    free(settings);
    return 0;
}
