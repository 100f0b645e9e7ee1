#!/usr/bin/env bats
# Metrics of the ranked catalogue in whole runs.

load common.bash

ranked='metrics=("rmse","ndcg",{metric="ndcg";k=3;},"recall","precision","mrr","map")'

# scores.csv of a run, slice "all" without costs: "model fold metric value".
scores() {
    python3 - "$1" <<'PY'
import csv, sys
with open("results/%s/scores.csv" % sys.argv[1], newline="") as file:
    for r in csv.DictReader(file):
        if r["slice"] != "train": print(r["model"], r["slice"], r["fold"], r["metric"], r["value"])
PY
}

@test "a table has them, and a fallback's row; the same at any number of threads" {
    small_experiment small.cfg
    run -0 "$RECKON" run -q small.cfg "$ranked" --threads 1
    said "NDCG@10" "recall@10" "precision@10" "MRR" "MAP@10" "ndcg k=3" "users left out"
    scores small >one
    # The plugin bias is the fallback, and ranks as it does.
    diff <(grep -F '(fallback) all' one | grep -v rmse | cut -d' ' -f2-) \
        <(grep '^bias all' one | grep -v rmse | cut -d' ' -f2-)
    grep -q '^bias all 1 ndcg 0\.[0-9]' one
    run -0 "$RECKON" run -q small.cfg "$ranked" --threads 3 --fresh
    scores small >three
    diff one three
}

@test "a search chooses by them" {
    small_experiment small.cfg '{ plugin = "als"; rank = [1, 3]; iterations = 2; }'
    run -0 "$RECKON" run -q small.cfg 'metrics=("ndcg")' 'search={method="grid";metric="ndcg";folds=2;}'
    run -0 "$RECKON" show small --inner
    [ "$(grep -cE ' als .* 0\.[0-9]{4}$' <<<"$output")" -eq 18 ]
}

@test "where only the answers to test rows are known the cells are empty, and what reads them bears it" {
    small_experiment small.cfg
    "$RECKON" run -q small.cfg predictions=true >/dev/null
    for fold in 1 2 3; do "$RECKON" show small --predictions bias --fold $fold >bias-$fold.csv; done
    small_experiment given.cfg "$both, { predictions = [\"bias-1.csv\", \"bias-2.csv\", \"bias-3.csv\"]; label = \"theirs\"; }"
    run -0 "$RECKON" run -q given.cfg name=given "$ranked" 'report=("md","csv","json","html","tex")'
    said theirs NDCG@10
    scores given >all
    grep -qE '^theirs all 1 rmse [0-9]' all
    grep -qE '^theirs all 1 ndcg $' all
    grep -qE '^\(best reachable\) all 1 ndcg $' all
    grep -qE '^bias all 1 ndcg 0\.' all
    run -0 "$RECKON" compare results/given results/given --fail-if 'ndcg<0'
}

@test "a rating that makes every row relevant, or none, is refused before any trial" {
    small_experiment small.cfg
    run -1 "$RECKON" run -q small.cfg 'metrics=({metric="ndcg";relevant=6;})'
    said 'metric "ndcg relevant=6"' "relevant = 6 makes no test row relevant on a scale from" "choose a rating above"
    run -1 "$RECKON" run -q small.cfg 'metrics=({metric="mrr";relevant=0.5;})'
    said "makes every test row relevant"
}
