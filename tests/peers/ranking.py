#!/usr/bin/env python3
"""ranking.py RANK_ROWS - NDCG, recall, precision, MRR and MAP by Reckon beside ranx and LensKit.

Each is given the same ranked lists, those of the whole catalogue by made answers with ties, gaps,
cold users and items (tests/verify/ranked_lists.py). Ends with 77 where none is installed.
"""
import os
import subprocess
import sys
import warnings

warnings.filterwarnings("ignore")
sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "verify"))
import numpy
from ranked_lists import World, relevant_of

DIGITS = 6
wrong, compared = [], 0


def by_ranx(lists, relevant, k):
    from ranx import Qrels, Run, evaluate
    qrels = Qrels({f"u{u}": {f"i{i}": 1 for i in items} for u, items in relevant.items()})
    run = Run({f"u{u}": {f"i{i}": float(len(lists[u]) - n) for n, i in enumerate(lists[u])}
               for u in relevant})
    names = {"ndcg": f"ndcg@{k}", "recall": f"recall@{k}", "precision": f"precision@{k}",
             "mrr": "mrr"}
    if k >= max(map(len, lists)):  # its map@k is over all relevant rows
        names["map"] = "map"
    found = evaluate(qrels, run, list(names.values()))
    return {name: found[theirs] for name, theirs in names.items()}


def by_lenskit(lists, relevant, k):
    from lenskit.data import ItemList
    from lenskit.metrics import NDCG, Precision, Recall, RecipRank
    from lenskit.metrics.ranking import AveragePrecision, LogRankWeight
    # Its NDCG gives places 1 and 2 the same discount unless told otherwise.
    kinds = {"ndcg": NDCG(n=k, weight=LogRankWeight(offset=1)), "mrr": RecipRank(),
             "map": AveragePrecision(n=k)}
    if k >= max(map(len, relevant.values())):  # its recall@k is over min(k, relevant rows)
        kinds["recall"] = Recall(n=k)
    if k <= min(map(len, lists)):  # its precision@k is over the list's length
        kinds["precision"] = Precision(n=k)
    out = {}
    for name, kind in kinds.items():
        of = [kind.measure_list(ItemList(item_ids=numpy.array(lists[u]), ordered=True),
                                ItemList(item_ids=numpy.array(sorted(items))))
              for u, items in relevant.items()]
        out[name] = float(numpy.mean(of))
    return out


def main():
    global compared
    from importlib.metadata import PackageNotFoundError, version
    rng = numpy.random.default_rng(11)
    tools = []
    for package, tool in (("ranx", by_ranx), ("lenskit", by_lenskit)):
        try:
            print("%s %s" % (package, version(package)))
            tools.append((package, tool))
        except PackageNotFoundError:
            print("%s: not installed" % package)
    if not tools:
        sys.exit(77)
    for users, items, step, k, threshold in [(60, 90, 0.5, 10, 4), (30, 40, 1, 20, 3),
                                             (40, 300, 0, 5, 4.5), (40, 50, 0.5, 50, 4)]:
        w = World(rng, users, items, step)
        words = [users, items, len(w.train), len(w.test), k, threshold, 1]
        out = subprocess.run([sys.argv[1], *map(str, words)], input=w.numbers(), check=True,
                             capture_output=True, text=True).stdout.split()
        ours, (relevant, _), lists = dict(zip(out[::2], out[1::2])), relevant_of(w, threshold), w.lists()
        for package, tool in tools:
            for name, theirs in tool(lists, relevant, k).items():
                same = abs(theirs - float(ours[name])) < 0.5 * 10**-DIGITS
                compared += 1
                if not same:
                    wrong.append(package + " " + name)
                print("  %4d users, k = %-3d %-8s %-10s %.*f %.*f  %s" % (
                    users, k, package, name, DIGITS, theirs, DIGITS, float(ours[name]),
                    "ok" if same else "DIFFERS"))
    print("%d scores compared, %d wrong" % (compared, len(wrong)))
    sys.exit(1 if wrong else 0)


main()
