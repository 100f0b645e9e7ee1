#!/usr/bin/env python3
"""describe.py RECKON: what `reckon describe --format csv` says, computed again from the raw files.

Two synthetic sets in the forms of MovieLens (and, where it is there, ml-100k) are read into SQLite
by this script's own readers; counts, means and roll-ups are queries, quantiles are numpy's. The
shares of a split are counted from a column of fold numbers. Ends with 77, "skipped", without numpy.
"""
import csv
import io
import os
import re
import sqlite3
import subprocess
import sys
import tempfile
import zipfile

try:
    import numpy as np
except ImportError as why:
    print("skipped:", why)
    sys.exit(77)

AGES = (56, 50, 45, 35, 25, 18)
FEW = (("genre", "age"), ("decade", "gender"), ("age", "occupation"))  # of the larger set
checked = 0


def fail(what, found, expected):
    sys.exit(f"{what}: describe says {found}, the files {expected}")


def near(what, found, expected):
    global checked
    checked += 1
    if expected is None:
        if found != "":
            fail(what, found, "nothing")
    elif found in ("", None) or abs(float(found) - expected) > 1e-9 * max(1, abs(expected)):
        fail(what, found, expected)


def described(reckon, *words):
    text = subprocess.run([reckon, "describe", *words, "--format", "csv"], check=True,
                          stdout=subprocess.PIPE).stdout.decode()
    return {(r["section"], r["row"], r["column"], r["measure"]): r["value"]
            for r in csv.DictReader(io.StringIO(text))}


def band(age):
    return str(next((a for a in AGES if int(age) >= a), 1))


def year_of(title, date=""):
    found = re.search(r"\((\d{4})(?:[^()]*)\)[^()]*$", title)
    return int(found.group(1)) if found else int(date[-4:]) if len(date) >= 4 else None


def open_store():
    db = sqlite3.connect(":memory:")
    db.execute("CREATE TABLE rating (user, item, value REAL, time INT)")
    for table in ("item_class", "user_class"):
        db.execute(f"CREATE TABLE {table} (unit, feature, class)")
        db.execute(f"CREATE INDEX {table}_of ON {table} (feature, unit, class)")
    db.execute("CREATE TABLE tag (user, item, tag)")
    return db


def add_item(db, item, year, genres):
    for genre in genres:
        db.execute("INSERT INTO item_class VALUES (?, 'genre', ?)", (item, genre))
    if year:
        db.execute("INSERT INTO item_class VALUES (?, 'decade', ?)", (item, f"{year // 10 * 10}s"))


def add_user(db, user, gender, age, occupation):
    for feature, value in (("gender", gender), ("age", band(age)), ("occupation", occupation)):
        db.execute("INSERT INTO user_class VALUES (?, ?, ?)", (user, feature, value))


def read_latest(folder):
    db, items = open_store(), set()
    with open(f"{folder}/ratings.csv", newline="") as file:
        for r in csv.DictReader(file):
            db.execute("INSERT INTO rating VALUES (?, ?, ?, ?)",
                       (r["userId"], r["movieId"], float(r["rating"]), int(r["timestamp"])))
    with open(f"{folder}/movies.csv", newline="") as file:
        for r in csv.DictReader(file):
            items.add(r["movieId"])
            add_item(db, r["movieId"], year_of(r["title"]),
                     [g for g in r["genres"].split("|") if g != "(no genres listed)"])
    with open(f"{folder}/tags.csv", newline="") as file:
        for r in {(r["userId"], r["movieId"], r["tag"].strip().lower()) for r in csv.DictReader(file)}:
            db.execute("INSERT INTO tag VALUES (?, ?, ?)", r)
    return db, items, {u for (u,) in db.execute("SELECT DISTINCT user FROM rating")}


def read_1m(folder):
    db, items, users = open_store(), set(), set()
    read = lambda name: (line.rstrip("\n").split("::")
                         for line in open(f"{folder}/{name}", encoding="latin-1"))
    for user, item, value, time in read("ratings.dat"):
        db.execute("INSERT INTO rating VALUES (?, ?, ?, ?)", (user, item, float(value), int(time)))
    for item, title, genres in read("movies.dat"):
        items.add(item)
        add_item(db, item, year_of(title), [g for g in genres.split("|") if g])
    for user, gender, age, occupation, _ in read("users.dat"):
        users.add(user)
        add_user(db, user, gender, age, occupation)
    return db, items, users


