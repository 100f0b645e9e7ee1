-- A store of schema 3, as `sqlite3 reckon.db .dump` gives it, with the two numbers in the
-- file's head that a dump leaves out. It must not be changed: see tests/unit/test_store_schema.c.
PRAGMA application_id = 1380141902;
PRAGMA user_version = 3;
PRAGMA foreign_keys=OFF;
BEGIN TRANSACTION;
CREATE TABLE curves (
  trial INTEGER NOT NULL REFERENCES trials ON DELETE CASCADE,
  at INTEGER NOT NULL,
  series TEXT NOT NULL,
  x REAL,
  y REAL,
  PRIMARY KEY (trial, at)
) STRICT, WITHOUT ROWID;
INSERT INTO curves VALUES(1,0,'rmse',1.0,0.9000000000000000222);
INSERT INTO curves VALUES(1,1,'rmse',2.0,0.8375000000000000222);
INSERT INTO curves VALUES(2,0,'rmse',1.0,0.9000000000000000222);
INSERT INTO curves VALUES(2,1,'rmse',2.0,0.8375000000000000222);
CREATE TABLE data ( -- what a run read
  run INTEGER NOT NULL REFERENCES runs ON DELETE CASCADE,
  at INTEGER NOT NULL, -- place in the experiment, from 0
  name TEXT NOT NULL,
  hash TEXT NOT NULL,
  ratings INTEGER NOT NULL,
  users INTEGER NOT NULL,
  items INTEGER NOT NULL,
  rating_min REAL NOT NULL,
  rating_max REAL NOT NULL,
  reachable INTEGER NOT NULL, -- 1: the best reachable score is known (synthetic data)
  counts TEXT NOT NULL,       -- JSON: rows read and set aside, by why
  PRIMARY KEY (run, at)
) STRICT, WITHOUT ROWID;
INSERT INTO data VALUES(1,0,'ml-made-small','00112233445566778899aabbccddeeff',100836,610,9724,0.5,5.0,0,'{"rows":100850,"short_row":2}');
INSERT INTO data VALUES(2,0,'ml-made-small','00112233445566778899aabbccddeeff',100836,610,9724,0.5,5.0,0,'{"rows":100850,"short_row":2}');
CREATE TABLE runs (
  run INTEGER PRIMARY KEY AUTOINCREMENT, -- the order of runs; times are for people alone
  name TEXT NOT NULL,
  state TEXT NOT NULL CHECK (state IN ('running', 'done', 'interrupted', 'failed')),
  version TEXT NOT NULL,     -- of reckon
  plan_hash TEXT NOT NULL,   -- of all that decides what its tables are
  host TEXT NOT NULL,        -- of the last session
  pid INTEGER NOT NULL,
  started INTEGER NOT NULL,  -- seconds since 1970
  ended INTEGER,             -- NULL: not yet
  seconds REAL NOT NULL,     -- of all sessions together
  foreseen INTEGER NOT NULL, -- trials of models; 0: not known yet
  experiment TEXT NOT NULL,  -- the resolved configuration
  provenance TEXT            -- JSON; NULL: not ended yet
) STRICT;
INSERT INTO runs VALUES(1,'compare','done','0.1.0','plan 1','host',4711,1763700000,1763700600,12.5,2,'name = "compare";','{}');
INSERT INTO runs VALUES(2,'compare','interrupted','0.1.0','plan 2','host',4712,1763700700,NULL,3.25,6,'name = "compare";',NULL);
CREATE TABLE scores (
  trial INTEGER NOT NULL REFERENCES trials ON DELETE CASCADE,
  at INTEGER NOT NULL, -- order
  slice TEXT NOT NULL, -- all, warm, cold_user, ...
  metric TEXT NOT NULL,
  value REAL,          -- NULL: not defined
  PRIMARY KEY (trial, at)
) STRICT, WITHOUT ROWID;
INSERT INTO scores VALUES(1,0,'all','rmse',0.8156250000000000444);
INSERT INTO scores VALUES(1,1,'all','mae',0.61562499999999997779);
INSERT INTO scores VALUES(1,2,'cold_both','rmse',NULL);
INSERT INTO scores VALUES(2,0,'all','rmse',0.8312500000000000444);
INSERT INTO scores VALUES(2,1,'all','mae',0.63124999999999997779);
INSERT INTO scores VALUES(2,2,'cold_both','rmse',NULL);
INSERT INTO scores VALUES(3,0,'all','rmse',0.8468750000000000444);
INSERT INTO scores VALUES(3,1,'all','mae',0.64687499999999997779);
INSERT INTO scores VALUES(3,2,'cold_both','rmse',NULL);
INSERT INTO scores VALUES(5,0,'all','rmse',0.8781250000000000444);
INSERT INTO scores VALUES(5,1,'all','mae',0.67812499999999997779);
INSERT INTO scores VALUES(5,2,'cold_both','rmse',NULL);
INSERT INTO scores VALUES(6,0,'all','rmse',0.890625);
CREATE TABLE trials ( -- one model on one fold with one seed, whatever runs refer to it
  trial INTEGER PRIMARY KEY,
  key TEXT NOT NULL UNIQUE, -- hash of all that determines it
  plugin TEXT,              -- NULL: a row of the harness's own
  plugin_version TEXT,
  plugin_hash TEXT,
  parameters TEXT,          -- JSON: parameters ->> 'rank'
  failed INTEGER NOT NULL,
  failure TEXT,             -- refused, crashed, limit, lost, harness
  cause TEXT,
  limit_seconds REAL,       -- those that a trial which met a limit ran under; 0: any
  limit_mib REAL,
  log TEXT,                 -- what it printed; NULL: nothing, or not kept
  fit_seconds REAL,
  predict_seconds REAL,
  memory INTEGER,           -- peak bytes, as growth from its start
  predictions TEXT          -- file beside this one; NULL: not kept
) STRICT;
INSERT INTO trials VALUES(1,'9e3779b97f4a7c150000000000000001','als','1.0','0123456789abcdef0123456789abcdef','{"rank":8,"lambda":0.1}',0,NULL,NULL,NULL,NULL,NULL,0.5,0.25,1000,'predictions/9e3779b97f4a7c150000000000000001.csv.gz');
INSERT INTO trials VALUES(2,'3c6ef372fe94f82a0000000000000002','als','1.0','0123456789abcdef0123456789abcdef','{"rank":16,"lambda":0.1}',0,NULL,NULL,NULL,NULL,NULL,1.0,0.25,2000,NULL);
INSERT INTO trials VALUES(3,'daa66d2c7ddf743f0000000000000003','als','1.0','0123456789abcdef0123456789abcdef','{"rank":24,"lambda":0.1}',0,NULL,NULL,NULL,NULL,NULL,1.5,0.25,3000,NULL);
INSERT INTO trials VALUES(4,'78dde6e5fd29f0540000000000000004','als','1.0','0123456789abcdef0123456789abcdef','{"rank":32,"lambda":0.1}',1,'limit','over its limit of 3 s',3.0,0.0,replace('some\noutput\n','\n',char(10)),2.0,0.25,4000,NULL);
INSERT INTO trials VALUES(5,'1715609f7c746c690000000000000005',NULL,NULL,NULL,NULL,0,NULL,NULL,NULL,NULL,NULL,2.5,0.25,5000,NULL);
INSERT INTO trials VALUES(6,'b54cda58fbee6c690000000000000006','als','1.0','0123456789abcdef0123456789abcdef','{"rank":24,"lambda":0.1}',0,NULL,NULL,NULL,NULL,NULL,3.0,0.25,6000,NULL);
CREATE TABLE warnings (
  run INTEGER NOT NULL REFERENCES runs ON DELETE CASCADE,
  text TEXT NOT NULL,
  UNIQUE (run, text)
) STRICT;
INSERT INTO warnings VALUES(1,'a warning of run 1');
INSERT INTO warnings VALUES(2,'a warning of run 2');
CREATE TABLE places ( -- where a run has a trial
  run INTEGER NOT NULL REFERENCES runs ON DELETE CASCADE,
  data_at INTEGER NOT NULL,
  model INTEGER NOT NULL,     -- row of the experiment, from 0; -1, -2: the harness's own
  seed INTEGER NOT NULL,      -- from 1, as repeat and fold
  repeat INTEGER NOT NULL,
  fold INTEGER NOT NULL,
  inner INTEGER NOT NULL,     -- inner fold, from 1; 0: of the outer test rows
  candidate INTEGER NOT NULL, -- of an inner fold, from 0, the default; else 0
  trial INTEGER NOT NULL REFERENCES trials,
  share REAL NOT NULL,        -- of the training rows that trained
  number INTEGER NOT NULL,    -- in the order of the plan
  winner INTEGER NOT NULL,    -- 1: by values that inner folds chose
  session INTEGER NOT NULL,   -- of the run, the last that put it there
  data TEXT NOT NULL,
  label TEXT NOT NULL,
  PRIMARY KEY (run, data_at, model, seed, repeat, fold, inner, candidate, trial)
) STRICT, WITHOUT ROWID;
INSERT INTO places VALUES(1,0,-1,1,1,1,0,0,5,1.0,1,0,1,'ml-made-small','(fallback)');
INSERT INTO places VALUES(1,0,0,1,1,1,0,0,1,1.0,2,0,1,'ml-made-small','als');
INSERT INTO places VALUES(1,0,0,1,1,2,0,0,2,1.0,3,0,1,'ml-made-small','als');
INSERT INTO places VALUES(2,0,-1,1,1,1,0,0,5,1.0,1,0,1,'ml-made-small','(fallback)');
INSERT INTO places VALUES(2,0,0,1,1,1,0,0,1,1.0,2,0,1,'ml-made-small','als');
INSERT INTO places VALUES(2,0,0,1,1,2,0,0,2,1.0,3,0,1,'ml-made-small','als');
INSERT INTO places VALUES(2,0,0,1,1,3,0,0,3,1.0,4,1,2,'ml-made-small','als');
INSERT INTO places VALUES(2,0,0,1,1,3,1,1,6,0.5,6,0,2,'ml-made-small','als');
INSERT INTO places VALUES(2,0,1,1,1,1,0,0,4,1.0,5,0,1,'ml-made-small','shaky');
CREATE TABLE tuned ( -- what inner folds chose for an outer one
  run INTEGER NOT NULL REFERENCES runs ON DELETE CASCADE,
  data_at INTEGER NOT NULL,
  model INTEGER NOT NULL,
  seed INTEGER NOT NULL,
  repeat INTEGER NOT NULL,
  fold INTEGER NOT NULL,
  trial INTEGER NOT NULL REFERENCES trials, -- has the parameters
  is_default INTEGER NOT NULL, -- 1: the default configuration won
  inner REAL,                  -- its metric, mean over inner folds
  inner_default REAL,          -- the same of the default; NULL: it failed
  candidates INTEGER NOT NULL, -- that were scored, failed ones included
  failed INTEGER NOT NULL,     -- of these
  effort REAL NOT NULL,        -- of all of them, in fits on whole inner folds
  PRIMARY KEY (run, data_at, model, seed, repeat, fold)
) STRICT, WITHOUT ROWID;
INSERT INTO tuned VALUES(2,0,0,1,1,3,3,0,0.890625,NULL,4,1,2.5);
CREATE TABLE evidence ( -- sums of losses by user, item and row, to test differences
  trial INTEGER PRIMARY KEY REFERENCES trials ON DELETE CASCADE,
  bytes BLOB NOT NULL -- compressed, for reckon alone
) STRICT;
INSERT INTO evidence VALUES(2,X'524b4531');
CREATE TABLE breakdown ( -- sums over the outer test rows of each kind
  trial INTEGER NOT NULL REFERENCES trials ON DELETE CASCADE,
  at INTEGER NOT NULL,     -- order
  dimension TEXT NOT NULL, -- rating, activity, popularity, genre, year
  key TEXT NOT NULL,       -- 4.5, 10-19, Film-Noir, 1990s
  rows INTEGER NOT NULL,
  error REAL NOT NULL,     -- of answer - truth
  absolute REAL NOT NULL,  -- of its absolute value
  square REAL NOT NULL,    -- of its square
  PRIMARY KEY (trial, at)
) STRICT, WITHOUT ROWID;
INSERT INTO breakdown VALUES(2,0,'rating','4.5',7,0.5,2.5,3.25);
INSERT INTO breakdown VALUES(2,1,'genre','Film-Noir',3,-0.25,0.5,0.125);
DELETE FROM sqlite_sequence;
INSERT INTO sqlite_sequence VALUES('runs',2);
CREATE INDEX places_of_trial ON places (trial);
CREATE VIEW results AS -- of outer test rows
  SELECT run, data, label, seed, repeat, fold, slice, metric, value, key
  FROM places JOIN trials USING (trial) JOIN scores USING (trial)
  WHERE inner = 0 AND NOT failed
