// describe_words.h - what `reckon describe` found, in words that all its formats share.
#ifndef RECKON_REPORT_DESCRIBE_WORDS_H
#define RECKON_REPORT_DESCRIBE_WORDS_H

#include "describe/describe.h"

// Sentences, clean; everything lies in `arena`.
struct describe_sentences {
    const char **at; // [n]
    size_t n, room;
};

// What was read, set aside, doubled, and what is unusual.
void describe_words_oddities(
    struct describe_sentences *s, const struct describe *d, struct arena *arena);

// What the split's test rows know of their users and items; nothing without a split.
void describe_words_split(
    struct describe_sentences *s, const struct describe *d, struct arena *arena);

// "The most rated 1 % of the items have 8.2 % of the ratings, 10 % have 43.0 %."; "" where there
// are too few to have such shares.
const char *describe_words_tail(
    const struct describe_tail *tail, size_t n, const char *units, struct arena *arena);

// Clean, and of at most `columns` on a terminal, an ellipsis being the last.
const char *describe_words_cut(struct arena *arena, const char *text, size_t columns);

// "1996-03-29"; "" if it is not known.
const char *describe_words_date(struct arena *arena, int64_t time);

// "items" or "users" that the classes are of; "ratings".
const char *describe_words_side(const struct describe_classes *c);

// "Genre", "Age from" (bands that are named by where they begin).
const char *describe_words_heading(
    const struct describe_classes *c, size_t columns, struct arena *arena);

// "Not known of 1 item with 9 ratings."; "" if of none.
const char *describe_words_without(const struct describe_classes *c, struct arena *arena);

// Not clean: the title of an item, or "" if there is none.
const char *describe_words_title(const struct describe *d, uint32_t item);

#endif
