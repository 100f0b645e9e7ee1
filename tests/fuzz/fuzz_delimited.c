// A delimited file. The first byte chooses how it is to be read, the rest is the file.
#include "load.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    static const char *const delimiters[] = {",", "\t", ";", "::"};
    if (size < 1) return -1;
    const unsigned how = data[0] - '0';
    load_write("votes.csv", data + 1, size - 1);
    char path[128];
    snprintf(path, sizeof path, "%s/votes.csv", load_folder());
    const struct data_format *format = data_format_find("delimited");
    void *settings = load_settings(format);
    *(struct path *)load_field(format, settings, "delimited") =
        (struct path){.written = path, .found = path};
    *(const char **)load_field(format, settings, "delimiter") = delimiters[how & 3];
    *(bool *)load_field(format, settings, "header") = false;
    *(struct column *)load_field(format, settings, "user") = (struct column){.number = 1};
    *(struct column *)load_field(format, settings, "item") = (struct column){.number = 2};
    *(struct column *)load_field(format, settings, "rating") = (struct column){.number = 3};
    if (how & 4)
        *(struct column *)load_field(format, settings, "time") = (struct column){.number = 4};
    static const double scale[] = {1, 5};
    *(struct reals *)load_field(format, settings, "scale") = (struct reals){.at = scale, .n = 2};
    load(format, settings, how & 8);
    free(settings);
    return 0;
}
