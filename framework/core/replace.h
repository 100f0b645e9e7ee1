// replace.h - a file that is there whole or not at all: written beside its place, then put there by
// one rename.
#ifndef RECKON_CORE_REPLACE_H
#define RECKON_CORE_REPLACE_H

#include <stdio.h>

#include "core/error.h"

struct replace {
    char path[4096];       // where it will be; links are followed
    char aside[4096 + 16]; // where it is being written; "": `path` itself, which is no plain file
    FILE *file;            // owned; NULL: nothing is being written
};

// What is there stays as it is until replace_commit(). A pipe or a device is written as it is.
bool replace_begin(struct replace *r, const char *path, struct error *e);

// On disk for good, and in place. False: what was there before still is.
bool replace_commit(struct replace *r, struct error *e);

void replace_abandon(struct replace *r); // nothing after a commit; accepts a zeroed struct

#endif
