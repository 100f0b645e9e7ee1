// bind.h - a group of the tree fills in a struct, as a table of settings says.
#ifndef RECKON_EXPERIMENT_BIND_H
#define RECKON_EXPERIMENT_BIND_H

#include "core/setting.h"
#include "experiment/paths.h"
#include "experiment/tree.h"

// Tables that a misplaced key may belong to.
struct bind_home {
    const char *where; // "split (kfold)"
    const struct settings *settings;
};

struct binder {
    struct arena *arena; // everything bound lies in it
    struct mistakes *mistakes;
    const struct paths_finder *finder;
    const struct bind_home *homes; // [n_homes]
    size_t n_homes;
};

// One table and the zeroed struct that it fills in.
struct bind_part {
    const struct settings *settings;
    void *out;
};

// Several tables may share a group; `others` are keys of it that the caller reads itself. `what`
// names the owner in messages: "kfold". Every key that nobody knows, every value that cannot be and
// every missing one is a mistake. Values that are absent become their defaults, in the struct and,
// but for those that may be absent, in the tree.
void bind_group(struct binder *b, struct node *group, const char *what,
    const struct bind_part *parts, size_t n_parts, const char *const *others, size_t n_others);

// Complains about the keys of `group` that are none of the names: "<what> has no <kind> ...".
void bind_check_keys(struct binder *b, const struct node *group, const char *what, const char *kind,
    const char *const *known, size_t n_known);

// One value into its field; false with a mistake.
bool bind_value(struct binder *b, struct node *node, const struct setting *s, void *field);

// A number whose default is out of its range: it need not be there, and no default is told.
bool bind_may_be_absent(const struct setting *s);

// The default into the field.
void bind_default(const struct setting *s, void *field);

// "a whole number from 2 to 100", "one of \"user\", \"all\"".
const char *bind_expected(const struct setting *s, struct arena *arena);

// A mistake about `node` with its path as the key.
void bind_mistake(struct binder *b, const struct node *node, const char *fmt, ...) RK_PRINTF(3, 4);

// The same for a message that may begin with the name of `group` or one of its keys: "only: there
// is no fold 7".
void bind_complain(struct binder *b, const struct node *group, const char *message);

// "; did you mean \"x\"?" or "".
const char *bind_did_you_mean(
    struct arena *arena, const char *word, const char *const *among, size_t n);

// Adds a child to `group` as a default; NULL when memory ran out.
struct node *bind_add(struct binder *b, struct node *group, enum node_kind kind, const char *name);

#endif
