// store_schema: the tables of reckon.db, and how older ones become these.
//
// Columns of a key that is the table itself (WITHOUT ROWID) come first, and in its order: the
// integrity check of SQLite 3.40 takes the others for NULL.
//
// A new file goes through all steps too, so that there is one way to each schema. The comments
// inside of statements are kept by SQLite: `sqlite3 reckon.db .schema` shows them.
#include <stdio.h>

#include "trial/store_own.h"

// Schema 1: rows by fixed values.
static const char step_1[] =
    "CREATE TABLE runs (\n"
    "  run INTEGER PRIMARY KEY AUTOINCREMENT, -- the order of runs; times are for people alone\n"
    "  name TEXT NOT NULL,\n"
    "  state TEXT NOT NULL CHECK (state IN ('running', 'done', 'interrupted', 'failed')),\n"
    "  version TEXT NOT NULL,     -- of reckon\n"
    "  plan_hash TEXT NOT NULL,   -- of all that decides what its tables are\n"
    "  host TEXT NOT NULL,        -- of the last session\n"
    "  pid INTEGER NOT NULL,\n"
    "  started INTEGER NOT NULL,  -- seconds since 1970\n"
    "  ended INTEGER,             -- NULL: not yet\n"
    "  seconds REAL NOT NULL,     -- of all sessions together\n"
    "  foreseen INTEGER NOT NULL, -- trials of models; 0: not known yet\n"
    "  experiment TEXT NOT NULL,  -- the resolved configuration\n"
    "  provenance TEXT            -- JSON; NULL: not ended yet\n"
    ") STRICT;\n"
    "CREATE TABLE data ( -- what a run read\n"
    "  run INTEGER NOT NULL REFERENCES runs ON DELETE CASCADE,\n"
    "  at INTEGER NOT NULL, -- place in the experiment, from 0\n"
    "  name TEXT NOT NULL,\n"
    "  hash TEXT NOT NULL,\n"
    "  ratings INTEGER NOT NULL,\n"
    "  users INTEGER NOT NULL,\n"
    "  items INTEGER NOT NULL,\n"
    "  rating_min REAL NOT NULL,\n"
    "  rating_max REAL NOT NULL,\n"
    "  reachable INTEGER NOT NULL, -- 1: the best reachable score is known (synthetic data)\n"
    "  counts TEXT NOT NULL,       -- JSON: rows read and set aside, by why\n"
    "  PRIMARY KEY (run, at)\n"
    ") STRICT, WITHOUT ROWID;\n"
    "CREATE TABLE trials ( -- one model on one fold with one seed, whatever runs refer to it\n"
    "  trial INTEGER PRIMARY KEY,\n"
    "  key TEXT NOT NULL UNIQUE, -- hash of all that determines it\n"
    "  plugin TEXT,              -- NULL: a row of the harness's own\n"
    "  plugin_version TEXT,\n"
    "  plugin_hash TEXT,\n"
    "  parameters TEXT,          -- JSON: parameters ->> 'rank'\n"
    "  failed INTEGER NOT NULL,\n"
    "  failure TEXT,             -- refused, crashed, limit, lost, harness\n"
    "  cause TEXT,\n"
    "  limit_seconds REAL,       -- those that a trial which met a limit ran under; 0: any\n"
    "  limit_mib REAL,\n"
    "  log TEXT,                 -- what it printed; NULL: nothing, or not kept\n"
    "  fit_seconds REAL,\n"
    "  predict_seconds REAL,\n"
    "  memory INTEGER,           -- peak bytes, as growth from its start\n"
    "  predictions TEXT          -- file beside this one; NULL: not kept\n"
    ") STRICT;\n"
    "CREATE TABLE scores (\n"
    "  trial INTEGER NOT NULL REFERENCES trials ON DELETE CASCADE,\n"
    "  at INTEGER NOT NULL, -- order\n"
    "  slice TEXT NOT NULL, -- all, warm, cold_user, ...\n"
    "  metric TEXT NOT NULL,\n"
    "  value REAL,          -- NULL: not defined\n"
    "  PRIMARY KEY (trial, at)\n"
    ") STRICT, WITHOUT ROWID;\n"
    "CREATE TABLE curves (\n"
    "  trial INTEGER NOT NULL REFERENCES trials ON DELETE CASCADE,\n"
    "  at INTEGER NOT NULL,\n"
    "  series TEXT NOT NULL,\n"
    "  x REAL,\n"
    "  y REAL,\n"
    "  PRIMARY KEY (trial, at)\n"
    ") STRICT, WITHOUT ROWID;\n"
    "CREATE TABLE places ( -- where a run has a trial\n"
    "  run INTEGER NOT NULL REFERENCES runs ON DELETE CASCADE,\n"
    "  data_at INTEGER NOT NULL,\n"
    "  model INTEGER NOT NULL,  -- row of the experiment, from 0; -1, -2: the harness's own\n"
    "  seed INTEGER NOT NULL,   -- from 1, as repeat and fold\n"
    "  repeat INTEGER NOT NULL,\n"
    "  fold INTEGER NOT NULL,\n"
    "  trial INTEGER NOT NULL REFERENCES trials,\n"
    "  number INTEGER NOT NULL, -- in the order of the plan\n"
    "  data TEXT NOT NULL,\n"
    "  label TEXT NOT NULL,\n"
    "  PRIMARY KEY (run, data_at, model, seed, repeat, fold, trial)\n"
    ") STRICT, WITHOUT ROWID;\n"
    "CREATE INDEX places_of_trial ON places (trial);\n"
    "CREATE TABLE warnings (\n"
    "  run INTEGER NOT NULL REFERENCES runs ON DELETE CASCADE,\n"
    "  text TEXT NOT NULL,\n"
    "  UNIQUE (run, text)\n"
    ") STRICT;\n"
    "CREATE VIEW results AS\n"
    "  SELECT run, data, label, seed, repeat, fold, slice, metric, value, key\n"
    "  FROM places JOIN trials USING (trial) JOIN scores USING (trial) WHERE NOT failed;\n"
    "CREATE VIEW failures AS\n"
    "  SELECT run, data, label, seed, repeat, fold, failure, cause, log, key\n"
    "  FROM places JOIN trials USING (trial) WHERE failed;\n";

