// generate.h - what the tables of options and settings are made into at build time.
#ifndef RECKON_CLI_GENERATE_H
#define RECKON_CLI_GENERATE_H

#include <stdio.h>

void generate_man(FILE *out);
void generate_bash(FILE *out);
void generate_zsh(FILE *out);
void generate_fish(FILE *out);

// `reckon --generate man|bash|zsh|fish`; gives the exit code.
int generate_main(const char *form);

#endif
