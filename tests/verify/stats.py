#!/usr/bin/env python3
"""stats.py STATS_ROWS: the tests of stats/ against scipy.

Random numbers go through the program STATS_ROWS and through scipy. Ends with 77, "skipped", where
scipy is not installed.
"""
import subprocess
import sys
import warnings

try:
    import numpy as np
    from scipy import integrate, stats
except ImportError as why:
    print("skipped:", why)
    sys.exit(77)

checked = 0


def ours(program, *tests):
    """One answer, a list of numbers, for each (name, number ...)."""
    lines = []
    for name, *values in tests:
        flat = [np.ravel(np.asarray(v, dtype=float)) for v in values]
        lines.append(name + " " + " ".join("%.17g" % x for x in np.concatenate(flat)))
    out = subprocess.run([program], input="\n".join(lines) + "\n", capture_output=True, text=True,
                         check=True).stdout
    return [[float(x) for x in line.split()] for line in out.splitlines()]


def check(found, expected, what, room=1e-9):
    global checked
    checked += 1
    if not np.allclose(found, expected, rtol=room, atol=1e-14, equal_nan=True):
        sys.exit("%s: reckon says %s, the other %s" % (what, found, expected))


def signed_ranks(program, rng):
    for n in (1, 2, 6, 24, 25, 26, 60, 500):
        for step in (0, 0.5):  # 0: no ties
            a, b = rng.normal(0.2, 1, n), rng.normal(0, 1, n)
            if step:
                a, b = np.round(a / step), np.round(b / step)
            if np.all(a == b):
                continue
            exact = n <= 25 and not np.any(a == b) and len(set(np.abs(a - b))) == n
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")  # that the sample is small for the approximation
                p = stats.wilcoxon(a, b, zero_method="pratt",
                                   method="exact" if exact else "approx").pvalue
            [found] = ours(program, ("wilcoxon", n, a, b))
            check(found, [np.mean(a < b), np.mean(a > b), p], "wilcoxon n=%d step=%g" % (n, step))


def friedman(program, rng):
    for n_data, n_models in ((8, 3), (14, 4), (30, 10)):
        for step in (0, 0.5):
            v = rng.normal(0, 1, (n_data, n_models)) + 0.2 * np.arange(n_models)
            if step:
                v = np.round(v / step)
            chi2 = stats.friedmanchisquare(*v.T).statistic
            f = (n_data - 1) * chi2 / (n_data * (n_models - 1) - chi2)
            p = stats.f.sf(f, n_models - 1, (n_models - 1) * (n_data - 1))
            q = stats.studentized_range.ppf(0.95, n_models, np.inf) / np.sqrt(2)
            critical = q * np.sqrt(n_models * (n_models + 1) / (6 * n_data))
            [found] = ours(program, ("friedman", n_data, n_models, v))
            what = "friedman %d x %d step=%g" % (n_data, n_models, step)
            check(found[:3], [chi2, f, p], what)
            check(found[3], critical, what, 1e-6)
            check(found[4:], stats.rankdata(v, axis=1).mean(axis=0), what)


def resampled(program, rng):
    for k in (2, 5, 10, 50):
        d = rng.normal(0.3, 1, k)
        plain = stats.ttest_1samp(d, 0)
        interval = plain.confidence_interval(0.95)
        found, corrected = ours(program, ("resampled", 0, k, d), ("resampled", 0.25, k, d))
        check(found[:2], [plain.statistic, plain.pvalue], "t k=%d" % k)
        check(found[2:], [interval.low, interval.high], "interval k=%d" % k, 1e-7)
        t = plain.statistic / np.sqrt(1 + k * 0.25)  # 1/k becomes 1/k + n_test / n_train
        check(corrected[:2], [t, 2 * stats.t.sf(abs(t), k - 1)], "corrected t k=%d" % k)
        half = stats.t.ppf(0.975, k - 1) * d.mean() / t
        check(corrected[2:], [d.mean() - abs(half), d.mean() + abs(half)], "corrected k=%d" % k, 1e-7)


def holm(program, rng):
    for n in (1, 3, 40):
        p = rng.uniform(0, 1, n) ** 3
        order = np.argsort(p)
        stepped = np.minimum(1, np.maximum.accumulate(p[order] * np.arange(n, 0, -1)))
        [found] = ours(program, ("holm", n, p))
        check(np.array(found)[order], stepped, "holm n=%d" % n)


def studentized_range(program):
    for n in (2, 3, 10, 40, 200):
        for level in (0.5, 0.95, 0.999):
            [[q]] = ours(program, ("range", level, n))
            below = lambda z: n * stats.norm.pdf(z) * (stats.norm.cdf(z) - stats.norm.cdf(z - q)) ** (n - 1)
            check(integrate.quad(below, -12, 12, epsabs=1e-12)[0], level, "range n=%d" % n)
            if n <= 40:
                check(q, stats.studentized_range.ppf(level, n, np.inf), "range n=%d" % n, 1e-6)


def main():
    program = sys.argv[1]
    rng = np.random.default_rng(20261121)
    signed_ranks(program, rng)
    friedman(program, rng)
    resampled(program, rng)
    holm(program, rng)
    studentized_range(program)
    print("%d numbers agree" % checked)


main()
