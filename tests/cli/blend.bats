#!/usr/bin/env bats
# Blends: rows that are weighted means of others, from the experiment file to the report.

load common.bash

blends='"item_mean", "bias", { blend = ["item_mean", "bias"]; weights = [1, 3]; label = "mix"; },
    { blend = ["bias", "item_mean"]; label = "plain"; }'

same_tables() { # two folders
    local file
    for file in scores.csv table.csv table.md table.json; do
        cmp "$1/$file" "$2/$file" || return 1
    done
}

@test "a blend is the weighted mean of its members, row by row, and says so" {
    small_experiment small.cfg "$blends"
    run "$RECKON" run -q small.cfg predictions=true clip=false
    [ "$status" -eq 0 ]
    said "mix is the mean of item_mean × 0.25 and bias × 0.75." \
        "plain is the plain mean of item_mean and bias."
    local row
    for row in item_mean bias mix plain; do
        "$RECKON" show small --predictions "$row" --fold 2 >"$row.csv"
    done
    python3 - <<'PY'
import csv
read = lambda name: list(csv.DictReader(open(name + ".csv")))
rows = list(zip(*map(read, ("item_mean", "bias", "mix", "plain"))))
key = "answer"
assert len(rows) == 300
for a, b, mix, plain in rows:
    a, b = float(a[key]), float(b[key])
    assert abs(0.25 * a + 0.75 * b - float(mix[key])) < 1e-6
    assert abs((a + b) / 2 - float(plain[key])) < 1e-6
PY
    python3 - results/small <<'PY'
import json, sys
models = {m["label"]: m for m in json.load(open(sys.argv[1] + "/provenance.json"))["models"]}
assert models["mix"]["members"] == [{"label": "item_mean", "weight": 0.25}, {"label": "bias", "weight": 0.75}]
assert models["plain"]["weights"] == "equal"
trials = json.load(open(sys.argv[1] + "/table.json"))["trials"]
assert all(t["weights"] == {"bias": 0.75, "item_mean": 0.25} for t in trials if t["model"] == "mix")
PY
    "$RECKON" report -q small --format html
    grep -q 'Weights of mix' results/small/report.html
    run -0 "$RECKON" show small --trial 5
    said "plugin     blend" "weights    0.25, 0.75"
}

@test "members that --only leaves out run for the blend, and the whole can be parted, merged and run again" {
    small_experiment small.cfg "$blends"
    run "$RECKON" run small.cfg --only mix -o whole
    [ "$status" -eq 0 ]
    said "bias is left out, and runs without a row for blends"
    [[ $output != *$'\nbias  '* ]]
    "$RECKON" run -q small.cfg --only mix -o one --shard 1/2 >/dev/null || [ $? -eq 3 ]
    "$RECKON" run -q small.cfg --only mix -o two --shard 2/2 >/dev/null || [ $? -eq 3 ]
    "$RECKON" merge -q merged one/small two/small >/dev/null
    same_tables merged whole/small
    "$RECKON" run -q whole/small/experiment.cfg -o again >/dev/null
    same_tables again/small whole/small
    "$RECKON" bundle -q --plugins whole/small -o small.tar.gz
    run -0 "$RECKON" rerun small.tar.gz
    said "The data and all results are equal."
}

@test "weights can be changed from the command line, and compared" {
    small_experiment small.cfg "$blends"
    "$RECKON" run -q small.cfg --only mix -o a >/dev/null
    "$RECKON" run -q small.cfg --only mix models.mix.weights=equal -o b >/dev/null
    run -0 "$RECKON" compare a/small b/small
    said "mean of" "item_mean × 0.25, bias × 0.75" "as given" "equal"
}

@test "what no file of a model can hold is not fitted" {
    small_experiment small.cfg "$blends"
    run -2 "$RECKON" fit small.cfg --only mix
    said "mix is a blend, and a file holds one model; fit its members one by one (item_mean × 0.25, bias × 0.75)"
    run -2 "$RECKON" fit small.cfg
    said 'choose one with --only: "item_mean", "bias"'
    [ ! -e blend.rkm ]
}

@test "a blend can be added from the command line" {
    small_experiment small.cfg
    run "$RECKON" run -q small.cfg --only bias --blend item_mean,bias 'models.blend.weights=[1, 3]'
    [ "$status" -eq 0 ]
    said "blend item_mean+bias is the mean of item_mean × 0.25 and bias × 0.75."
    [[ $output != *$'\nitem_mean '* ]]
    run -2 "$RECKON" run -n small.cfg --blend item_mean,bais
    said 'no model has the label or plugin "bais"; did you mean "bias"?'
}
