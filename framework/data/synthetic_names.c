// Names of what is made up. Titles hold commas now and then, so that readers meet quoted fields.
#include <stdio.h>

#include "core/random.h"
#include "data/synthetic.h"

#define COUNT_OF(a) (sizeof(a) / sizeof *(a))

const char *synthetic_genre(uint32_t genre, char *out) {
    static const char *const names[] = {"Drama", "Comedy", "Thriller", "Action", "Romance",
        "Adventure", "Crime", "Sci-Fi", "Horror", "Fantasy", "Children", "Mystery", "Animation",
        "Documentary", "War", "Musical", "Western", "Film-Noir"};
    if (genre < COUNT_OF(names))
        snprintf(out, SYNTHETIC_NAME, "%s", names[genre]);
    else
        snprintf(out, SYNTHETIC_NAME, "Genre-%u", genre + 1);
    return out;
}

const char *synthetic_tag_name(uint32_t tag, char *out) {
    static const char *const names[] = {"slow burn", "twist ending", "atmospheric", "funny",
        "based on a book", "dark", "visually stunning", "strong lead", "predictable", "music",
        "heist", "small town", "time travel", "courtroom", "road movie", "coming of age", "satire",
        "space", "true story", "friendship", "revenge", "black and white", "surreal", "dialogue",
        "family", "sports", "politics", "chase", "ghosts", "nature", "quirky", "bleak", "ensemble",
        "low budget", "remake", "mystery guest", "sea", "winter", "journalism", "long"};
    if (tag < COUNT_OF(names))
        snprintf(out, SYNTHETIC_NAME, "%s", names[tag]);
    else
        snprintf(out, SYNTHETIC_NAME, "tag %u", tag + 1);
    return out;
}

const char *synthetic_title(const struct synthetic_world *w, uint32_t i, char *out) {
    static const char *const first[] = {"Silent", "Golden", "Broken", "Distant", "Hidden", "Last",
        "Winter", "Crimson", "Endless", "Paper", "Midnight", "Northern", "Borrowed", "Quiet",
        "Glass", "Second"};
    static const char *const second[] = {"Harbour", "River", "Letters", "Garden", "Station",
        "Horizon", "Mirror", "Kingdom", "Orchard", "Parade", "Witness", "Lantern", "Crossing",
        "Summer", "Machine", "Voyage"};
    const uint64_t bits = random_mix(i, 0);
    const char *const article = (bits >> 8) % 4 == 0 ? ", The" : "";
    snprintf(out, SYNTHETIC_NAME, "%s %s %u%s (%d)", first[bits % 16], second[(bits >> 4) % 16],
        i + 1, article, synthetic_world_year(w, i));
    return out;
}
