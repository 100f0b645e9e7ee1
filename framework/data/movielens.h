// movielens.h - the files of MovieLens, in the forms in which GroupLens publishes them.
#ifndef RECKON_DATA_MOVIELENS_H
#define RECKON_DATA_MOVIELENS_H

#include "data/ratings.h"

enum movielens_form { FORM_100K, FORM_DAT, FORM_CSV };

struct movielens {
    struct builder *b;
    const char *path; // folder, archive or file; borrowed
    enum movielens_form form;
    struct members members; // owned
};

// The items (titles, genres, years), closing their catalogue, if there is a file of them.
bool movielens_items(struct movielens *m, struct error *e);
// The users with their demographics, likewise.
bool movielens_users(struct movielens *m, struct error *e);
// After the ratings.
bool movielens_tags(struct movielens *m, struct error *e);
bool movielens_links(struct movielens *m, struct error *e);

// Whether all of a file is UTF-8; if not, it is ISO 8859-1, as the older sets are.
bool movielens_is_utf8(struct movielens *m, const char *member, bool *yes, struct error *e);

// The year in a title's last "(1995)", "(1995-1999)", or 0.
int movielens_year(const char *title, size_t length);

#endif