// Schema 2: trials on inner folds, and what was chosen by them.
static const char step_2[] =
    "DROP VIEW results;\n"
    "DROP VIEW failures;\n"
    "DROP INDEX places_of_trial;\n"
    "ALTER TABLE places RENAME TO places_1;\n"
    "CREATE TABLE places ( -- where a run has a trial\n"
    "  run INTEGER NOT NULL REFERENCES runs ON DELETE CASCADE,\n"
    "  data_at INTEGER NOT NULL,\n"
    "  model INTEGER NOT NULL,     -- row of the experiment, from 0; -1, -2: the harness's own\n"
    "  seed INTEGER NOT NULL,      -- from 1, as repeat and fold\n"
    "  repeat INTEGER NOT NULL,\n"
    "  fold INTEGER NOT NULL,\n"
    "  inner INTEGER NOT NULL,     -- inner fold, from 1; 0: of the outer test rows\n"
    "  candidate INTEGER NOT NULL, -- of an inner fold, from 0, the default; else 0\n"
    "  trial INTEGER NOT NULL REFERENCES trials,\n"
    "  share REAL NOT NULL,        -- of the training rows that trained\n"
    "  number INTEGER NOT NULL,    -- in the order of the plan\n"
    "  winner INTEGER NOT NULL,    -- 1: by values that inner folds chose\n"
    "  session INTEGER NOT NULL,   -- of the run, the last that put it there\n"
    "  data TEXT NOT NULL,\n"
    "  label TEXT NOT NULL,\n"
    "  PRIMARY KEY (run, data_at, model, seed, repeat, fold, inner, candidate, trial)\n"
    ") STRICT, WITHOUT ROWID;\n"
    "INSERT INTO places SELECT run, data_at, model, seed, repeat, fold, 0, 0, trial, 1, number, "
    "0, 1,\n"
    "  data, label FROM places_1;\n"
    "DROP TABLE places_1;\n"
    "CREATE INDEX places_of_trial ON places (trial);\n"
    "CREATE TABLE tuned ( -- what inner folds chose for an outer one\n"
    "  run INTEGER NOT NULL REFERENCES runs ON DELETE CASCADE,\n"
    "  data_at INTEGER NOT NULL,\n"
    "  model INTEGER NOT NULL,\n"
    "  seed INTEGER NOT NULL,\n"
    "  repeat INTEGER NOT NULL,\n"
    "  fold INTEGER NOT NULL,\n"
    "  trial INTEGER NOT NULL REFERENCES trials, -- has the parameters\n"
    "  is_default INTEGER NOT NULL, -- 1: the default configuration won\n"
    "  inner REAL,                  -- its metric, mean over inner folds\n"
    "  inner_default REAL,          -- the same of the default; NULL: it failed\n"
    "  candidates INTEGER NOT NULL, -- that were scored, failed ones included\n"
    "  failed INTEGER NOT NULL,     -- of these\n"
    "  effort REAL NOT NULL,        -- of all of them, in fits on whole inner folds\n"
    "  PRIMARY KEY (run, data_at, model, seed, repeat, fold)\n"
    ") STRICT, WITHOUT ROWID;\n"
    "CREATE VIEW results AS -- of outer test rows\n"
    "  SELECT run, data, label, seed, repeat, fold, slice, metric, value, key\n"
    "  FROM places JOIN trials USING (trial) JOIN scores USING (trial)\n"
    "  WHERE inner = 0 AND NOT failed;\n"
    "CREATE VIEW means AS -- over folds, repeats and seeds\n"
    "  SELECT run, data, label, slice, metric, avg(value) AS mean, count(value) AS trials\n"
    "  FROM results GROUP BY run, data, label, slice, metric;\n"
    "CREATE VIEW failures AS\n"
    "  SELECT run, data, label, seed, repeat, fold, inner, candidate, failure, cause, log, key\n"
    "  FROM places JOIN trials USING (trial) WHERE failed;\n"
    "CREATE VIEW candidates AS -- of searches: scores on all rows, mean over inner folds\n"
    "  SELECT run, data, label, seed, repeat, fold, candidate, share, parameters, metric,\n"
    "    avg(value) AS mean, count(value) AS folds\n"
    "  FROM places JOIN trials USING (trial) JOIN scores USING (trial)\n"
    "  WHERE inner > 0 AND slice = 'all' AND NOT trials.failed\n"
    "  GROUP BY run, data, label, seed, repeat, fold, candidate, share, parameters, metric;\n"
    "CREATE VIEW best AS -- what was chosen, fold by fold\n"
    "  SELECT p.run, data, label, p.seed, p.repeat, p.fold, parameters, is_default, t.inner,\n"
    "    inner_default, candidates, t.failed, effort, key\n"
    "  FROM tuned t JOIN places p ON p.run = t.run AND p.data_at = t.data_at AND\n"
    "    p.model = t.model AND p.seed = t.seed AND p.repeat = t.repeat AND p.fold = t.fold AND\n"
    "    p.inner = 0 JOIN trials ON trials.trial = t.trial;\n"
    "CREATE INDEX tuned_of_trial ON tuned (trial);\n";

