// suggest.h - "did you mean".
#ifndef RECKON_CORE_SUGGEST_H
#define RECKON_CORE_SUGGEST_H

#include <stddef.h>

// The nearest of `among` to `word` by edits (insert, delete, replace, swap neighbours), or NULL if
// none is near enough to be worth proposing: at most a third of the word's length, rounded up.
// Upper and lower case count as alike, '-' and '_' too.
const char *suggest_nearest(const char *word, const char *const *among, size_t n);

#endif
