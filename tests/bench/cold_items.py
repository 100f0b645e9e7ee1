#!/usr/bin/env python3
"""Cold items by user mean and ridge regression on genres: what hybrid is to beat.

    reckon run --out results/cold experiments/ml-1m.cfg --only hybrid predictions=true \\
        'split={method="cold_items"; share=0.2;}'
    tests/bench/cold_items.py ml-1m.zip results/cold/ml-1m/predictions/*.csv.gz

For each file of predictions: how many of its rows are of items without a training rating, and the
RMSE there of the model, and of the user's mean + genres . w, w by ridge regression on what the
user's mean leaves; the penalty of 1, 10, 100 or 1000 is that with the least RMSE on these very
rows, in favour of the baseline. The training rows are all ratings that the file does not have.
"""
import csv
import gzip
import io
import sys
import zipfile

import numpy as np


def read(path):
    """(user, item): rating, and item: genres; ids as text."""
    with zipfile.ZipFile(path) as z:
        def member(end):
            name = next(n for n in z.namelist() if n.endswith(end))
            return io.TextIOWrapper(z.open(name), "latin-1" if end.endswith(".dat") else "utf-8")
        if any(n.endswith("ratings.dat") for n in z.namelist()):
            ratings = {tuple(f[:2]): float(f[2]) for f in
                       (line.split("::") for line in member("ratings.dat"))}
            genres = {f[0]: f[2].strip().split("|") for f in
                      (line.split("::") for line in member("movies.dat"))}
        else:
            ratings = {(r["userId"], r["movieId"]): float(r["rating"])
                       for r in csv.DictReader(member("ratings.csv"))}
            genres = {r["movieId"]: r["genres"].split("|")
                      for r in csv.DictReader(member("movies.csv"))}
    return ratings, genres


def ridge(train, test, genres):
    """The least RMSE on the test rows over four penalties; rows are (user, item, rating)."""
    names = sorted({g for of in genres.values() for g in of if not g.startswith("(")})
    of = {i: np.array([g in has for g in names], dtype=float) for i, has in genres.items()}
    total, count = {}, {}
    for user, _, rating in train:
        total[user] = total.get(user, 0) + rating
        count[user] = count.get(user, 0) + 1
    level = sum(total.values()) / sum(count.values())
    mean = {user: total[user] / count[user] for user in total}
    nothing = np.zeros(len(names))
    x = np.array([of.get(i, nothing) for _, i, _ in train])
    rest = np.array([r - mean[u] for u, _, r in train])
    center = x.mean(axis=0)
    a, shift = x - center, rest.mean()
    z = np.array([of.get(i, nothing) for _, i, _ in test]) - center
    known = np.array([mean.get(u, level) for u, _, _ in test])
    truth = np.array([r for _, _, r in test])
    low, high = min(r for _, _, r in train), max(r for _, _, r in train)
    gram, right = a.T @ a, a.T @ (rest - shift)
    best = np.inf
    for penalty in (1, 10, 100, 1000):
        w = np.linalg.solve(gram + penalty * np.eye(len(names)), right)
        guess = np.clip(known + shift + z @ w, low, high)
        best = min(best, np.sqrt(np.mean((guess - truth) ** 2)))
    return best


def main(data, *files):
    ratings, genres = read(data)
    for path in files:
        with gzip.open(path, "rt", newline="", encoding="utf-8") as f:
            rows = list(csv.DictReader(f))
        asked = {(r["user"], r["item"]) for r in rows}
        train = [(u, i, r) for (u, i), r in ratings.items() if (u, i) not in asked]
        warm = {i for _, i, _ in train}
        cold = [r for r in rows if r["item"] not in warm]
        if not cold:
            print(f"{path}: no cold item")
            continue
        error = np.array([float(r["filled"]) - float(r["rating"]) for r in cold])
        test = [(r["user"], r["item"], float(r["rating"])) for r in cold]
        print(f"{path}: {len(cold)} rows of cold items: RMSE {np.sqrt(np.mean(error ** 2)):.4f}, "
              f"user mean and ridge on genres {ridge(train, test, genres):.4f}")


if __name__ == "__main__":
    main(*sys.argv[1:])