// Schema 3: what comparisons and charts of errors need. Older trials have none of it.
static const char step_3[] =
    "CREATE TABLE evidence ( -- sums of losses by user, item and row, to test differences\n"
    "  trial INTEGER PRIMARY KEY REFERENCES trials ON DELETE CASCADE,\n"
    "  bytes BLOB NOT NULL -- compressed, for reckon alone\n"
    ") STRICT;\n"
    "CREATE TABLE breakdown ( -- sums over the outer test rows of each kind\n"
    "  trial INTEGER NOT NULL REFERENCES trials ON DELETE CASCADE,\n"
    "  at INTEGER NOT NULL,     -- order\n"
    "  dimension TEXT NOT NULL, -- rating, activity, popularity, genre, year\n"
    "  key TEXT NOT NULL,       -- 4.5, 10-19, Film-Noir, 1990s\n"
    "  rows INTEGER NOT NULL,\n"
    "  error REAL NOT NULL,     -- of answer - truth\n"
    "  absolute REAL NOT NULL,  -- of its absolute value\n"
    "  square REAL NOT NULL,    -- of its square\n"
    "  PRIMARY KEY (trial, at)\n"
    ") STRICT, WITHOUT ROWID;\n"
    "CREATE VIEW errors AS -- of outer test rows: means by kind of row\n"
    "  SELECT run, data, label, seed, repeat, fold, dimension, breakdown.key, rows,\n"
    "    error / rows AS bias, absolute / rows AS mae, square / rows AS mse\n"
    "  FROM places JOIN breakdown USING (trial) WHERE inner = 0;\n";

