#!/usr/bin/env python3
"""metrics.py SCORE_ROWS: every metric against scikit-learn, scipy, numpy and naive code.

Random rows go through the program SCORE_ROWS and through the code below, which shares nothing with
it. Ends with 77, "skipped", where scikit-learn is not installed.
"""
import math
import subprocess
import sys

try:
    import numpy as np
    from scipy import stats
    from sklearn.metrics import mean_absolute_error, mean_squared_error
except ImportError as why:
    print("skipped:", why)
    sys.exit(77)

USER, OVERALL = 0, 1
TIES, QUANTILE = 0, 1


class Rows:
    def __init__(self, rng, n, users, step):
        # Users with few and with many rows; answers in steps, so that many are equal.
        weight = rng.pareto(1.0, users) + 0.05
        self.user = rng.choice(users, n, p=weight / weight.sum())
        self.item = rng.permutation(n)
        self.truth = rng.integers(1, 11, n).astype(np.float32) / 2
        answer = self.truth * 0.4 + rng.normal(2, 1, n)
        self.answer = (np.round(answer / step) * step if step else answer).astype(np.float32)
        self.item_mean = np.round(rng.normal(3.5, 0.5, n) * 4).astype(np.float32) / 4
        self.tie = rng.permutation(n).astype(np.uint64) * np.uint64(7919) + np.uint64(2**63)
        self.sd = rng.gamma(4, 0.25, n).astype(np.float32)
        self.sd[rng.random(n) < 0.1] = np.nan  # none is known
        self.sd[:: 17] = 0  # a point

    def text(self):
        columns = zip(self.user, self.item, self.truth, self.answer, self.item_mean, self.tie,
                      self.sd)
        return "".join("%d %d %.9g %.9g %.9g %d %.9g\n" % row for row in columns)


def ours(program, metric, text, **settings):
    words = ["%s=%r" % item for item in settings.items()]
    out = subprocess.run([program, metric, *words], input=text, capture_output=True, text=True,
                         check=True).stdout
    return {name: float(value) for name, value in (line.split() for line in out.splitlines())}


def ranked_together(rows, scope, min_rows):
    groups = [np.flatnonzero(rows.user == u) for u in np.unique(rows.user)]
    groups = [g for g in groups if len(g) >= min_rows]
    return [np.concatenate(groups)] if scope == OVERALL else groups


def taken(rows, by, group, rule, share):
    by = by[group].astype(np.float64)
    if rule == QUANTILE:
        return group[by >= np.quantile(by, 1 - share)]
    # With 1e-9 of room: 0.07 * 100 is 7.000000000000001 in floating point.
    k = max(1, math.ceil(share * len(group) - 1e-9))
    return group[sorted(range(len(group)), key=lambda j: (-by[j], rows.tie[group[j]]))[:k]]


def naive_top(rows, share, scope, rule, min_rows):
    groups = ranked_together(rows, scope, min_rows)
    score = lambda by: np.concatenate([taken(rows, by, g, rule, share) for g in groups])
    picks = [taken(rows, rows.answer, g, rule, share) for g in groups]
    pooled = np.concatenate(picks)
    truth = rows.truth.astype(np.float64)
    # A random order gives each group's mean, as many times as rows are taken when none are equal.
    line = np.arange(len(rows.tie), dtype=np.float64)
    expected = [len(taken(rows, line, g, rule, share)) for g in groups]
    mean = [truth[g].mean() for g in groups]
    return {
        "top5": truth[pooled].mean(),
        "top5.rows": len(pooled),
        "top5.share": len(pooled) / sum(map(len, groups)),
        "top5.unchosen": sum(len(p) for p, g in zip(picks, groups) if len(p) == len(g)),
        "top5.random": np.dot(mean, expected) / sum(expected),
        "top5.item_mean": truth[score(rows.item_mean)].mean(),
        "top5.oracle": truth[score(rows.truth)].mean(),
    }, pooled, np.concatenate(groups)


def naive_interval(rows, pooled, ranked, rng):
    users = np.unique(rows.user[ranked])
    place = np.searchsorted(users, rows.user[pooled])
    sums = np.bincount(place, rows.truth[pooled].astype(np.float64), len(users))
    counts = np.bincount(place, minlength=len(users))
    draw = rng.integers(0, len(users), (4000, len(users)))
    means = sums[draw].sum(1) / counts[draw].sum(1)
    return np.quantile(means, [0.025, 0.975])


def naive_intervals(rows):
    # By E|X - y| - E|X - X'| / 2 (Gneiting & Raftery, 2007, equation 20) with the folded normal.
    truth, answer, sd = (x.astype(np.float64) for x in (rows.truth, rows.answer, rows.sd))
    known, away = ~np.isnan(sd), np.abs(truth - answer)
    loss = away.copy()
    wide = known & (sd > 0)
    s = sd[wide]
    loss[wide] = stats.foldnorm.mean(away[wide] / s, scale=s) - s / math.sqrt(math.pi)
    def inside(share):
        low, high = stats.norm.interval(share, answer[known], np.maximum(sd[known], 1e-300))
        return np.mean((low <= truth[known]) & (truth[known] <= high)), np.mean(high - low)
    return {"intervals": loss.mean(), "intervals.cover50": inside(0.5)[0],
            "intervals.cover90": inside(0.9)[0], "intervals.width90": inside(0.9)[1],
            "intervals.known": known.mean()}


def check(found, expected, what, room=1e-12):
    if not abs(found - expected) <= room * max(1, abs(expected)):
        sys.exit("%s: reckon says %.17g, the other %.17g" % (what, found, expected))


def main():
    program = sys.argv[1]
    rng = np.random.default_rng(20261121)
    checked = 0
    for n, users, step in [(1, 1, 0), (40, 7, 1), (700, 60, 0.5), (3000, 200, 0), (5000, 80, 0.25)]:
        rows = Rows(rng, n, users, step)
        text = rows.text()
        truth, answer = rows.truth.astype(np.float64), rows.answer.astype(np.float64)
        check(ours(program, "rmse", text)["rmse"], math.sqrt(mean_squared_error(truth, answer)), "rmse")
        check(ours(program, "mae", text)["mae"], mean_absolute_error(truth, answer), "mae")
        checked += 2
        found = ours(program, "intervals", text)
        for name, value in naive_intervals(rows).items():
            check(found[name], value, "n=%d %s" % (n, name))
            checked += 1
        for scope in (USER, OVERALL):
            for rule in (TIES, QUANTILE):
                for share, min_rows in ((0.05, 1), (0.07, 3), (0.5, 1), (1.0, 1)):
                    if not ranked_together(rows, USER, min_rows):
                        continue
                    settings = dict(share=share, scope=scope, rule=rule, min_rows=min_rows)
                    what = "n=%d users=%d %s" % (n, users, settings)
                    found = ours(program, "top5", text, **settings)
                    expected, pooled, ranked = naive_top(rows, **settings)
                    for name, value in expected.items():
                        check(found[name], value, what + " " + name)
                        checked += 1
                    if n < 700 or (scope == OVERALL and share < 0.5):
                        continue  # too few users for two bootstraps to agree
                    low, high = naive_interval(rows, pooled, ranked, rng)
                    room = 0.15 * (high - low)
                    check(found["top5.low"], low, what + " low", room / max(1, low))
                    check(found["top5.high"], high, what + " high", room / max(1, high))
                    checked += 2
    print("%d numbers agree" % checked)


main()
