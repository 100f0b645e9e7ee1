#!/usr/bin/env bats
# Runs that are there already, opened again: by merge, and side by side by compare.

load common.bash

bats_require_minimum_version 1.5.0

@test "a run opens without its data, but not without its plugins, which are named" {
    mkdir mine; cp "$RECKON_BUILD/plugins/bias.so" mine/
    small_experiment small.cfg '{ plugin = "./mine/bias.so"; label = "b"; }'
    "$RECKON" run -q small.cfg --out here >/dev/null
    run -0 "$RECKON" merge merged here/small
    said "b "
    mv mine moved
    run -1 "$RECKON" merge merged here/small
    said "merged: its experiment can't be read with the plugins that are here" "it was run with bias " \
        "(bias.so)" "--plugin-path" "merged/experiment.cfg:"
}

# ---- compare ----------------------------------------------------------------------------------

three='"bias", { plugin = "item_mean"; }, { plugin = "als"; rank = 4; }'

make_run() { # folder, overrides
    [ -e cmp.cfg ] || cat >cmp.cfg <<CFG
name = "cmp";
seed = 7;
data = { synthetic = { users = 200; items = 100; ratings = 6000; rank = 2; }; };
split = { method = "kfold"; folds = 3; };
models = ( ${models-$three} );
CFG
    "$RECKON" run -q cmp.cfg --out "$@" >/dev/null
}

@test "a run compared to itself has no difference" {
    make_run old
    make_run new
    run -0 --separate-stderr "$RECKON" compare old/cmp new/cmp --fail-if 'rmse>+0%,mae>+0' --format md
    said "**No regression.** All scores of A and B are the same in all folds." "Nothing else differs"
    run -0 "$RECKON" compare old/cmp new/cmp --format csv
    [ "${#lines[@]}" -eq $((1 + 3 * 3)) ]
    [ "$(grep -c ',0,0,0,1,' <<<"$output")" -eq 9 ] # change, interval, p
    run -0 "$RECKON" compare old/cmp new/cmp
    said "the same" "fit, mean of trials"
    "$RECKON" compare old/cmp new/cmp --format json >one.json
    "$RECKON" compare old/cmp new/cmp --format json >two.json
    cmp one.json two.json
    [[ $(<one.json) != *seconds* ]]
}

@test "a model that became worse is a regression, named with its numbers" {
    make_run old
    make_run new models.item_mean.shrinkage=500 models.als.rank=5
    run -4 --separate-stderr "$RECKON" compare old/cmp new/cmp --fail-if 'rmse>+0.5%' --format json
    [[ $stderr == *"regression: item_mean: rmse is 1."*", was 0.9"*"beyond the noise; against rmse>+0.5%"* ]]
    [[ $stderr != *bias* ]]
    python3 - "$output" <<'PY'
import csv, json, sys
told = json.loads(sys.argv[1])
assert len(told["regressions"]) >= 1
rows = {r["a"]: r for r in told["data"][0]["rows"]}
assert [(c["what"], c["a"], c["b"]) for c in rows["item_mean"]["changes"]] == [("shrinkage", "5", "500")]
assert [(c["what"], c["a"], c["b"]) for c in rows["als"]["changes"]] == [("rank", "4", "5")]
value = {v["metric"]: v for v in rows["item_mean"]["values"]}["rmse"]
assert value["verdict"] == "worse" and value["folds"]["worse"] == 3
assert 0 < value["low"] < value["change"] < value["high"]
assert rows["item_mean"]["users"]["worse"] > .5
# The scores of all test rows together are near the means over folds.
def mean(folder):
    of = [float(r["value"]) for r in csv.DictReader(open(folder + "/cmp/scores.csv"))
          if (r["model"], r["slice"], r["metric"]) == ("item_mean", "all", "rmse")]
    return sum(of) / len(of)
assert abs(value["a"] - mean("old")) < 1e-3 and abs(value["b"] - mean("new")) < 1e-3
PY
    run -4 "$RECKON" compare old/cmp new/cmp --model item_mean --fail-if 'rmse>+0.5%' --only-real
    run -0 "$RECKON" compare old/cmp new/cmp --model bias --fail-if 'rmse>+0.5%'
    run -0 "$RECKON" compare new/cmp old/cmp --model item_mean --fail-if 'rmse>+0.5%' --format md
    said "B is better beyond the noise in item\\_mean (rmse, mae" "| item\\_mean | shrinkage | 500 | 5 |"
}

