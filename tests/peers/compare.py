#!/usr/bin/env python3
"""compare.py RECKON: RMSE and MAE of the same predictions by Reckon and by other tools themselves.

Reckon says under each tool's name what that tool would say (framework/metric/conventions.c). Here
the tools are asked: they score predictions, with cold rows, answers beyond the scale, ties, users
with one row and missing ones, on folds of made ratings. Packages that are not installed are named
and passed over; ends with 77 if there is none at all.
"""
import csv
import math
import os
import random
import subprocess
import sys
import tempfile
import warnings

warnings.filterwarnings("ignore")
FOLDS, SCALE = 3, (0.5, 5.0)
found, compared, wrong = [], [], []


# ---- Made ratings and predictions ----------------------------------------------------------------

def make_ratings(rng):
    """(user, item, rating, fold); nobody rates below 1 or above 4.5, though the scale goes on."""
    rows = {}
    for u in range(40):
        for i in rng.sample(range(30), rng.randint(1, 12)):
            rows[f"u{u}", f"i{i}"] = rng.choice([1, 2, 2.5, 3, 3.5, 4, 4.5])
    folds = {pair: rng.randint(1, FOLDS) for pair in rows}
    for k in range(1, FOLDS + 1):  # cold users, with one row and with several; cold items; both
        for n, pair in enumerate([(f"one{k}", "i1"), (f"some{k}", "i2"), (f"some{k}", "i3"),
                                  ("u1", f"new{k}"), ("u2", f"new{k}"), (f"one{k}", f"new{k}")]):
            rows[pair], folds[pair] = 1 + n % 4, k
    return [(u, i, r, folds[u, i]) for (u, i), r in sorted(rows.items())]


def make_predictions(rng, ratings, missing):
    """{(user, item): float}, all of them sums of few powers of two; some are beyond the scale."""
    out = {}
    for n, (u, i, r, _) in enumerate(ratings):
        value = r + rng.choice([-2, -1.5, -1, -0.5, -0.25, 0, 0, 0.125, 0.5, 1, 1.5])
        if rng.random() < missing:
            continue
        if missing and u in ("u3", "one1", "some2"):
            continue  # users of whom nothing is predicted
        out[u, i] = 3.25 if n % 7 == 0 else value
    return out


def by_reckon(reckon, folder, ratings, files):
    """{(label, fold, name): value} from scores.csv."""
    with open(os.path.join(folder, "ratings.csv"), "w") as out:
        out.write("user,item,rating,fold\n")
        out.writelines("%s,%s,%g,%d\n" % row for row in ratings)
    names = []
    for label, predictions in files.items():
        names.append("%s=%s.csv" % (label, label))
        with open(os.path.join(folder, label + ".csv"), "w") as out:
            out.write("user,item,prediction\n")
            out.writelines("%s,%s,%r\n" % (u, i, p) for (u, i), p in predictions.items())
    data = "delimited=ratings.csv user=user item=item rating=rating scale=[%g,%g]" % SCALE
    subprocess.run([reckon, "score", "-q", *names, "--data", data, "--split",
                    "predefined column=fold"], cwd=folder, check=True, stdout=subprocess.DEVNULL)
    with open(os.path.join(folder, "results/score/scores.csv"), newline="") as file:
        return {(r["model"], int(r["fold"]), r["metric"]): float(r["value"] or "nan")
                for r in csv.DictReader(file) if r["slice"] == "all"}


# ---- The tools -----------------------------------------------------------------------------------
# Each gives {name: value} of one fold: training rows and test rows, (user, item, rating), and
# predictions. A value of None: the tool refuses.

def by_surprise(train, test, predictions):
    import pandas
    import surprise

    class Given(surprise.AlgoBase):
        def estimate(self, u, i):
            raw = [str(x)[5:] if str(x).startswith("UKN__") else of(x) for x, of in
                   ((u, self.trainset.to_raw_uid), (i, self.trainset.to_raw_iid))]
            if tuple(raw) not in predictions:
                raise surprise.PredictionImpossible("there is none")
            return predictions[tuple(raw)]

    frame = pandas.DataFrame(train, columns=["user", "item", "rating"])
    data = surprise.Dataset.load_from_df(frame, surprise.Reader(rating_scale=SCALE))
    answers = Given().fit(data.build_full_trainset()).test(test)
    return {"surprise.rmse": surprise.accuracy.rmse(answers, verbose=False),
            "surprise.mae": surprise.accuracy.mae(answers, verbose=False)}


