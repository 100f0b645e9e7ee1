#!/usr/bin/env python3
"""Cold items of ml-latest-small by user mean and ridge regression on genres: what hybrid is to beat.

    cold_items.py ml-latest-small.zip ml-latest-small.folds.gz [FOLD]

Prints how many test rows of the fold are of items without a training rating, and the RMSE there of
the user's mean + genres . w, w by ridge regression (penalty 10) on what the user's mean leaves.
Beside it: the slice "cold item" of `reckon run experiments/ml-latest-small.cfg --only hybrid`.
"""
import csv
import gzip
import io
import sys
import zipfile

import numpy as np


def read(path):
    with zipfile.ZipFile(path) as z:
        def table(name):
            with z.open(f"ml-latest-small/{name}.csv") as f:
                yield from csv.DictReader(io.TextIOWrapper(f, "utf-8"))
        genres = {int(r["movieId"]): r["genres"].split("|") for r in table("movies")}
        ratings = [(int(r["userId"]), int(r["movieId"]), float(r["rating"])) for r in table("ratings")]
    return genres, ratings


def main(data, folds, fold="1"):
    genres, ratings = read(data)
    with gzip.open(folds, "rt") as f:
        test = np.array([line.strip() == fold for line in f])
    users, items, values = (np.array(column) for column in zip(*ratings))
    names = sorted({g for of in genres.values() for g in of if not g.startswith("(")})
    x = np.array([[g in genres[i] for g in names] for i in items], dtype=float)
    total = np.bincount(users[~test], values[~test], users.max() + 1)
    count = np.bincount(users[~test], minlength=users.max() + 1)
    mean = total / np.maximum(count, 1)
    rest = values - mean[users]
    center = x[~test].mean(axis=0)
    a = x[~test] - center
    w = np.linalg.solve(a.T @ a + 10 * np.eye(len(names)), a.T @ rest[~test])
    guess = np.clip(mean[users] + (x - center) @ w, 0.5, 5)
    cold = test & ~np.isin(items, items[~test])
    for label, rows in (("cold items", cold), ("all", test)):
        print(f"{label}: {rows.sum()} rows, RMSE {np.sqrt(np.mean((guess - values)[rows] ** 2)):.4f}")


if __name__ == "__main__":
    main(*sys.argv[1:])