@test "a change within the noise breaks a limit, unless only real ones count" {
    make_run old
    make_run new models.als.lambda=0.0501 models.als.rank=4
    run -4 "$RECKON" compare old/cmp new/cmp --model als --fail-if 'rmse<+9,rmse>+9'
    said "against rmse<+9"
    run -0 "$RECKON" compare old/cmp new/cmp --model bias --fail-if 'rmse<+9' --only-real
}

@test "conditions that cannot be are mistakes in usage" {
    make_run old
    for wrong in 'rmse' 'rmse>=1' 'rmse>0.5%' '' 'rmse>+1%,' 'rmse>+1%x'; do
        run -2 "$RECKON" compare old/cmp old/cmp --fail-if "$wrong"
        said "--fail-if"
    done
    run -2 "$RECKON" compare old/cmp old/cmp --fail-if 'rmsee>+1%'
    said 'no metric "rmsee"' 'rmse, mae, top5' 'did you mean "rmse"'
    run -2 "$RECKON" compare old/cmp
    run -2 "$RECKON" compare old/cmp old/cmp --format tex
    run -1 "$RECKON" compare old/cmp nowhere
    said nowhere "no results"
    run -1 "$RECKON" compare old/cmp old/cmp --model alss
    said 'no row "alss"' "in A and B"
}

@test "runs that are not comparable are refused with the reason" {
    make_run old
    refused() { # words, then overrides
        local words=$1
        shift
        make_run new "$@"
        run -1 "$RECKON" compare old/cmp new/cmp
        said "not comparable: $words"
    }
    refused "data synthetic: its hash is" data.synthetic.seed=99
    refused "metric top5: its share is 0.05 in A and 0.1 in B" 'metrics=("rmse", {metric="top5"; share=0.1;})'
    refused "clip is true in A and false in B" clip=false
    refused "min_coverage is 0.5 in A and 0.25 in B" min_coverage=0.25
    refused "data synthetic: fold 1 tests other rows in A" seed=8
    refused "data synthetic: fold" split.folds=4
    make_run part --shard 1/2
    run -1 "$RECKON" compare old/cmp part/cmp
    said "not comparable: B is part 1 of 2 of a run; reckon merge puts the parts together"
    make_run new
    run -0 "$RECKON" compare old/cmp new/cmp
    sqlite3 new/cmp/reckon.db "UPDATE scores SET value = value * 1.001 WHERE metric = 'rmse' AND trial IN
        (SELECT trial FROM places WHERE label = '(fallback)')"
    run -1 "$RECKON" compare old/cmp new/cmp
    said "on fold 1 the fallback's rmse is" "its rule or its training rows are others"
}

@test "rows that only one run has are told; what failed in B is a regression" {
    local broken=$RECKON_BUILD/tests/broken/misbehaves.so
    [ -e "$broken" ] || skip "no misbehaves.so"
    models='"bias", "item_mean", { plugin = "als"; label = "odd"; }' make_run old
    make_run fewer --only bias --only odd
    rm cmp.cfg
    models="\"bias\", \"item_mean\", { plugin = \"$broken\"; how = \"fail\"; label = \"odd\"; }" \
        make_run new || [ $? -eq 3 ]
    run -4 "$RECKON" compare old/cmp new/cmp --fail-if 'rmse>+50%'
    said "regression: odd: 3 of 3 trials failed in B"
    run -0 "$RECKON" compare old/cmp new/cmp
    said "odd: 3 of 3 trials failed in B" "1 row is not compared"
    run -0 "$RECKON" compare new/cmp old/cmp --fail-if 'rmse>+50%'
    said "odd: 3 of 3 trials failed in A"
    run -0 "$RECKON" compare old/cmp fewer/cmp --fail-if 'rmse>+50%'
    said "item_mean: it is in A alone"
}

@test "rows of two labels are compared if named, or if they are the only ones" {
    make_run old
    make_run one --only als
    make_run two --only als 'models.als.label="new=als"'
    run -0 "$RECKON" compare one/cmp two/cmp --format csv
    [[ $output == *"synthetic,als,new=als,rmse,"* ]]
    run -0 "$RECKON" compare old/cmp two/cmp --model als=new=als --format csv
    [ "${#lines[@]}" -eq 4 ]
    run -1 "$RECKON" compare old/cmp two/cmp
    said "no row of A has the label of a row of B" "--model"
}

