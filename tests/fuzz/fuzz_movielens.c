// The files of MovieLens in a folder. The first line of the input says which set it is to be ("a":
// 100K, "b": 1M, "c": latest; then "+" to skip flaws), and lines "=== " begin the next file of that
// set.
#include "load.h"

static const char *const files[3][6] = {
    {"u.data", "u.item", "u.user", "u.genre", NULL},
    {"ratings.dat", "movies.dat", "users.dat", "tags.dat", NULL},
    {"ratings.csv", "movies.csv", "tags.csv", "links.csv", NULL},
};

static void remove_files(void) {
    char path[128];
    for (int set = 0; set < 3; set++)
        for (int k = 0; files[set][k]; k++) {
            snprintf(path, sizeof path, "%s/%s", load_folder(), files[set][k]);
            unlink(path);
        }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    if (size < 3 || data[0] < 'a' || data[0] > 'c' || data[2] != '\n') return -1;
    const int set = data[0] - 'a';
    const bool skip = data[1] == '+';
    remove_files();
    size_t from = 3;
    for (int k = 0; files[set][k] && from < size; k++) {
        const uint8_t *next = memmem(data + from, size - from, "=== \n", 5);
        const size_t end = next ? (size_t)(next - data) : size;
        load_write(files[set][k], data + from, end - from);
        from = next ? end + 5 : size;
    }
    const struct data_format *format = data_format_find("movielens");
    void *settings = load_settings(format);
    *(struct path *)load_field(format, settings, "movielens") =
        (struct path){.written = load_folder(), .found = load_folder()};
    load(format, settings, skip);
    free(settings);
    return 0;
}
