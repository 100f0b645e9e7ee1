// synthetic_world.h - what synthetic_world.c plants and synthetic_user.c draws from.
#ifndef RECKON_DATA_SYNTHETIC_WORLD_H
#define RECKON_DATA_SYNTHETIC_WORLD_H

#include "core/arena.h"
#include "core/random.h"
#include "data/builder.h"
#include "data/synthetic.h"

// What random numbers are for; each has its own key.
enum synthetic_key {
    KEY_GENRE = 1,
    KEY_TAG,
    KEY_TRAIT,
    KEY_ITEM,
    KEY_ITEM_GENRE,
    KEY_ITEM_YEAR,
    KEY_COUNT,
    KEY_USER,
    KEY_USER_TRAITS,
    KEY_PICK,
    KEY_REST,
    KEY_NOISE,
    KEY_TIME,
    KEY_TAGGING
};
uint64_t synthetic_world_key(const struct synthetic_world *w, enum synthetic_key what);

enum { SYNTHETIC_TRAITS = SYNTHETIC_GENDERS + SYNTHETIC_AGES + SYNTHETIC_OCCUPATIONS };

// The span of the ratings' times; all items were out before.
#define SYNTHETIC_FIRST_TIME INT64_C(1451606400) // 2016-01-01
#define SYNTHETIC_TIME_SPAN (INT64_C(4) * 365 * 86400)

struct synthetic_key_draw {
    double key;
    uint32_t item;
};

struct synthetic_world {
    const struct synthetic *settings; // borrowed
    struct arena arena;               // owned; all arrays lie in it
    uint32_t n_users, n_items, rank, n_genres, n_tags;
    uint32_t n_groups; // genres, or one for all items if there are none

    float *genre_factor; // [n_genres][rank]
    float *tag_factor;   // [n_tags][rank]
    float *trait_factor; // [SYNTHETIC_TRAITS][rank]; genders, ages, occupations
    float *trait_bias;   // [SYNTHETIC_TRAITS]

    float *item_factor; // [n_items][rank]
    float *item_bias;   // [n_items]
    float *item_drift;  // [n_items]
    float *weight;      // [n_items]; popularity
    uint16_t *year;     // [n_items]
    uint64_t *genres;   // [n_items]; a bit for each

    uint64_t *group_start; // [n_groups + 1]
    uint32_t *group_item;  // [group_start[n_groups]]; by ascending item in each group
    double *group_sum;     // likewise; weights summed up from the group's first item

    uint32_t *count; // [n_users]; of ratings

    // Of the user at hand.
    uint32_t next_user;               // one past it
    float *factor;                    // [rank]
    double *taste;                    // [n_groups]; how much more the user is drawn to each
    double *group_odds;               // [n_groups]; summed up
    uint32_t *stamp;                  // [n_items]; user + 1 where the user has rated the item
    uint32_t *picked;                 // [n_items]
    struct synthetic_key_draw *keys;  // [n_items]
    float *chance;                    // uniforms or normals, as many as anything here needs
    struct synthetic_rating *ratings; // [n_items]
    struct synthetic_tag *given;      // [n_items]
    double *tag_odds;                 // [n_tags]
};

// The item's weight in each of its groups.
double synthetic_world_share(const struct synthetic_world *w, uint32_t i);

// Everything into the builder: data_format.read.
bool synthetic_read(const void *settings, struct builder *b, struct error *e);

float synthetic_dot(const float *a, const float *b, uint32_t n);

#endif