// Schema 4: answers of members of blends, on outer folds and on inner ones.
static const char step_4[] =
    "CREATE TABLE answers ( -- to the test rows, of members of blends\n"
    "  trial INTEGER PRIMARY KEY REFERENCES trials ON DELETE CASCADE,\n"
    "  bytes BLOB NOT NULL -- compressed, for reckon alone\n"
    ") STRICT;\n"
    "DROP VIEW candidates;\n"
    "CREATE VIEW candidates AS -- of searches: scores on all rows, mean over inner folds\n"
    "  SELECT run, data, label, seed, repeat, fold, candidate, share, parameters, metric,\n"
    "    avg(value) AS mean, count(value) AS folds\n"
    "  FROM places JOIN trials USING (trial) JOIN scores USING (trial)\n"
    "  WHERE inner > 0 AND candidate >= 0 AND slice = 'all' AND NOT trials.failed\n"
    "    -- candidate -1: none of a search, but a member of a blend\n"
    "  GROUP BY run, data, label, seed, repeat, fold, candidate, share, parameters, metric;\n";

static const char *const steps[STORE_SCHEMA] = {step_1, step_2, step_3, step_4};

static bool ask(struct store *s, const char *sql, int64_t *out, struct error *e) {
    sqlite3_stmt *statement = NULL;
    bool ok = sqlite3_prepare_v2(s->db, sql, -1, &statement, NULL) == SQLITE_OK &&
              sqlite3_step(statement) == SQLITE_ROW;
    if (ok)
        *out = sqlite3_column_int64(statement, 0);
    else
        store_refuse(s, "cannot be read", e);
    sqlite3_finalize(statement);
    return ok;
}

// What the file says of itself; a file of no bytes is a new one.
bool store_judge(struct store *s, int *version, struct error *e) {
    int64_t application, user, tables;
    if (!ask(s, "SELECT count(*) FROM sqlite_master", &tables, e) ||
        !ask(s, "PRAGMA application_id", &application, e) ||
        !ask(s, "PRAGMA user_version", &user, e))
        return false;
    const bool is_new = application == 0 && user == 0 && tables == 0;
    if (!is_new && application != STORE_APPLICATION)
        return error_set(e,
            "%s: is a database, but no store of reckon's; move it away, or choose another --out",
            s->path);
    if (user > STORE_SCHEMA)
        return error_set(e,
            "%s: was written by a newer reckon (schema %d, this one knows up to %d); use that, or "
            "choose another --out",
            s->path, (int)user, STORE_SCHEMA);
    *version = (int)user;
    return true;
}

bool store_move(struct store *s, int from, int to, struct error *e) {
    char last[128];
    if (from == to) return true;
    if (!store_script(s, "BEGIN IMMEDIATE", e)) return store_take_back(s);
    for (int k = from; k < to; k++)
        if (!store_script(s, steps[k], e)) return store_take_back(s);
    snprintf(last, sizeof last, "PRAGMA application_id = %d; PRAGMA user_version = %d; COMMIT",
        STORE_APPLICATION, to);
    return store_script(s, last, e) || store_take_back(s);
}
