// The man page, from the same tables as --help and the checks of experiment files.
#include "cli/generate.h"

#include <ctype.h>
#include <string.h>

#include "cli/options.h"
#include "experiment/reading.h"

// roff: \ - and dots that begin a line have a meaning.
static void put(const char *text, FILE *out) {
    bool begins = true;
    for (; *text; text++) {
        if (begins && (*text == '.' || *text == '\'')) fputs("\\&", out);
        if (*text == '\\')
            fputs("\\e", out);
        else if (*text == '-')
            fputs("\\-", out);
        else
            fputc(*text, out);
        begins = *text == '\n';
    }
}

static void put_heading(const char *text, FILE *out) {
    fputs(".SH ", out);
    for (; *text; text++) fputc(toupper((unsigned char)*text), out);
    fputc('\n', out);
}

// An entry with a hanging indent: **name** _value_, then the text.
static void put_entry(const char *name, const char *value, const char *doc, FILE *out) {
    fputs(".TP\n\\fB", out);
    put(name, out);
    fputs("\\fR", out);
    if (value) {
        fputs(" \\fI", out);
        put(value, out);
        fputs("\\fR", out);
    }
    fputc('\n', out);
    put(doc, out);
    fputc('\n', out);
}

static void put_command(const struct command *c, FILE *out) {
    char name[64];
    fprintf(out, ".SS reckon %s ", c->id);
    put(c->usage, out);
    fputc('\n', out);
    put(c->doc, out);
    fputs(".\n.PP\n", out);
    if (c->help) put(c->help, out);
    fputc('\n', out);
    const struct option *o;
    for (size_t k = 0; (o = options_nth(c, k)); k++) {
        if (o->letter)
            snprintf(name, sizeof name, "-%c, --%s", o->letter, o->name);
        else
            snprintf(name, sizeof name, "--%s", o->name);
        put_entry(name, o->value, o->doc, out);
    }
}

static void put_settings(const char *title, const char *doc, const struct settings *s, FILE *out) {
    struct arena arena = {0};
    fputs(".SS ", out);
    put(title, out);
    fputc('\n', out);
    if (doc) put(doc, out);
    fputc('\n', out);
    for (size_t k = 0; k < s->n; k++) {
        const struct setting *one = &s->at[k];
        const char *def = "";
        char number[32];
        node_format_real(one->def, number);
        if (bind_may_be_absent(one))
            def = "";
        else if (one->type == SETTING_INT)
            def = arena_printf(&arena, "; default %.0f", one->def);
        else if (one->type == SETTING_REAL)
            def = arena_printf(&arena, "; default %s", number);
        else if (one->type == SETTING_BOOL)
            def = one->def != 0 ? "; default true" : "; default false";
        else if (one->type == SETTING_CHOICE)
            def = arena_printf(&arena, "; default \"%s\"", one->choices[(int)one->def]);
        else if (one->type == SETTING_TEXT && one->def_text)
            def = arena_printf(&arena, "; default \"%s\"", one->def_text);
        put_entry(one->name, bind_expected(one, &arena),
            arena_printf(&arena, "%s%s", one->doc, one->required ? "; required" : def), out);
    }
    arena_done(&arena);
}