def read_100k(path):
    db, items, users = open_store(), set(), set()
    archive = zipfile.ZipFile(path)
    name = {os.path.basename(n): n for n in archive.namelist()}
    read = lambda file, cut: (line.split(cut) for line in
                              archive.read(name[file]).decode("latin-1").splitlines() if line)
    genres = [g for g, _ in read("u.genre", "|")]
    for user, item, value, time in read("u.data", "\t"):
        db.execute("INSERT INTO rating VALUES (?, ?, ?, ?)", (user, item, float(value), int(time)))
    for row in read("u.item", "|"):
        items.add(row[0])
        add_item(db, row[0], year_of(row[1], row[2]),
                 [g for g, flag in zip(genres, row[5:]) if flag == "1" and g != "unknown"])
    for user, age, gender, occupation, _ in read("u.user", "|"):
        users.add(user)
        add_user(db, user, gender, age, occupation)
    return db, items, users


SUM = "count(*), avg(value), avg(value * value)"


def check_sum(found, section, row, column, sums):
    n, mean, square = sums
    where = f"{section} {row} {column}"
    near(f"{where} ratings", found[section, row, column, "ratings"], n)
    near(f"{where} mean", found[section, row, column, "mean"], mean)
    deviation = None if mean is None else max(0, square - mean * mean) ** 0.5
    if deviation is not None and deviation < 1e-6:
        deviation = 0
        found[section, row, column, "deviation"] = round(
            float(found[section, row, column, "deviation"]), 6)
    near(f"{where} deviation", found[section, row, column, "deviation"], deviation)


def check_spread(found, section, counts):
    counts = np.array(counts, float)
    for name, p in (("least", 0), ("p5", 5), ("p25", 25), ("median", 50), ("p75", 75), ("p95", 95),
                    ("p99", 99), ("most", 100)):
        near(f"{section} {name}", found[section, "", "", name], np.percentile(counts, p))
    near(f"{section} mean", found[section, "", "", "mean"], counts.mean())
    # Half the mean absolute difference of two, over the mean.
    near(f"{section} gini", found[section, "", "", "gini"],
         np.abs(counts[:, None] - counts[None, :]).mean() / 2 / counts.mean())
    ordered = np.sort(counts)[::-1]
    tail = [(float(k[1]), float(v)) for k, v in found.items() if k[0] == f"tail of {section}"]
    for units, ratings in tail:
        near(f"tail of {section}", ratings,
             ordered[:round(units * len(counts))].sum() / counts.sum())
    assert len(tail) > 20, tail


def check_classes(found, db, side, feature, units):
    table = f"{side}_class"
    classes = dict(db.execute(
        f"SELECT class, count(*) FROM {table} WHERE feature = ? GROUP BY 1", (feature,)))
    if not classes:
        return []
    rated = {c: rest for c, *rest in db.execute(
        f"SELECT class, count(DISTINCT rating.user), count(DISTINCT rating.item), {SUM} "
        f"FROM rating JOIN {table} ON feature = ? AND unit = rating.{side} GROUP BY 1", (feature,))}
    for c, n in classes.items():
        n_users, n_items, *sums = rated.get(c, (0, 0, 0, None, None))
        check_sum(found, feature, c, "", sums)
        near(f"{feature} {c} users", found[feature, c, "", "users"], n_users)
        near(f"{feature} {c} items", found[feature, c, "", "items"], n_items)
        near(f"{feature} {c} units", found[feature, c, "", "units"], n)
    known = {u for (u,) in db.execute(f"SELECT unit FROM {table} WHERE feature = ?", (feature,))}
    near(f"{feature} without", found[feature, "(none)", "", "units"], len(units - known))
    return classes


def check_pair(found, db, rows, columns):
    section = f"{rows} by {columns}"
    side = lambda f: "item" if f in ("genre", "decade") else "user"
    query = f"""SELECT a.class, b.class, {SUM} FROM rating
        JOIN {side(rows)}_class a ON rating.{side(rows)} = a.unit AND a.feature = '{rows}'
        JOIN {side(columns)}_class b ON rating.{side(columns)} = b.unit AND b.feature = '{columns}'
        GROUP BY 1, 2"""
    cells = {(a, b): sums for a, b, *sums in db.execute(query)}
    told = {k[1:3] for k in found if k[0] == section and "(all)" not in k[1:3]}
    assert set(cells) <= told, (section, set(cells) - told)
    for a, b in told:
        check_sum(found, section, a, b, cells.get((a, b), (0, None, None)))


def check_tags(found, db):
    near("tags", found["tags", "", "", "assignments"],
         db.execute("SELECT count(*) FROM tag").fetchone()[0])
    for tag, n, users, items in db.execute(
            "SELECT tag, count(*), count(DISTINCT user), count(DISTINCT item) FROM tag "
            "GROUP BY tag ORDER BY 2 DESC, 1 LIMIT 20"):
        near(f"tag {tag}", found["tags", tag, "", "assignments"], n)
        near(f"tag {tag} users", found["tags", tag, "", "users"], users)
        near(f"tag {tag} items", found["tags", tag, "", "items"], items)


