#!/usr/bin/env bats
# Sweeps from the command line: what a search makes of an experiment, and the same however it is run.

load common.bash

# Lists in one entry, a condition in another, and one that is not searched.
searched='{ plugin = "bias"; damping_user = [1, 5, 40]; damping_item = "2..30 log 3"; },
    { plugin = "als"; label = "als"; rank = [2, 3]; iterations = 4; lambda = 2.0; solver = "any";
      cg_steps = { values = [1, 3]; when = { solver = "cg"; }; }; },
    "item_mean"'

# run_search OUT ARGUMENTS: table on stdout
run_search() {
    local out=$1
    shift
    "$RECKON" run -q --out "$out" "$@"
}

# rmse_of FOLDER MODEL: a line for each fold
rmse_of() {
    python3 - "$1/small/scores.csv" "$2" <<'PY'
import csv, sys
for row in csv.DictReader(open(sys.argv[1])):
    if row["model"] == sys.argv[2] and row["slice"] == "all" and row["metric"] == "rmse":
        print(row["fold"], row["value"])
PY
}

same_tables() { # two folders
    local file
    for file in scores.csv table.csv table.md table.json; do
        cmp "$1/small/$file" "$2/small/$file" || return 1
    done
}

@test "each method gives a row for each model, the same bytes at any number of jobs" {
    local method
    for method in random grid bayes halving; do
        small_experiment small.cfg "$searched"
        local words=("search={ method = \"$method\"; trials = 13; folds = 2; }")
        [ "$method" != halving ] || words+=('models.als.search={ resource = "iterations"; }' 'models.bias.search={ resource = "data"; }')
        run_search "$method.1" small.cfg "${words[@]}" -j 1 --threads 1 >one
        run_search "$method.2" small.cfg "${words[@]}" -j 2 --threads 2 >/dev/null
        same_tables "$method.1" "$method.2"
        [ "$(grep -c '^bias\|^als\|^item_mean' one)" -ge 3 ]
        run_search "$method.3" "$method.1/small/experiment.cfg" >/dev/null
        same_tables "$method.1" "$method.3"
    done
}

# Chosen on inner folds, fitted again on the whole outer one: what a row with that value gives.
@test "what a search chooses is scored as a row of its own, and is not always the default" {
    local fold value
    small_experiment small.cfg '{ plugin = "bias"; label = "b"; damping_user = [3, 7, 10]; }'
    run_search rows small.cfg 'models.b.damping_user=[3, 5, 7, 10]' >/dev/null
    run_search grid small.cfg 'search={ method = "grid"; }' >/dev/null
    while read -r fold value; do
        rmse_of rows "b damping_user=$value" | grep "^$fold "
    done < <(cut -d, -f 6-8 grid/small/tuning.csv | sed -n 's/,damping_user,/ /p') >expected
    rmse_of grid b >chosen
    [ "$(wc -l <chosen)" -eq 3 ]
    cmp expected chosen
    grep -q ',false,' grid/small/tuning.csv
}

@test "what is not searched is as it is without a search" {
    small_experiment small.cfg "$searched"
    run_search with small.cfg 'search={ trials = 3; folds = 2; }' 'models.2.search=false' >/dev/null
    small_experiment small.cfg '"item_mean"'
    run_search without small.cfg >/dev/null
    rmse_of with item_mean >a
    rmse_of without item_mean >b
    [ -s a ]
    cmp a b
}

@test "budgets and methods are changed on the command line" {
    small_experiment small.cfg "$searched"
    run -0 "$RECKON" run --dry-run small.cfg search.trials=4 models.bias.search.trials=6 \
        models.bias.damping_user=1..50 models.als.cg_steps=2
    said 'bias: damping_user 1..50; damping_item 2..30 (log, 3 points): 6 candidates' \
        'als: rank in 2, 3; solver in "cholesky", "cg": 4 candidates'
    run -2 "$RECKON" run small.cfg search.method=grid search.trials=4
    said 'small.cfg:5: models.0: a grid of 9 configurations' 'small.cfg:6: models.1: a grid of 6 configurations'
    [ ! -e results ]
}

# trials_of FOLDER: model and trials of each row that has them
trials_of() {
    python3 - "$1/small/table.csv" <<'PY'
import csv, sys
for row in csv.DictReader(open(sys.argv[1])):
    if row["trials"]: print(row["model"], float(row["trials"]))
PY
}

@test "the table has the number of trials: the same for all that is searched, or all of a grid" {
    small_experiment small.cfg "$searched"
    run_search random small.cfg 'search={ trials = 4; folds = 2; }' >/dev/null
    [ "$(trials_of random)" = "bias 4.0
als 4.0
item_mean 1.0" ]
    run_search grid small.cfg 'search={ method = "grid"; folds = 2; }' >table # and the defaults
    [ "$(trials_of grid)" = "bias 10.0
als 7.0
item_mean 1.0" ]
    grep -q 'optimism' table
    grep -q '^als, by grid on 2 inner folds: fold' table
}
