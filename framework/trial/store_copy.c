// store_copy: a store as one file that can be sent.
#include <stdio.h>
#include <unistd.h>

#include "trial/store_own.h"
#include "trial/store_read.h"

// VACUUM INTO writes the pages in the order of their contents, so the same rows give the same
// bytes.
bool store_copy(struct store *s, const char *path, struct error *e) {
    sqlite3 *copy = NULL;
    char *sql = sqlite3_mprintf("VACUUM INTO %Q", path);
    bool ok = sql || error_memory(e, sizeof *s, "a copy of the store");
    if (ok && sqlite3_exec(s->db, sql, NULL, NULL, NULL) != SQLITE_OK)
        ok = error_set(e, "%s: the store cannot be copied there: %s", path, sqlite3_errmsg(s->db));
    sqlite3_free(sql);
    if (!ok) return false;
    ok = sqlite3_open(path, &copy) == SQLITE_OK &&
         sqlite3_exec(copy, "UPDATE runs SET host = '', pid = 0; VACUUM", NULL, NULL, NULL) ==
             SQLITE_OK;
    if (!ok) error_set(e, "%s: %s", path, copy ? sqlite3_errmsg(copy) : "out of memory");
    return sqlite3_close(copy) == SQLITE_OK && ok;
}