static void put_experiment_keys(FILE *out) {
    put_heading("Experiment files", out);
    put("An experiment file is in libconfig's form: key = value; groups in { }, lists in ( ) or "
        "[ ], @include \"FILE\". Relative paths are looked for in the experiment file's folder, "
        "then in those of RECKON_DATA.\n",
        out);
    put_settings("The experiment",
        "Beside data, filter, split, models, metrics, limits and search:", &top_settings, out);
    put_settings("data", "Keys of every source:", &data_common_settings, out);
    for (size_t k = 0; k < data_format_count(); k++)
        put_settings(
            data_format_nth(k)->id, data_format_nth(k)->doc, &data_format_nth(k)->settings, out);
    put_settings("filter", "Thins the data before it is split:", &data_filter_settings, out);
    char title[128];
    for (size_t k = 0; k < split_method_count(); k++) {
        snprintf(title, sizeof title, "split, method = \"%s\"", split_method_nth(k)->id);
        put_settings(title, split_method_nth(k)->doc, &split_method_nth(k)->settings, out);
    }
    for (size_t k = 0; k < metric_count(); k++) {
        snprintf(title, sizeof title, "metrics, \"%s\"", metric_nth(k)->id);
        put_settings(title, metric_nth(k)->doc, &metric_nth(k)->settings, out);
    }
    put_settings("limits",
        "What a trial may take; then it is ended, and a row with that cause:", &limits_settings,
        out);
    put_settings("search",
        "Searches the lists and ranges of models' parameters on inner folds of each training fold. "
        "An entry of models may have its own keys, or search = false.",
        &searching_settings, out);
    for (size_t k = 0; k < search_method_count(); k++) {
        snprintf(title, sizeof title, "method = \"%s\"", search_method_nth(k)->id);
        put_entry(title, NULL, search_method_nth(k)->doc, out);
    }
    fputs(".SS models\n", out);
    put("{ plugin = \"als\"; label = \"mine\"; } and the plugin's own parameters, which reckon "
        "plugins ID shows. A list given to a number makes a row for each value. With a search, "
        "what is searched is a list of values, \"any\" of a choice's, a range as \"1e-3..1\" or "
        "\"8..64 log 5\" (its scale, and how many points a grid takes), \"range\" for the "
        "parameter's whole one, or a group { values = [1, 2]; when = { solver = \"cg\"; }; } or { "
        "range = \"1..9\"; when = ...; } that holds where another parameter has those values.\n",
        out);
}

void generate_man(FILE *out) {
    fprintf(out, ".TH RECKON 1 \"\" \"reckon %s\" \"User Commands\"\n", RECKON_VERSION);
    put_heading("Name", out);
    fputs("reckon \\- recommender experiments, from one file to tables that can be trusted\n", out);
    put_heading("Synopsis", out);
    for (size_t k = 0; k < command_count(); k++) {
        fprintf(out, "%s\\fBreckon %s\\fR [options] ", k ? ".br\n" : "", command_nth(k)->id);
        put(command_nth(k)->usage, out);
        fputc('\n', out);
    }
    put_heading("Commands", out);
    for (size_t k = 0; k < command_count(); k++) put_command(command_nth(k), out);
    put_experiment_keys(out);
    put_heading("Environment", out);
    put_entry("RECKON_DATA", NULL, "Folders with data, colons between.", out);
    put_entry("RECKON_PLUGIN_PATH", NULL, "Folders with plugins, colons between.", out);
    put_entry("OPENBLAS_CORETYPE", NULL,
        "The core that OpenBLAS is told to use; set by reckon where its own detection is poor.",
        out);
    put_entry("NO_COLOR, TERM", NULL, "No colour with NO_COLOR or TERM=dumb.", out);
    put_heading("Exit status", out);
    put_entry("0", NULL, "Done.", out);
    put_entry("1", NULL, "Failed.", out);
    put_entry("2", NULL, "Wrong usage or configuration.", out);
    put_entry("3", NULL, "Finished, but some trials failed.", out);
    put_entry("129, 130, 143", NULL, "Stopped by SIGHUP, SIGINT, SIGTERM.", out);
}

int generate_main(const char *form) {
    static const struct {
        const char *form;
        void (*generate)(FILE *out);
    } all[] = {{"man", generate_man}, {"bash", generate_bash}, {"zsh", generate_zsh},
        {"fish", generate_fish}};
    for (size_t k = 0; form && k < sizeof all / sizeof *all; k++)
        if (strcmp(all[k].form, form) == 0) {
            all[k].generate(stdout);
            return EXIT_DONE;
        }
    fprintf(stderr, "reckon: --generate needs man, bash, zsh or fish\n");
    return EXIT_USAGE;
}
