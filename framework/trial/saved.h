// saved.h - a trained model in a file (.rkm): all that it takes to answer pairs as it did before.
//
// The file is an image (core/image.h) with a checksum over all of it. Nothing in it depends on
// threads, on times or on paths.
#ifndef RECKON_TRIAL_SAVED_H
#define RECKON_TRIAL_SAVED_H

#include "core/arena.h"
#include "data/dataset.h"
#include "metric/fallback.h"
#include "model/schema.h"

struct saved {
    const char *plugin, *version, *hash; // of the plugin: its id, its version, its file's hash
    const char *reckon;                  // version of the harness
    const char *label;                   // of the model, as in the experiment
    const char *data, *data_hash;        // the data set
    const char *isa, *blas_core;         // what it was trained on; blas_core "": without BLAS
    uint64_t key;                        // of its random numbers
    uint64_t n_ratings;                  // that it was trained on
    float rating_min, rating_max;
    bool clip;     // answers are kept within the scale
    bool has_time; // the data has times
    uint32_t n_params;
    struct texts_packed names; // of parameters
    // [n_params]. What is read lies in `arena`.
    const struct param_value *values;
    struct texts_packed users, items; // the catalogue, in the order of its numbers
    double mean;                      // of the fallback: mu, b_u, b_i
    const float *user_bias;           // [users.n]
    const float *item_bias;           // [items.n]
    const void *state;                // [n_state]: of reckon.state/1
    size_t n_state;
    struct image image; // owned; where the rest lies, of one that was read
    struct arena arena; // owned
};

// Of an image with a section "check" of that size, which counts as zeros. False: out of memory.
enum { SAVED_CHECKSUM = 16 };
bool saved_checksum(const struct image *im, unsigned char out[SAVED_CHECKSUM]);

// Everything but `image` and `arena` is given. A file that is there is replaced if it is a saved
// model; anything else there is refused.
bool saved_write(const struct saved *s, const char *path, struct error *e);

// Maps and checks it. The message names the file, and says whether it is damaged, of a newer
// reckon, or no model at all.
bool saved_open(struct saved *s, const char *path, struct error *e);
void saved_done(struct saved *s); // accepts a zeroed struct

// The fallback's answer, with UINT32_MAX for a user or item that the catalogue doesn't have.
float saved_fallback(const struct saved *s, uint32_t user, uint32_t item);

// The values in the schema's order. False: the schema doesn't have the same parameters.
bool saved_values(const struct saved *s, const struct schema *schema, struct param_value *values,
    struct error *e);

#endif
