#!/usr/bin/env python3
"""predictions.py RECKON: a small run with `predictions = true`, scored again by scikit-learn.

What scores.csv says of slice "all" must follow from the predictions that the run wrote. Ends with
77, "skipped", where scikit-learn is not installed.
"""
import csv
import gzip
import json
import math
import os
import subprocess
import sys
import tempfile

try:
    import numpy as np
    from sklearn.metrics import mean_absolute_error, mean_squared_error
except ImportError as why:
    print("skipped:", why)
    sys.exit(77)

EXPERIMENT = """
name = "verify"; seed = 7; predictions = true;
data = { synthetic = { users = 150; items = 400; ratings = 3000; rank = 4; noise = 0.8; }; };
split = { method = "kfold"; folds = 3; };
models = ( { plugin = "item_mean"; }, { plugin = "bias"; } );
metrics = ( "rmse", "mae", { metric = "top5"; share = 0.2; } );
report = ( "csv" );
"""
SHARE = 0.2


def read(path):
    with gzip.open(path, "rt", newline="") as file:
        rows = list(csv.DictReader(file))
    column = lambda name: np.array([float(r[name] or "nan") for r in rows], np.float32)
    return [r["user"] for r in rows], column("rating"), column("answer"), column("filled")


def bounds(users, truth, answer):
    """The least and the most that top5 can be, whichever way ties are broken."""
    sums, n = np.zeros(2), 0
    for user in set(users):
        at = [k for k, u in enumerate(users) if u == user]
        k = max(1, math.ceil(SHARE * len(at) - 1e-9))
        for side, sign in ((0, 1), (1, -1)):
            best = sorted(at, key=lambda j: (-answer[j], sign * truth[j]))[:k]
            sums[side] += truth[best].astype(np.float64).sum()
        n += k
    return sums / n


def check(found, low, high, what):
    if not low - 1e-12 <= found <= high + 1e-12:
        sys.exit("%s: scores.csv says %.17g, the predictions %.17g" % (what, found, low))


def main():
    reckon, checked = os.path.abspath(sys.argv[1]), 0
    with tempfile.TemporaryDirectory() as folder:
        experiment = os.path.join(folder, "verify.cfg")
        with open(experiment, "w") as file:
            file.write(EXPERIMENT)
        subprocess.run([reckon, "run", "-q", experiment, "--out", folder], check=True,
                       stdout=subprocess.DEVNULL)
        scores = {}
        with open(os.path.join(folder, "verify", "scores.csv"), newline="") as file:
            for r in csv.DictReader(file):
                if r["slice"] == "all":
                    key = (r["model"], r["seed"], r["repeat"], r["fold"])
                    scores.setdefault(key, {})[r["metric"]] = float(r["value"] or "nan")
        shown = subprocess.run([reckon, "show", os.path.join(folder, "verify"), "--format", "json"],
                               check=True, stdout=subprocess.PIPE)
        files = {(t["model"], str(t["seed"]), str(t["repeat"]), str(t["fold"])):
                 os.path.join(folder, "verify", "predictions", t["key"] + ".csv.gz")
                 for t in json.loads(shown.stdout)}
        for key, path in files.items():
            users, truth, answer, filled = read(path)
            said = scores.pop(key)
            true, scored = truth.astype(np.float64), filled.astype(np.float64)
            rmse = math.sqrt(mean_squared_error(true, scored))
            mae = mean_absolute_error(true, scored)
            check(said["rmse"], rmse, rmse, "%s rmse" % (key,))
            check(said["mae"], mae, mae, "%s mae" % (key,))
            share = 1 - np.isnan(answer).mean()
            check(said["answered"], share, share, "%s answered" % (key,))
            checked += 3
            if share == 1:
                top = min((m for m in said if m.startswith("top5")), key=len)
                check(said[top], *bounds(users, truth, answer), "%s top5" % (key,))
                checked += 1
        if not files or scores:
            sys.exit("no predictions of %s" % sorted(scores))
    print("%d numbers agree" % checked)


main()
