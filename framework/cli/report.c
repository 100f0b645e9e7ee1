// reckon report RUN
#include "report/report.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cli/opened.h"
#include "core/log.h"
#include "core/replace.h"
#include "report/folder.h"

enum { MOST_FORMATS = 32 };

// "html,md"; NULL: all there are.
static bool read_formats(const char *text, const struct report_format **formats, size_t *n) {
    *n = 0;
    for (size_t k = 0; !text && k < report_format_count() && *n < MOST_FORMATS; k++)
        formats[(*n)++] = report_format_nth(k);
    while (text) {
        const size_t length = strcspn(text, ",");
        const struct report_format *found = NULL;
        for (size_t k = 0; k < report_format_count(); k++) {
            const struct report_format *f = report_format_nth(k);
            if (strlen(f->id) == length && strncmp(f->id, text, length) == 0) found = f;
        }
        if (!found || *n == MOST_FORMATS) {
            struct arena a = {0};
            const char *ids = "";
            for (size_t k = 0; k < report_format_count(); k++)
                ids = arena_printf(&a, "%s%s%s", ids, *ids ? ", " : "", report_format_nth(k)->id);
            log_error("--format: \"%.*s\" is no format; there are %s, with commas between them",
                (int)length, text, ids);
            arena_done(&a);
            return false;
        }
        formats[(*n)++] = found;
        text = text[length] ? text + length + 1 : NULL;
    }
    return true;
}

static bool write_one(const struct report *r, const struct report_format *format,
    const char *folder, struct arena *a, struct error *e) {
    const char *path = arena_printf(a, "%s/%s", folder, report_format_file(format, a));
    struct replace file = {0};
    struct stat s;
    // A link in a folder that somebody sent could lead anywhere; as a run does, it is replaced.
    if (lstat(path, &s) == 0 && S_ISLNK(s.st_mode) && unlink(path) != 0)
        return error_set(e, "%s: the link can't be replaced: %s", path, strerror(errno));
    const bool ok =
        replace_begin(&file, path, e) && format->write(r, file.file, e) && replace_commit(&file, e);
    replace_abandon(&file);
    if (ok) log_info("%s", path);
    return ok;
}

static int write_all(const struct opened *o, const char *folder,
    const struct report_format *const *formats, size_t n) {
    struct arena arena = {0};
    struct report report = {0};
    struct error e = {0};
    bool ok = folder_make(folder, &e) &&
              report_make(&report, &o->results, o->text, o->experiment.plan_hash, &e);
    report.provenance = o->provenance;
    report.candidates = &o->candidates;
    for (size_t k = 0; ok && k < n; k++) ok = write_one(&report, formats[k], folder, &arena, &e);
    if (!ok) log_error("%s", e.text);
    if (ok && strcmp(o->state, "done") != 0)
        log_warning("the run is %s: what is written is of the trials that have ended, and says so",
            o->state);
    report_done(&report);
    arena_done(&arena);
    return ok ? EXIT_DONE : EXIT_FAILED;
}

static int report_main(const struct arguments *a) {
    const struct report_format *formats[MOST_FORMATS];
    size_t n;
    if (!read_formats(a->format, formats, &n)) return EXIT_USAGE;
    struct arguments where = *a; // --out says where to write, not where runs are
    struct opened opened;
    struct error e = {0};
    where.out = NULL;
    if (!opened_read(&opened, &where, a->rest.at[0], &e)) {
        log_error("%s", e.text);
        return EXIT_FAILED;
    }
    const int code = write_all(&opened, a->out ? a->out : opened.folder, formats, n);
    opened_done(&opened);
    return code;
}

#define AT(field) .offset = offsetof(struct arguments, field)
static const struct option option_formats = {"format", 0, OPTION_TEXT, "FORMATS",
    "which, with commas between them; all of them without it", "html md csv tex json txt",
    AT(format)};
static const struct option option_into = {"out", 0, OPTION_TEXT, "FOLDER",
    "write into this folder, made if need be, in place of the run's own", "dir", AT(out)};
static const struct option *const options[] = {&option_formats, &option_into, &option_plugin_path};

REGISTRY_ADD(command, report) = {
    .id = "report",
    .usage = "RUN [--format html,md,...] [--out FOLDER]",
    .doc = "Write the page and the tables of a run again",
    .help = "RUN is a folder of results, or the name of one in results/. Written into it are "
            "report.html, a page to be read\nand sent that needs no other file and no network, and "
            "table.* in the other formats, from the run's store alone:\nthe data is not read, and "
            "nothing is run. A run that was stopped, or goes on, gets a report that says so.\n\n"
            "Exit codes: 0 written; 1 failed; 2 usage.",
    .options = options,
    .n_options = sizeof options / sizeof *options,
    .min_rest = 1,
    .max_rest = 1,
    .completion = "dir",
    .main = report_main,
};