def check(found, db, items, users):
    ratings = db.execute("SELECT count(*) FROM rating").fetchone()[0]
    of = lambda who: [n for (n,) in db.execute(f"SELECT count(*) FROM rating GROUP BY {who}")]
    near("ratings", found["data", "", "", "ratings"], ratings)
    near("items", found["data", "", "", "items"], len(items))
    near("users", found["data", "", "", "users"], len(users))
    near("density", found["data", "", "", "density"], ratings / len(items) / len(users))
    near("unrated", found["data", "", "", "items_unrated"], len(items) - len(of("item")))
    check_spread(found, "users", of("user"))
    check_spread(found, "items", of("item"))
    for value, *sums in db.execute(f"SELECT value, {SUM} FROM rating GROUP BY 1"):
        check_sum(found, "rating", f"{value:g}", "", sums)
    unit = next(k[0] for k in found if k[0] in ("day", "month", "year of rating"))
    form = {"day": "%Y-%m-%d", "month": "%Y-%m", "year of rating": "%Y"}[unit]
    told = {k[1] for k in found if k[0] == unit and float(found[unit, k[1], "", "ratings"])}
    times = {c: (users, sums) for c, users, *sums in db.execute(
        f"SELECT strftime('{form}', time, 'unixepoch'), count(DISTINCT user), {SUM} FROM rating "
        "WHERE time != 0 GROUP BY 1")}
    assert told == set(times), (told, set(times))
    for c, (n, sums) in times.items():
        check_sum(found, unit, c, "", sums)
        near(f"{unit} {c} users", found[unit, c, "", "users"], n)
    features = [f for f in ("genre", "decade", "age", "gender", "occupation")
                if check_classes(found, db, "item" if f in ("genre", "decade") else "user", f,
                                 items if f in ("genre", "decade") else users)]
    for k, rows in enumerate(features):
        for columns in features[k + 1:]:
            if ratings < 10000 or (rows, columns) in FEW:
                check_pair(found, db, rows, columns)
    near("same second", sum(
        n for (n,) in db.execute("SELECT count(*) FROM rating WHERE time != 0 GROUP BY user, time")
        if n > 1), together(found))
    check_tags(found, db)


def together(found):
    for key, text in found.items():
        told = re.match(r"([\d ]+) ratings .* share their second", text) if key[0] == "oddities" else None
        if told:
            return float(told.group(1).replace(" ", ""))
    return 0


def check_split(reckon):
    """A table with fold numbers: cold rows and later ratings, fold by fold."""
    rng = np.random.default_rng(5)
    pairs = rng.choice(400 * 300, 900, replace=False)
    rows = [(int(p // 300), int(p % 300), int(rng.integers(1, 6)), int(rng.integers(1, 2000)),
             int(rng.integers(1, 4))) for p in pairs]
    with tempfile.NamedTemporaryFile("w", suffix=".csv") as file:
        file.write("user,item,rating,time,fold\n")
        file.writelines(",".join(map(str, r)) + "\n" for r in rows)
        file.flush()
        found = described(reckon, f"delimited={file.name}", "user=user", "item=item",
                          "rating=rating", "time=time", "scale=[1,5]", "--split",
                          "predefined column=fold")
    shares = []
    for fold in (1, 2, 3):
        train = [r for r in rows if r[4] != fold]
        test = [r for r in rows if r[4] == fold]
        users, items = {r[0] for r in train}, {r[1] for r in train}
        cold = [(r[0] not in users, r[1] not in items) for r in test]
        later = [any(t[0] == r[0] and t[3] > r[3] for t in train) for r in test]
        shares.append((np.mean([c[0] for c in cold]), np.mean([c[1] for c in cold]),
                       np.mean([c[0] and c[1] for c in cold]), np.mean(later), len(test)))
    for name, expected in zip(("cold_user", "cold_item", "cold_both", "later_in_training", "test"),
                              np.mean(shares, axis=0)):
        near(f"split {name}", found["split", "", "", name], float(expected))
    assert shares[0][0] > 0 and shares[0][1] > 0


def main():
    reckon = os.path.abspath(sys.argv[1])
    with tempfile.TemporaryDirectory() as folder:
        os.chdir(folder)
        for form, read in (("ml-latest", read_latest), ("ml-1m", read_1m)):
            subprocess.run([reckon, "synth", "-q", "--form", form, form, "users=150", "items=120",
                            "ratings=3500"] + (["step=1"] if form == "ml-1m" else []), check=True)
            check(described(reckon, form), *read(form))
        source = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
        for place in os.environ.get("RECKON_DATA", "").split(":") + [f"{source}/../shared/data"]:
            path = os.path.join(place, "ml-100k.zip")
            if place and os.path.exists(path):
                check(described(reckon, path), *read_100k(path))
                break
        check_split(reckon)
    print(checked, "figures are the same")


main()