;
CREATE VIEW means AS -- over folds, repeats and seeds
  SELECT run, data, label, slice, metric, avg(value) AS mean, count(value) AS trials
  FROM results GROUP BY run, data, label, slice, metric
;
CREATE VIEW failures AS
  SELECT run, data, label, seed, repeat, fold, inner, candidate, failure, cause, log, key
  FROM places JOIN trials USING (trial) WHERE failed;
CREATE VIEW candidates AS -- of searches: scores on all rows, mean over inner folds
  SELECT run, data, label, seed, repeat, fold, candidate, share, parameters, metric,
    avg(value) AS mean, count(value) AS folds
  FROM places JOIN trials USING (trial) JOIN scores USING (trial)
  WHERE inner > 0 AND slice = 'all' AND NOT trials.failed
  GROUP BY run, data, label, seed, repeat, fold, candidate, share, parameters, metric
;
CREATE VIEW best AS -- what was chosen, fold by fold
  SELECT p.run, data, label, p.seed, p.repeat, p.fold, parameters, is_default, t.inner,
    inner_default, candidates, t.failed, effort, key
  FROM tuned t JOIN places p ON p.run = t.run AND p.data_at = t.data_at AND
    p.model = t.model AND p.seed = t.seed AND p.repeat = t.repeat AND p.fold = t.fold AND
    p.inner = 0 JOIN trials ON trials.trial = t.trial
;
CREATE INDEX tuned_of_trial ON tuned (trial);
CREATE VIEW errors AS -- of outer test rows: means by kind of row
  SELECT run, data, label, seed, repeat, fold, dimension, breakdown.key, rows,
    error / rows AS bias, absolute / rows AS mae, square / rows AS mse
  FROM places JOIN breakdown USING (trial) WHERE inner = 0
;
COMMIT;
