#include "experiment/scan.h"

#include <ctype.h>
#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

enum { MOST_INCLUDES = 50, SIZE_LIMIT = 16 << 20 };

struct scanner {
    struct tokens *tokens;
    struct arena *arena;
    struct mistakes *mistakes;
    const char *file;
    enum origin origin;
    const char *at, *end; // what is left
    const char *line_at;  // where the current line begins
    int line;
};

// Bytes of the UTF-8 character at `s` of which `n` bytes are left; 0 if it is none.
static size_t utf8_length(const unsigned char *s, size_t n) {
    if (s[0] < 0x80) return 1;
    size_t length = s[0] >= 0xf0 ? 4 : s[0] >= 0xe0 ? 3 : 2;
    if (s[0] < 0xc2 || s[0] > 0xf4 || n < length) return 0;
    for (size_t k = 1; k < length; k++)
        if ((s[k] & 0xc0) != 0x80) return 0;
    if ((s[0] == 0xe0 && s[1] < 0xa0) || (s[0] == 0xed && s[1] > 0x9f) ||
        (s[0] == 0xf0 && s[1] < 0x90) || (s[0] == 0xf4 && s[1] > 0x8f))
        return 0;
    return length;
}

static struct position place_of(const struct scanner *s, const char *at) {
    int column = 1;
    for (const char *c = s->line_at; c < at; c++) column += (*c & 0xc0) != 0x80;
    return (struct position){s->origin, s->origin == ORIGIN_FILE ? s->file : NULL, s->line, column};
}

char *scan_caret(struct arena *arena, const char *line, int column) {
    enum { WIDTH = 200 };
    size_t n = strcspn(line, "\r\n");
    if (n > WIDTH)
        for (n = WIDTH; n > 0 && (line[n] & 0xc0) == 0x80; n--) {
        }
    char *out = arena_alloc(arena, 2 * n + (size_t)column + 16);
    if (!out) return arena_text(arena, "");
    char *at = out + sprintf(out, "\n    %.*s\n    ", (int)n, line);
    const char *c = line;
    for (int k = 1; k < column && c < line + n; c++) {
        if ((*c & 0xc0) == 0x80) continue;
        *at++ = *c == '\t' ? '\t' : ' ';
        k++;
    }
    *at++ = '^';
    *at = '\0';
    return out;
}

static struct token *add(struct scanner *s, enum token_kind kind, const char *at, const char *end) {
    struct tokens *t = s->tokens;
    if (t->n == t->room) {
        size_t room = t->room ? 2 * t->room : 256;
        struct token *more = realloc(t->at, room * sizeof *more);
        if (!more) {
            s->mistakes->no_memory = true;
            s->at = s->end; // the end of scanning
            return NULL;
        }
        t->at = more;
        t->room = room;
    }
    struct token *token = &t->at[t->n++];
    *token = (struct token){.kind = kind,
        .at = at,
        .n = (size_t)(end - at),
        .place = place_of(s, at),
        .line = s->line_at};
    return token;
}

static void complain(struct scanner *s, const char *at, const char *what, const char *allowed) {
    struct position place = place_of(s, at);
    mistakes_add(s->mistakes, place, NULL, "%s; %s%s", what, allowed,
        scan_caret(s->arena, s->line_at, place.column));
}

static void new_line(struct scanner *s, const char *begins_at) {
    s->line++;
    s->line_at = begins_at;
}

// White space and comments.
static void skip_blank(struct scanner *s) {
    while (s->at < s->end) {
        const char *c = s->at;
        if (*c == '\n') {
            s->at++;
            new_line(s, s->at);
        } else if (*c == ' ' || *c == '\t' || *c == '\r' || *c == '\f') {
            s->at++;
        } else if (*c == '#' || (c[0] == '/' && c[1] == '/')) {
            while (s->at < s->end && *s->at != '\n') s->at++;
        } else if (c[0] == '/' && c[1] == '*') {
            struct position opened = place_of(s, c);
            const char *line = s->line_at;
            for (s->at += 2; s->at < s->end && !(s->at[0] == '*' && s->at[1] == '/'); s->at++)
                if (*s->at == '\n') new_line(s, s->at + 1);
            if (s->at < s->end)
                s->at += 2;
            else
                mistakes_add(s->mistakes, opened, NULL,
                    "the comment has no end; close it with */%s",
                    scan_caret(s->arena, line, opened.column));
        } else {
            return;
        }
    }
}

