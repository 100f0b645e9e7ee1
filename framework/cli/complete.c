// Completions of the shells, from the option table.
#include <string.h>

#include "cli/generate.h"
#include "cli/options.h"

static const char list_plugins[] = "reckon plugins 2>/dev/null | cut -d' ' -f1";

static bool is(const char *completion, const char *kind) {
    return completion && strcmp(completion, kind) == 0;
}

// ---- bash --------------------------------------------------------------------------------------

static void bash_words(const char *completion, FILE *out) {
    if (is(completion, "file"))
        fputs("compopt -o filenames; COMPREPLY=($(compgen -f -- \"$cur\"))", out);
    else if (is(completion, "dir"))
        fputs("compopt -o filenames; COMPREPLY=($(compgen -d -- \"$cur\"))", out);
    else if (is(completion, "plugin"))
        fprintf(out, "COMPREPLY=($(compgen -W \"$(%s)\" -- \"$cur\"))", list_plugins);
    else if (completion)
        fprintf(out, "COMPREPLY=($(compgen -W '%s' -- \"$cur\"))", completion);
    else
        fputs(":", out);
}

static void bash_command(const struct command *c, FILE *out) {
    const struct option *o;
    fprintf(out, "    %s)\n        case $prev in\n", c->id);
    for (size_t k = 0; (o = options_nth(c, k)); k++) {
        if (o->kind == OPTION_FLAG) continue;
        fputs("        ", out);
        if (o->letter) fprintf(out, "-%c|", o->letter);
        fprintf(out, "--%s) ", o->name);
        bash_words(o->completion, out);
        fputs("; return ;;\n", out);
    }
    fputs("        esac\n        if [[ $cur == -* ]]; then\n            COMPREPLY=($(compgen -W '",
        out);
    for (size_t k = 0; (o = options_nth(c, k)); k++) fprintf(out, "%s--%s", k ? " " : "", o->name);
    fputs("' -- \"$cur\"))\n        else\n            ", out);
    bash_words(c->completion, out);
    fputs("\n        fi ;;\n", out);
}

void generate_bash(FILE *out) {
    fputs("# bash completion of reckon; made from its option table\n_reckon() {\n"
          "    local cur=${COMP_WORDS[COMP_CWORD]} prev=${COMP_WORDS[COMP_CWORD-1]}\n"
          "    COMPREPLY=()\n    if ((COMP_CWORD == 1)); then\n"
          "        COMPREPLY=($(compgen -W '",
        out);
    for (size_t k = 0; k < command_count(); k++) fprintf(out, "%s ", command_nth(k)->id);
    fputs("--help --version' -- \"$cur\"))\n        return\n    fi\n    case ${COMP_WORDS[1]} in\n",
        out);
    for (size_t k = 0; k < command_count(); k++) bash_command(command_nth(k), out);
    fputs("    esac\n}\ncomplete -F _reckon reckon\n", out);
}

// ---- zsh ---------------------------------------------------------------------------------------

// Inside '...' and [...] of _arguments.
static void zsh_text(const char *text, FILE *out) {
    for (; *text; text++) {
        if (strchr("[]:\\", *text)) fputc('\\', out);
        if (*text == '\'')
            fputs("'\\''", out);
        else
            fputc(*text, out);
    }
}

static void zsh_action(const char *completion, FILE *out) {
    if (is(completion, "file"))
        fputs("_files", out);
    else if (is(completion, "dir"))
        fputs("_files -/", out);
    else if (is(completion, "plugin"))
        fputs("_reckon_plugins", out);
    else if (completion)
        fprintf(out, "(%s)", completion);
}

static void zsh_option(const struct option *o, FILE *out) {
    const bool repeats = o->kind == OPTION_TEXTS;
    fputs(" \\\n            ", out);
    if (o->letter && !repeats)
        fprintf(out, "'(-%c --%s)'{-%c,--%s}'[", o->letter, o->name, o->letter, o->name);
    else
        fprintf(out, "'%s--%s[", repeats ? "*" : "", o->name);
    zsh_text(o->doc, out);
    fputc(']', out);
    if (o->value) {
        fprintf(out, ":%s:", o->value);
        zsh_action(o->completion, out);
    }
    fputc('\'', out);
}

void generate_zsh(FILE *out) {
    fputs("#compdef reckon\n# made from reckon's option table\n\n_reckon_plugins() {\n"
          "    local -a plugins\n    plugins=(${(f)\"$(",
        out);
    fputs(list_plugins, out);
    fputs(
        ")\"})\n    compadd -a plugins\n}\n\n_reckon() {\n    local -a commands\n    commands=(\n",
        out);
    for (size_t k = 0; k < command_count(); k++) {
        fprintf(out, "        '%s:", command_nth(k)->id);
        zsh_text(command_nth(k)->doc, out);
        fputs("'\n", out);
    }
    fputs("    )\n    if (( CURRENT == 2 )); then\n        _describe command commands\n        "
          "return\n"
          "    fi\n    shift words\n    (( CURRENT-- ))\n    case $words[1] in\n",
        out);
    for (size_t k = 0; k < command_count(); k++) {
        const struct command *c = command_nth(k);
        const struct option *o;
        fprintf(out, "    %s)\n        _arguments -s", c->id);
        for (size_t n = 0; (o = options_nth(c, n)); n++) zsh_option(o, out);
        if (c->completion) {
            fputs(" \\\n            '*: :", out);
            zsh_action(c->completion, out);
            fputc('\'', out);
        }
        fputs(" ;;\n", out);
    }
    fputs("    esac\n}\n\n_reckon \"$@\"\n", out);
}

// ---- fish --------------------------------------------------------------------------------------

static void fish_text(const char *text, FILE *out) {
    fputc('\'', out);
    for (; *text; text++) {
        if (*text == '\'' || *text == '\\') fputc('\\', out);
        fputc(*text, out);
    }
    fputc('\'', out);
}

static void fish_action(const char *completion, FILE *out) {
    if (is(completion, "file"))
        fputs(" -r -F", out);
    else if (is(completion, "dir"))
        fputs(" -x -a '(__fish_complete_directories)'", out);
    else if (is(completion, "plugin"))
        fprintf(out, " -x -a \"(%s)\"", list_plugins);
    else if (completion)
        fprintf(out, " -x -a '%s'", completion);
    else
        fputs(" -x", out);
}

void generate_fish(FILE *out) {
    fputs("# fish completion of reckon; made from its option table\ncomplete -c reckon -f\n", out);
    for (size_t k = 0; k < command_count(); k++) {
        const struct command *c = command_nth(k);
        const struct option *o;
        fprintf(out, "complete -c reckon -n __fish_use_subcommand -a %s -d ", c->id);
        fish_text(c->doc, out);
        fputc('\n', out);
        for (size_t n = 0; (o = options_nth(c, n)); n++) {
            fprintf(out, "complete -c reckon -n '__fish_seen_subcommand_from %s' -l %s", c->id,
                o->name);
            if (o->letter) fprintf(out, " -s %c", o->letter);
            if (o->kind != OPTION_FLAG) fish_action(o->completion, out);
            fputs(" -d ", out);
            fish_text(o->doc, out);
            fputc('\n', out);
        }
        if (!c->completion) continue;
        fprintf(out, "complete -c reckon -n '__fish_seen_subcommand_from %s'", c->id);
        if (is(c->completion, "file") || is(c->completion, "dir"))
            fputs(" -F\n", out);
        else
            fish_action(c->completion, out), fputc('\n', out);
    }
}
