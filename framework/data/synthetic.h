// synthetic.h - ratings made from a planted truth, so that there is something for each kind of
// model to find and the best reachable error is known.
//
//     m(u,i,t) = 3.3 + b_u + b_i + p_u . q_i / sqrt(rank) + drift of u and i in t
//     rating   = m + noise, rounded to the scale and cut at its ends
//
// q_i comes in part from the item's genres, and tags tell of it; b_i follows popularity and year;
// p_u and b_u come for a small part from demographics. Users rate what their taste draws them to,
// popular items above all, and numbers of ratings are long-tailed. Every number is a function of
// the seed and what it is for (core/random.h), so users can be made one by one in any order.
#ifndef RECKON_DATA_SYNTHETIC_H
#define RECKON_DATA_SYNTHETIC_H

#include "core/error.h"
#include "core/setting.h"

struct synthetic {
    int64_t users, items, ratings, rank, genres, tags, seed;
    double step;         // of the scale: 0.5 (0.5 .. 5) or 1 (1 .. 5)
    double noise;        // standard deviations of the terms, in stars
    double user_bias;    //
    double item_bias;    //
    double taste;        // of p_u . q_i / sqrt(rank)
    double drift;        //
    double genre_share;  // of an item's factors, what its genres say
    double demographics; // of a user's factors and bias, what gender, age and occupation say
    double selection;    // how much taste governs what is rated; 0: popularity alone
    double tail;         // spread of popularity and activity; 0: all alike
    double tag_rate;     // tags for each rating
};
extern const struct settings synthetic_settings;
void synthetic_defaults(struct synthetic *s);

// Whether the settings can be met together; the message says what is in the way.
bool synthetic_check(const struct synthetic *s, struct error *e);

enum { SYNTHETIC_GENDERS = 2, SYNTHETIC_AGES = 7, SYNTHETIC_OCCUPATIONS = 21 };
extern const uint8_t synthetic_age[SYNTHETIC_AGES]; // lower ends of the bands, as in MovieLens 1M

struct synthetic_rating {
    uint32_t item;
    float rating;
    float reachable; // E[rating | planted truth]: no prediction can have a smaller squared error
    int64_t time;    // seconds since 1970
};
struct synthetic_tag {
    uint32_t item, tag;
    int64_t time;
};
struct synthetic_user {
    uint8_t gender;                         // 0: female, 1: male
    uint8_t age;                            // into synthetic_age
    uint8_t occupation;                     // below SYNTHETIC_OCCUPATIONS
    uint32_t zip;                           // five digits
    const struct synthetic_rating *ratings; // [n_ratings], by ascending item; borrowed
    const struct synthetic_tag *tags;       // [n_tags]; borrowed
    size_t n_ratings, n_tags;
};

// The truth about all items, and how much each user rates: memory for users and items, none for
// ratings. `s` is borrowed.
struct synthetic_world;
struct synthetic_world *synthetic_world_new(const struct synthetic *s, struct error *e);
void synthetic_world_free(struct synthetic_world *w);

// User `u` and all that he or she rated; lists are valid until the next call. `reachable` is 0
// unless asked for.
void synthetic_world_user(
    struct synthetic_world *w, uint32_t u, bool with_reachable, struct synthetic_user *out);

uint64_t synthetic_world_genres(const struct synthetic_world *w, uint32_t i); // a bit for each
int synthetic_world_year(const struct synthetic_world *w, uint32_t i);

// Names; `out` holds SYNTHETIC_NAME bytes, and is given back.
enum { SYNTHETIC_NAME = 64 };
const char *synthetic_title(const struct synthetic_world *w, uint32_t i, char *out);
const char *synthetic_genre(uint32_t genre, char *out);
const char *synthetic_tag_name(uint32_t tag, char *out);

// Writes the data set as MovieLens files into `dir`, which is made, and must not hold any of them
// yet. Ids are numbers from 1. Memory stays that of users and items, however many ratings.
//   ML_LATEST  ratings.csv, movies.csv, tags.csv (no demographics; links.csv would have to lie)
//   ML_1M      ratings.dat, movies.dat, users.dat (whole stars; no tags)
enum synthetic_form { SYNTHETIC_ML_LATEST, SYNTHETIC_ML_1M };
extern const char *const synthetic_form_name[]; // "ml-latest", "ml-1m", NULL
bool synthetic_write(
    const struct synthetic *s, const char *dir, enum synthetic_form form, struct error *e);

#endif
