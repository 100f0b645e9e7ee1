// Delimited files. The first byte chooses how they are to be read; the rest is the ratings and,
// after a line "=== ", a file of items with their features.
#include "load.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    static const char *const delimiters[] = {",", "\t", ";", "::"};
    if (size < 1) return -1;
    const unsigned how = data[0] - '0';
    const uint8_t *next = memmem(data + 1, size - 1, "=== \n", 5);
    const size_t end = next ? (size_t)(next - data) : size;
    load_write("votes.csv", data + 1, end - 1);
    char path[128], items[128];
    snprintf(path, sizeof path, "%s/votes.csv", load_folder());
    snprintf(items, sizeof items, "%s/items.csv", load_folder());
    const struct data_format *format = data_format_find("delimited");
    void *settings = load_settings(format);
    const struct path votes = {.written = path, .found = path};
    *(struct paths *)load_field(format, settings, "delimited") = (struct paths){&votes, 1};
    if (next) {
        load_write("items.csv", next + 5, size - end - 5);
        *(struct path *)load_field(format, settings, "items") =
            (struct path){.written = items, .found = items};
    }
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
