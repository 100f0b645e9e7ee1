#!/usr/bin/env python3
"""ranking.py RANK_ROWS RECKON: places in the whole catalogue, and the metrics of them, against
naive numpy code on full matrices of answers.

First RANK_ROWS on made answers with ties, gaps, cold users and items; then a whole run of RECKON on
ratings without equal answers, whose rows (fallback) and bias are worked out from the ratings. Ends
with 77, "skipped", where numpy is not installed.
"""
import csv
import os
import subprocess
import sys
import tempfile

try:
    import numpy as np
except ImportError as why:
    print("skipped:", why)
    sys.exit(77)

from ranked_lists import World, naive, relevant_of

EXPERIMENT = """
name = "verify"; seed = 7;
data = { delimited = "ratings.csv"; user = "user"; item = "item"; rating = "rating"; scale = [1.0, 5.0]; };
split = { method = "predefined"; column = "fold"; };
models = ( { plugin = "bias"; } );
metrics = ( "ndcg", { metric = "ndcg"; k = 3; }, "recall", "precision", "mrr", "map" );
report = ( "csv" );
"""
checked = 0


def check(found, expected, what):
    global checked
    checked += 1
    same = (np.isnan(found) and np.isnan(expected)) or abs(found - expected) <= 1e-12
    if not same:
        sys.exit("%s: reckon says %.17g, the other %.17g" % (what, found, expected))


def mean_of(lists, relevant, k):
    of = [naive(lists[u], items, k) for u, items in relevant.items()]
    return {name: np.mean([one[name] for one in of]) for name in of[0]}


def made(program, rng):
    for users, items, step, k, threshold in [(30, 25, 1, 10, 4), (60, 90, 0.5, 5, 4.5),
                                             (20, 300, 0, 20, 3), (600, 40, 0.5, 1, 4),
                                             (12, 9, 1, 10, 2)]:
        w = World(rng, users, items, step)
        words = [users, items, len(w.train), len(w.test), k, threshold, 3]
        out = subprocess.run([program, *map(str, words)], input=w.numbers(), capture_output=True,
                             text=True, check=True).stdout.split()
        said = list(zip(out[::2], map(float, out[1::2])))
        places = [value for name, value in said if name == "place"]
        lists = w.lists()
        for (u, i, _), place in zip(w.test, places, strict=True):
            check(place, 1 + lists[u].index(i), "%d users, place of %d, %d" % (users, u, i))
        relevant, left_out = relevant_of(w, threshold)
        found = dict(said)
        for name, value in mean_of(lists, relevant, k).items():
            check(found[name], value, "%d users, %s" % (users, name))
        check(found["ndcg.users"], len(relevant), "users")
        check(found["map.left_out"], left_out, "users left out")
        check(found["mrr.relevant"], sum(map(len, relevant.values())), "relevant rows")


def whole(reckon, rng):
    # Ratings of many digits: no two answers are equal, but those to items without a training row,
    # of which there is but one in a fold.
    w = World(rng, 40, 60, 0)
    rated = {(u, i): round(min(5, max(1, float(r) + rng.uniform(-0.5, 0.5))), 5)
             for u, i, r in w.train + w.test}
    w.train = [(u, i, np.float32(rated[u, i])) for u, i, _ in w.train]
    w.test = [(u, i, np.float32(rated[u, i])) for u, i, _ in w.test]
    w.answers[:] = np.nan
    known = {i for _, i, _ in w.train + w.test}
    with tempfile.TemporaryDirectory() as folder:
        with open(os.path.join(folder, "ratings.csv"), "w") as out:
            out.write("user,item,rating,fold\n")
            for fold, rows in ((1, w.test), (2, w.train)):
                out.writelines("u%d,i%d,%.5f,%d\n" % (u, i, rated[u, i], fold) for u, i, _ in rows)
        with open(os.path.join(folder, "verify.cfg"), "w") as out:
            out.write(EXPERIMENT)
        subprocess.run([reckon, "run", "-q", "verify.cfg"], cwd=folder, check=True,
                       stdout=subprocess.DEVNULL)
        with open(os.path.join(folder, "results", "verify", "scores.csv"), newline="") as file:
            said = {(r["model"], r["metric"]): float(r["value"] or "nan")
                    for r in csv.DictReader(file) if r["slice"] == "all" and r["fold"] == "1"}
    filled, relevant = w.filled(), relevant_of(w, 4)[0]
    lists = [[i for i in one if i in known] for one in w.lists()]
    for u in relevant:
        of = [filled[u, i] for i in lists[u]]
        if len(set(of)) < len(of):
            sys.exit("two answers to user %d are equal: other ratings are needed" % u)
    for model in ("(fallback)", "bias"):
        for name, value in mean_of(lists, relevant, 10).items():
            check(said[model, name], value, "%s %s" % (model, name))
        check(said[model, "ndcg k=3"], mean_of(lists, relevant, 3)["ndcg"], model + " ndcg k=3")


rng = np.random.default_rng(20261121)
made(sys.argv[1], rng)
whole(os.path.abspath(sys.argv[2]), rng)
print("%d numbers agree" % checked)
