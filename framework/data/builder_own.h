// builder_own.h - what a builder holds; for builder*.c and the readers' hot path alone.
#ifndef RECKON_DATA_BUILDER_OWN_H
#define RECKON_DATA_BUILDER_OWN_H

#include "data/builder.h"
#include "data/ids.h"

// A block of rows in little room: 9 bytes a row, 13 with times, as ratings usually are. All arrays
// lie in the one allocation; absent ones are NULL.
struct chunk {
    uint32_t n;
    uint32_t *user, *item; // keys
    uint8_t *code;         // rating in tenths, if that is what all of them are
    float *rating;         // or as they are
    uint32_t *time32;      // seconds since 1970 below CHUNK_NO_TIME, if all of them are
    int64_t *time64;       // or as they are
    uint8_t *fold8;        // if all are below 256
    uint32_t *fold32;      // or as they are
    float *reachable;
    // For messages about a row: lines that hold none lie before some of them.
    const char *file; // borrowed from the builder's files; NULL: made by the caller
    uint64_t line;    // of the first row
    uint32_t n_gaps;
    struct chunk_gap *gaps; // [n_gaps]; owned apart; ascending rows
};
struct chunk_gap {
    uint32_t row, lines; // so many more lines before this row
};
#define CHUNK_NO_TIME UINT32_MAX

// The rows in little room; from any thread. NULL when memory runs out. At most 2^31 rows.
struct chunk *chunk_new(const struct builder_rows *rows);
void chunk_free(struct chunk *c);
float chunk_rating(const struct chunk *c, uint32_t row);
int64_t chunk_time(const struct chunk *c, uint32_t row);
uint32_t chunk_fold(const struct chunk *c, uint32_t row);
uint64_t chunk_line(const struct chunk *c, uint32_t row);

struct group_value {
    uint32_t key, column;
    float value;
};
struct group { // of features
    char name[64];
    enum builder_side side;
    rk_feature_kind kind;
    struct words columns;
    struct group_value *values; // [n]; owned; in the order set
    size_t n, room;
};
struct label {
    uint32_t key, text; // text: into `labels`
};
struct labels { // a text for some items
    struct words texts;
    struct label *at; // [n]; owned; in the order set
    size_t n, room;
};
struct tag {
    uint32_t user, item, name; // keys; name: into tag_names
    int64_t time;
};

struct builder {
    struct data_common policy;
    struct data_filter filter;
    char *name;                           // owned; from the reader
    const char *fold_lines, *fold_column; // borrowed; or NULL
    uint32_t n_threads;
    struct pool *pool; // owned; NULL: not started
    float rating_min, rating_max;
    bool has_scale;
    struct ids ids[2];     // by enum builder_side
    struct chunk **chunks; // [n_chunks]; owned, in the order of rows
    size_t n_chunks, chunks_room;
    uint64_t n_rows;
    bool has_time, has_fold, has_reachable;
    char **files; // [n_files]; owned: names, for chunks
    size_t n_files, files_room;
    struct group *groups; // [n_groups]; owned
    uint32_t n_groups;
    size_t groups_room;
    struct labels titles, imdb;
    struct words tag_names;
    struct tag *tags; // [n_tags]; owned
    size_t n_tags, tags_room;
    uint64_t count[COUNT_N];
};

// A name that lives as long as the builder; NULL and an error without memory.
const char *builder_keep_file(struct builder *b, const char *name, struct error *e);

// Takes over a chunk, whose rows must be flawless. On false the chunk is still the caller's.
bool builder_add_chunk(struct builder *b, struct chunk *c, struct error *e);

// Finishing, in this order. The image holds what dataset.h says under the names in dataset.c.
struct finish {
    struct builder *b;
    struct image im;
    uint32_t n_users, n_items; // before and, once filtered, after
    uint64_t n;                // ratings
    uint64_t *user_start, *item_start;
    uint32_t *user_col, *item_col;
    float *user_value, *item_value;
    int64_t *time;
    uint32_t *fold;
    float *reachable;
};
bool finish_by_user(struct finish *f, struct error *e); // frees the chunks
bool finish_filter(struct finish *f, struct error *e);
bool finish_by_item(struct finish *f, struct error *e);
bool finish_texts(struct finish *f, struct error *e);
bool finish_features(struct finish *f, struct error *e);
bool finish_tags(struct finish *f, struct error *e);

#endif
