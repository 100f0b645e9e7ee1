#!/usr/bin/env python3
"""Writes a ratings.csv in the style of MovieLens 10M: long-tailed users and items, half stars, times.

Usage: make_ratings.py FILE ROWS timed|plain|shuffled
Rows are sorted by user and item, as published sets are, unless shuffled; plain: without times.
"""
import sys

import numpy as np
import polars as pl


def main():
    path, rows, kind = sys.argv[1], int(sys.argv[2]), sys.argv[3]
    rng = np.random.default_rng(7)
    n_users, n_items = max(2, rows // 143), max(2, min(10_677, rows // 20))
    user = (n_users * rng.random(int(rows * 1.35)) ** 2.2).astype(np.int64)
    item = (n_items * rng.random(len(user)) ** 2.6).astype(np.int64)
    item_id = np.sort(rng.choice(6 * n_items, n_items, replace=False) + 1)
    user_id = rng.permutation(n_users) + 1
    pair = np.unique(user_id[user] * (7 * n_items) + rng.permutation(item_id)[item])
    if len(pair) < rows:
        sys.exit(f"only {len(pair)} distinct pairs; ask for fewer rows")
    pair = np.sort(rng.choice(pair, rows, replace=False))
    stars = rng.choice(np.arange(0.5, 5.5, 0.5), rows,
                       p=[.01, .04, .01, .08, .04, .24, .09, .29, .05, .15])
    time = rng.integers(789_652_009, 1_231_131_736, rows)
    frame = pl.DataFrame({"userId": pair // (7 * n_items), "movieId": pair % (7 * n_items),
                          "rating": stars, "timestamp": time})
    if kind == "plain":
        frame = frame.drop("timestamp")
    if kind == "shuffled":
        frame = frame[rng.permutation(rows)]
    frame.write_csv(path)


main()