@test "labels that are markup, formulas or lines stay labels" {
    models='{ plugin = "bias"; label = "=1+1|<b>x</b>`*_ # y"; }, "item_mean"' make_run old
    make_run new
    run -0 "$RECKON" compare old/cmp new/cmp --format md
    said '\<b\>x\</b\>\`\*\_ \# y' '=1+1\|'
    [ "$(grep -c '^# ' <<<"$output")" -eq 0 ]
    run -0 "$RECKON" compare old/cmp new/cmp --format csv
    said "'=1+1|<b>"
    run -0 "$RECKON" compare old/cmp new/cmp
    [ "$(grep -c '^# ' <<<"$output")" -eq 0 ]
}

@test "long labels are cut where they are shown, and whole in data" {
    local long
    long=$(printf 'W%.0s' {1..9000})
    models="{ plugin = \"bias\"; label = \"$long\"; }" make_run old
    make_run new models.0.damping_user=50
    for format in table md; do
        run -4 "$RECKON" compare old/cmp new/cmp --format $format --fail-if 'rmse>0.001'
        said WWWW… "regression: WWWW"
        [ "${#output}" -lt 6000 ]
    done
    run -0 "$RECKON" compare old/cmp new/cmp --format csv
    said "$long"
}

@test "notes are wrapped on a terminal" {
    command -v script >/dev/null || skip "no script"
    make_run old
    run -0 script -qec "stty cols 60; '$RECKON' compare old/cmp old/cmp" /dev/null
    local line notes=
    for line in "${lines[@]}"; do
        [[ $line == "A and B are the scores"* ]] && notes=1
        [ -z "$notes" ] || [ "${#line}" -le 61 ] # and a carriage return
    done
    [ -n "$notes" ]
}

@test "a plugin that is another one is named" {
    mkdir mine
    cp "$RECKON_BUILD/plugins/bias.so" mine/
    models='{ plugin = "./mine/bias.so"; label = "b"; }, "item_mean"' make_run old
    printf x >>mine/bias.so
    make_run new
    run -0 "$RECKON" compare old/cmp new/cmp --format md
    said "| b | plugin hash |" "All scores of A and B are the same"
}

@test "data sets, repeats, searches and numbers of seeds are gone through; rounding is no change" {
    cat >cmp.cfg <<'CFG'
name = "cmp";
seed = 7;
data = ( { synthetic = { users = 200; items = 100; ratings = 6000; rank = 2; }; name = "one"; },
         { synthetic = { users = 100; items = 80; ratings = 3000; rank = 2; seed = 4; }; name = "two"; } );
split = { method = "kfold"; folds = 3; repeats = 2; };
models = ( "bias", { plugin = "als"; rank = [2, 4, 8]; search = { method = "random"; trials = 2; }; } );
CFG
    make_run old
    make_run new seeds=3 'models.als.rank="2..6"'
    run -0 "$RECKON" compare old/cmp new/cmp --format csv
    [ "${#lines[@]}" -eq $((1 + 2 * 2 * 3)) ]
    [ "$(grep -c ',bias,bias,.*,0,0,0,1,.*,the same$' <<<"$output")" -eq 6 ] # three times the same is the same
    run -0 "$RECKON" compare old/cmp new/cmp --format md
    said "12 000 test rows in 6 folds" "| als, two | rank | searched in 2, 4, 8 | searched in 2..6" "| the runs | seeds | 1 | 3 |"
    run -4 "$RECKON" compare old/cmp new/cmp --fail-if 'rmse>0.1' --model bias
    said "regression: one: bias: rmse is" "regression: two: bias: rmse is"
}

@test "a run finds its plugins again where its experiment found them" {
    mkdir -p sub/mine
    cp "$RECKON_BUILD/tests/broken/right.so" sub/mine/
    small_experiment sub/small.cfg '"right", "bias"'
    echo 'plugin_path = ["mine"];' >>sub/small.cfg
    "$RECKON" run -q sub/small.cfg >/dev/null
    run -0 "$RECKON" compare small small --format csv
    said "synthetic,right,right,rmse,"
}