// Bytes of the escape at `c`, after a backslash; 0 if there is none such.
static int escape_length(const char *c) {
    if (*c == 'x') {
        const bool hex = isxdigit((unsigned char)c[1]) && isxdigit((unsigned char)c[2]);
        return hex && c[1] < '8' && !(c[1] == '0' && c[2] == '0') ? 3 : 0;
    }
    return *c && strchr("nrtf\\\"", *c) ? 1 : 0;
}

static void scan_string(struct scanner *s) {
    const char *from = s->at++;
    while (*s->at && *s->at != '"' && *s->at != '\n') {
        const int length = *s->at == '\\' ? escape_length(s->at + 1) : 0;
        if (*s->at == '\\' && !length)
            complain(s, s->at, "there is no such escape in text",
                "there are \\n \\r \\t \\f \\\\ \\\" and \\x01 to \\x7f");
        s->at += 1 + length;
    }
    if (*s->at != '"') {
        complain(s, from, "the text has no closing quote on its line",
            "longer text is written in pieces, \"one \" \"two\"");
        return;
    }
    s->at++;
    add(s, TOKEN_TEXT, from, s->at);
}

// [-+]digits[L[L]], 0xdigits[L[L]], [-+]digits[.digits][e[-+]digits]
static void scan_number(struct scanner *s) {
    const char *from = s->at, *c = s->at;
    bool hex = c[0] == '0' && (c[1] == 'x' || c[1] == 'X'), real = false;
    if (hex) {
        for (c += 2; isxdigit((unsigned char)*c); c++) {
        }
    } else {
        if (*c == '-' || *c == '+') c++;
        while (isdigit((unsigned char)*c)) c++;
        if (*c == '.') {
            real = true;
            for (c++; isdigit((unsigned char)*c); c++) {
            }
        }
        if (*c == 'e' || *c == 'E') {
            const char *exponent = c + 1;
            if (*exponent == '-' || *exponent == '+') exponent++;
            if (isdigit((unsigned char)*exponent)) {
                real = true;
                for (c = exponent; isdigit((unsigned char)*c); c++) {
                }
            }
        }
    }
    const char *digits_end = c;
    for (int k = 0; k < 2 && !real && *c == 'L'; k++) c++;
    s->at = c;
    struct token *token = add(s, real ? TOKEN_REAL : TOKEN_INT, from, c);
    if (!token) return;

    char *end;
    errno = 0;
    if (real) {
        token->real = strtod(from, &end);
        if (isinf(token->real))
            complain(s, from, "the number is too large", "reals reach to 1.7e308");
    } else {
        token->integer = strtoll(from, &end, hex ? 16 : 10);
        token->real = (double)token->integer;
        if (errno == ERANGE)
            complain(s, from, "the number is too large",
                "integers reach from -9223372036854775808 to 9223372036854775807");
    }
    if (end != digits_end || (hex && digits_end == from + 2)) token->kind = TOKEN_BAD;
}

static bool is_name(char c) {
    return isalnum((unsigned char)c) || c == '_' || c == '-' || c == '*';
}

static void scan_word(struct scanner *s) {
    const char *from = s->at;
    while (is_name(*s->at)) s->at++;
    size_t n = (size_t)(s->at - from);
    bool yes = n == 4 && strncasecmp(from, "true", 4) == 0;
    bool no = n == 5 && strncasecmp(from, "false", 5) == 0;
    struct token *token = add(s, yes || no ? TOKEN_BOOL : TOKEN_NAME, from, s->at);
    if (token) token->real = yes;
}

static void scan_bytes(struct scanner *s, const char *text, size_t size);

// "@include "file"" alone on its line.
static void scan_include(struct scanner *s) {
    const char *from = s->at;
    s->at += strlen("@include");
    while (*s->at == ' ' || *s->at == '\t') s->at++;
    const char *name = s->at + 1;
    size_t n = *s->at == '"' ? strcspn(name, "\"\n") : 0;
    if (n == 0 || name[n] != '"') {
        complain(s, from, "@include needs a file", "@include \"common.cfg\"");
        s->at += strcspn(s->at, "\n");
        return;
    }
    s->at = name + n + 1;

    const char *slash = s->file && s->origin == ORIGIN_FILE ? strrchr(s->file, '/') : NULL;
    char *file = *name == '/' || !slash ? arena_printf(s->arena, "%.*s", (int)n, name)
                                        : arena_printf(s->arena, "%.*s/%.*s",
                                              (int)(slash - s->file), s->file, (int)n, name);
    struct error e = {0};
    char *text;
    size_t size;
    if (s->tokens->n_includes++ >= MOST_INCLUDES)
        complain(s, from, "more than 50 files are included", "does one include itself?");
    else if (!scan_read_file(s->arena, file, &text, &size, &e))
        complain(s, from, e.text, "it is looked for in the folder of the file that includes it");
    else {
        struct scanner inner = *s;
        inner.file = file;
        inner.origin = ORIGIN_FILE;
        scan_bytes(&inner, text, size);
    }
}

