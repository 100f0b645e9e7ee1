// grow.h - arrays that grow by half.
#ifndef RECKON_DATA_GROW_H
#define RECKON_DATA_GROW_H

#include <stdlib.h>

#include "core/error.h"

// Makes room for `need` elements of `size` bytes in the owned array *at, which has room for *room.
// `what` names it in the message.
static inline bool grow_to(
    void *at, size_t *room, size_t need, size_t size, const char *what, struct error *e) {
    if (need <= *room) return true;
    size_t more = *room + *room / 2 + 16;
    if (more < need) more = need;
    void **array = at;
    void *moved = more <= SIZE_MAX / size ? realloc(*array, more * size) : NULL;
    if (!moved) {
        error_memory(e, more * size, what);
        return false;
    }
    *array = moved;
    *room = more;
    return true;
}

#endif
