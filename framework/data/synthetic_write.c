// Synthetic data as MovieLens files, user by user.
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "data/synthetic_world.h"

const char *const synthetic_form_name[] = {"ml-latest", "ml-1m", NULL};

// The published names and separators; a NULL file: the form has none.
static const struct form {
    const char *ratings, *movies, *tags, *users;
    const char *ratings_header, *movies_header, *tags_header;
    const char *separator;
} forms[] = {
    [SYNTHETIC_ML_LATEST] = {.ratings = "ratings.csv",
        .movies = "movies.csv",
        .tags = "tags.csv",
        .ratings_header = "userId,movieId,rating,timestamp\n",
        .movies_header = "movieId,title,genres\n",
        .tags_header = "userId,movieId,tag,timestamp\n",
        .separator = ","},
    [SYNTHETIC_ML_1M] = {.ratings = "ratings.dat",
        .movies = "movies.dat",
        .users = "users.dat",
        .ratings_header = "",
        .movies_header = "",
        .separator = "::"},
};

// A file on its way: written under another name, so that nobody finds half of it.
struct output {
    char path[4096], aside[4096 + 8];
    FILE *file; // owned; NULL: the form has no such file
};
enum { RATINGS, MOVIES, TAGS, USERS, N_OUTPUTS };

static bool output_open(
    struct output *o, const char *dir, const char *name, const char *header, struct error *e) {
    if (!name) return true;
    const int n = snprintf(o->path, sizeof o->path, "%s/%s", dir, name);
    if (n >= (int)sizeof o->path) return error_set(e, "%s: the path is too long", dir);
    if (access(o->path, F_OK) == 0)
        return error_set(
            e, "%s is there already; choose another folder, or remove it first", o->path);
    snprintf(o->aside, sizeof o->aside, "%s.part", o->path);
    o->file = fopen(o->aside, "we");
    if (!o->file) return error_set(e, "%s: cannot write: %s", o->aside, strerror(errno));
    fputs(header, o->file);
    return true;
}

static bool output_close(struct output *o, struct error *e) {
    if (!o->file) return true;
    const bool failed = ferror(o->file) != 0;
    FILE *file = o->file;
    o->file = NULL;
    if (fclose(file) != 0 || failed) {
        error_set(e, "%s: cannot write: %s", o->aside, strerror(errno));
        unlink(o->aside);
        return false;
    }
    if (rename(o->aside, o->path) != 0)
        return error_set(e, "%s: cannot rename: %s", o->aside, strerror(errno));
    return true;
}

static void output_abandon(struct output *o) {
    if (!o->file) return;
    fclose(o->file);
    unlink(o->aside);
}

// ---- Rows --------------------------------------------------------------------------------------

// Digits by hand: printf() would be most of the time of a long file.
static char *put_number(char *at, uint64_t number) {
    char digits[20];
    int n = 0;
    do digits[n++] = (char)('0' + number % 10);
    while (number /= 10);
    while (n > 0) *at++ = digits[--n];
    return at;
}

static char *put_text(char *at, const char *text) {
    while (*text) *at++ = *text++;
    return at;
}

static void write_ratings(
    FILE *file, const struct form *form, uint32_t u, const struct synthetic_user *user) {
    char line[128];
    char *const row = put_text(put_number(line, u + UINT64_C(1)), form->separator);
    for (size_t k = 0; k < user->n_ratings; k++) {
        const struct synthetic_rating *r = &user->ratings[k];
        char *at = put_text(put_number(row, r->item + UINT64_C(1)), form->separator);
        at = put_number(at, (uint64_t)r->rating);
        if (!form->users) at = put_text(at, r->rating - (float)(int)r->rating > 0 ? ".5" : ".0");
        at = put_number(put_text(at, form->separator), (uint64_t)r->time);
        *at++ = '\n';
        fwrite(line, 1, (size_t)(at - line), file);
    }
}

static void write_tags(FILE *file, uint32_t u, const struct synthetic_user *user) {
    char name[SYNTHETIC_NAME];
    for (size_t k = 0; k < user->n_tags; k++)
        fprintf(file, "%u,%u,%s,%lld\n", u + 1, user->tags[k].item + 1,
            synthetic_tag_name(user->tags[k].tag, name), (long long)user->tags[k].time);
}

static void write_person(FILE *file, uint32_t u, const struct synthetic_user *user) {
    fprintf(file, "%u::%c::%u::%u::%05u\n", u + 1, "FM"[user->gender], synthetic_age[user->age],
        user -> occupation, user -> zip);
}

static void write_movies(FILE *file, const struct form *form, const struct synthetic_world *w) {
    char name[SYNTHETIC_NAME];
    for (uint32_t i = 0; i < w->n_items; i++) {
        const char *title = synthetic_title(w, i, name);
        const char *quote = strcmp(form->separator, ",") == 0 && strchr(title, ',') ? "\"" : "";
        fprintf(file, "%u%s%s%s%s%s", i + 1, form->separator, quote, title, quote, form->separator);
        const char *between = "";
        for (uint32_t g = 0; g < w->n_genres; g++)
            if (w->genres[i] >> g & 1) {
                fprintf(file, "%s%s", between, synthetic_genre(g, name));
                between = "|";
            }
        fputs(w->genres[i] ? "\n" : "(no genres listed)\n", file);
    }
}

// ---- All of it ---------------------------------------------------------------------------------

static bool write_all(
    struct synthetic_world *w, const struct form *form, struct output *o, struct error *e) {
    write_movies(o[MOVIES].file, form, w);
    struct synthetic_user user;
    for (uint32_t u = 0; u < w->n_users; u++) {
        synthetic_world_user(w, u, false, &user);
        write_ratings(o[RATINGS].file, form, u, &user);
        if (form->tags) write_tags(o[TAGS].file, u, &user);
        if (form->users) write_person(o[USERS].file, u, &user);
        if (ferror(o[RATINGS].file)) break; // a full disk need not be written to to the end
    }
    for (int k = 0; k < N_OUTPUTS; k++)
        if (!output_close(&o[k], e)) return false;
    return true;
}

bool synthetic_write(
    const struct synthetic *s, const char *dir, enum synthetic_form form_at, struct error *e) {
    const struct form *form = &forms[form_at];
    bool done = false;
    struct synthetic_world *w = NULL;
    struct output *o = calloc(N_OUTPUTS, sizeof *o);
    if (!o) return error_memory(e, N_OUTPUTS * sizeof *o, "files");
    if (form_at == SYNTHETIC_ML_1M && s->step != 1) {
        error_set(e, "synthetic: step = %g, but files of form %s hold whole stars; set step = 1",
            s->step, synthetic_form_name[form_at]);
        goto done;
    }
    w = synthetic_world_new(s, e);
    if (!w) goto done;
    if (mkdir(dir, 0777) != 0 && errno != EEXIST) {
        error_set(e, "%s: cannot make the folder: %s", dir, strerror(errno));
        goto done;
    }
    done = output_open(&o[RATINGS], dir, form->ratings, form->ratings_header, e) &&
           output_open(&o[MOVIES], dir, form->movies, form->movies_header, e) &&
           output_open(&o[TAGS], dir, form->tags, form->tags_header, e) &&
           output_open(&o[USERS], dir, form->users, "", e) && write_all(w, form, o, e);
done:
    for (int k = 0; k < N_OUTPUTS; k++) output_abandon(&o[k]);
    synthetic_world_free(w);
    free(o);
    return done;
}