static void scan_one(struct scanner *s) {
    char c = *s->at, next = s->at[1];
    bool after_sign = isdigit((unsigned char)next) || next == '.';
    if (c == '"')
        scan_string(s);
    else if (isdigit((unsigned char)c) || ((c == '-' || c == '+') && after_sign) ||
             (c == '.' && isdigit((unsigned char)next)))
        scan_number(s);
    else if (isalpha((unsigned char)c) || c == '*')
        scan_word(s);
    else if (c == '@' && strncmp(s->at, "@include", 8) == 0)
        scan_include(s);
    else if (c && strchr("=:;,{}[]()", c))
        s->at++, add(s, TOKEN_MARK, s->at - 1, s->at);
    else {
        size_t n = utf8_length((const unsigned char *)s->at, (size_t)(s->end - s->at));
        s->at += n ? n : 1;
        add(s, TOKEN_BAD, s->at - (n ? n : 1), s->at);
    }
}

// All text must be UTF-8 without NULs; says where it is not, once a file.
static bool check_encoding(struct scanner *s, const char *text, size_t size) {
    for (size_t k = 0; k < size;) {
        size_t n = utf8_length((const unsigned char *)text + k, size - k);
        if (n == 0 || text[k] == '\0') {
            for (size_t b = 0; b < k; b++)
                if (text[b] == '\n') new_line(s, text + b + 1);
            mistakes_add(s->mistakes, place_of(s, text + k), NULL,
                "byte 0x%02x is not UTF-8 text; experiment files are written in UTF-8",
                (unsigned char)text[k]);
            return false;
        }
        k += n;
    }
    return true;
}

static void scan_bytes(struct scanner *s, const char *text, size_t size) {
    if (size >= 3 && memcmp(text, "\xef\xbb\xbf", 3) == 0) text += 3, size -= 3;
    s->line = 1;
    s->line_at = s->at = text;
    s->end = text + size;
    if (!check_encoding(s, text, size)) return;
    for (skip_blank(s); s->at < s->end; skip_blank(s)) scan_one(s);
    s->tokens->end = place_of(s, s->end);
    s->tokens->end_line = s->line_at;
}

void scan_text(struct tokens *t, struct arena *arena, const char *file, enum origin origin,
    const char *text, size_t size, struct mistakes *m) {
    struct scanner s = {.tokens = t, .arena = arena, .mistakes = m, .file = file, .origin = origin};
    t->end_line = text;
    scan_bytes(&s, text, size);
}

void tokens_done(struct tokens *t) {
    free(t->at);
    *t = (struct tokens){0};
}

bool scan_read_file(
    struct arena *arena, const char *file, char **text, size_t *size, struct error *e) {
    bool ok = false;
    struct stat st;
    char *bytes = NULL;
    FILE *in = fopen(file, "rbe");
    if (!in || fstat(fileno(in), &st)) {
        error_set(e, "cannot read %s: %s", file, strerror(errno));
        goto done;
    }
    if (!S_ISREG(st.st_mode) && !S_ISFIFO(st.st_mode) && !S_ISCHR(st.st_mode)) {
        error_set(e, "cannot read %s: not a file", file);
        goto done;
    }
    size_t n = 0, room = S_ISREG(st.st_mode) ? (size_t)st.st_size + 2 : 65536;
    if (room > SIZE_LIMIT) {
        error_set(e, "%s is larger than 16 MiB: is it an experiment file?", file);
        goto done;
    }
    for (;;) {
        char *more = realloc(bytes, room);
        if (!more) {
            error_memory(e, room, file);
            goto done;
        }
        bytes = more;
        n += fread(bytes + n, 1, room - 1 - n, in);
        if (ferror(in) || n < room - 1) break;
        if ((room *= 2) > SIZE_LIMIT) {
            error_set(e, "%s is larger than 16 MiB: is it an experiment file?", file);
            goto done;
        }
    }
    if (ferror(in)) {
        error_set(e, "cannot read %s: %s", file, strerror(errno));
        goto done;
    }
    *text = arena_alloc(arena, n + 1);
    if (!*text) {
        error_memory(e, n, file);
        goto done;
    }
    memcpy(*text, bytes, n);
    (*text)[n] = '\0';
    *size = n;
    ok = true;
done:
    free(bytes);
    if (in) fclose(in);
    return ok;
}