def by_cornac(train, test, predictions):
    import contextlib
    import io

    import cornac
    import numpy
    from cornac.exception import ScoreException

    class Given(cornac.models.Recommender):
        def __init__(self):
            super().__init__("given")

        def score(self, user_idx, item_idx=None):
            pair = users[user_idx], items[item_idx]
            if pair not in predictions:
                raise ScoreException("there is none")
            return numpy.float64(predictions[pair])

        def save(self, *_, **__):
            pass

    # exclude_unknowns as RatioSplit and CrossValidation have it by default.
    method = cornac.eval_methods.BaseMethod.from_splits(train, test, exclude_unknowns=True)
    users = {v: k for k, v in method.global_uid_map.items()}
    items = {v: k for k, v in method.global_iid_map.items()}
    metrics = [cornac.metrics.RMSE(), cornac.metrics.MAE()]
    experiment = cornac.Experiment(method, [Given()], metrics)
    with contextlib.redirect_stdout(io.StringIO()), tempfile.TemporaryDirectory() as aside:
        experiment.save_dir = aside
        experiment.run()
    result = experiment.result[0].metric_avg_results
    return {"cornac.rmse": result["RMSE"], "cornac.mae": result["MAE"]}


def by_lenskit(train, test, predictions):
    import pandas
    from lenskit.data import ItemListCollection
    from lenskit.metrics import MAE, RMSE, RunAnalysis

    truth = pandas.DataFrame(test, columns=["user_id", "item_id", "rating"])
    scored = pandas.DataFrame([(u, i, predictions[u, i]) for u, i, _ in test
                               if (u, i) in predictions], columns=["user_id", "item_id", "score"])
    lists = [ItemListCollection.from_df(frame, ["user_id"]) for frame in (scored, truth)]
    if len(scored) < len(test):
        try:
            RunAnalysis(RMSE()).measure(*lists)
        except ValueError:
            pass
        else:
            wrong.append("LensKit no longer refuses missing scores by default")
    analysis = RunAnalysis(RMSE(missing_scores="ignore"), MAE(missing_scores="ignore"))
    mean = analysis.measure(*lists).list_summary()["mean"]
    return {"lenskit.rmse": mean["RMSE"], "lenskit.mae": mean["MAE"]}


def by_recbole(train, test, predictions):
    import torch
    from recbole.evaluator.metrics import MAE, RMSE

    # As Collector has them: a column of scores and one of labels. Rounded later than by default.
    scores = torch.tensor([[predictions.get((u, i), math.nan)] for u, i, _ in test])
    data = {"rec.score": scores, "data.label": torch.tensor([[r] for _, _, r in test])}
    out = {}
    for metric in RMSE, MAE:
        try:
            out.update(metric({"metric_decimal_place": 12}).calculate_metric(data))
        except ValueError:
            out[metric.__name__.lower()] = None
    return {"recbole." + name: value for name, value in out.items()}


TOOLS = (("scikit-surprise", by_surprise), ("cornac", by_cornac), ("lenskit", by_lenskit),
         ("recbole", by_recbole))


def check(label, fold, name, theirs, ours):
    digits = 6
    compared.append(name)
    same = math.isnan(ours) if theirs is None else abs(float(theirs) - ours) < 0.5 * 10**-digits
    if not same:
        wrong.append("%s, fold %d, %s: the package says %s, Reckon %.9f" % (
            label, fold, name, theirs, ours))
    print("  %-9s fold %d  %-20s %12s %12s  %s" % (
        label, fold, name, "refused" if theirs is None else "%.*f" % (digits, theirs),
        "none" if math.isnan(ours) else "%.*f" % (digits, ours), "ok" if same else "DIFFERS"))


def main():
    from importlib.metadata import PackageNotFoundError, version
    rng = random.Random(11)
    ratings = make_ratings(rng)
    files = {"complete": make_predictions(rng, ratings, 0), "gappy": make_predictions(rng, ratings, 0.2)}
    with tempfile.TemporaryDirectory() as folder:
        ours = by_reckon(os.path.abspath(sys.argv[1]), folder, ratings, files)
    for package, tool in TOOLS:
        try:
            print("%s %s" % (package, version(package)))
        except PackageNotFoundError:
            print("%s: not installed" % package)
            continue
        found.append(package)
        for label, predictions in files.items():
            for fold in range(1, FOLDS + 1):
                train = [row[:3] for row in ratings if row[3] != fold]
                test = [row[:3] for row in ratings if row[3] == fold]
                for name, value in tool(train, test, predictions).items():
                    check(label, fold, name, value, ours[label, fold, name])
    for line in wrong:
        print(line)
    print("%d packages, %d scores compared, %d wrong" % (len(found), len(compared), len(wrong)))
    if not found:
        print("none of the packages is installed")
        sys.exit(77)
    sys.exit(1 if wrong else 0)


if __name__ == "__main__":
    main()
