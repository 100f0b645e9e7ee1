// attributes.h - a delimited file of all users or items: the id first, then a column for each
// feature.
//
// A column whose values are numbers is one REAL feature, unless it is named in `one_hot`; one where
// the list separator occurs is BINARY; any other is ONE_HOT. Items' columns "title" and "imdb" are
// what they say. An empty field is not known.
#ifndef RECKON_DATA_ATTRIBUTES_H
#define RECKON_DATA_ATTRIBUTES_H

#include "data/columns.h"

// All borrowed.
struct attributes {
    struct builder *b;
    enum builder_side side;
    const char *path;
    const char *delimiter;
    bool header;
    const char *list_separator;
    struct texts one_hot;
};

// The ids are the catalogue: it is closed after.
bool attributes_read(const struct attributes *a, struct error *e);

#endif
