#!/usr/bin/env bats
# What another tool predicted, scored: the same numbers as of a run, what is missing, what is wrong.

load common.bash

# Predictions of bias and item_mean, by fold: bias-1.csv, ...
predicted() {
    small_experiment small.cfg
    "$RECKON" run -q small.cfg predictions=true >/dev/null
    local model fold
    for model in bias item_mean; do
        for fold in 1 2 3; do
            "$RECKON" show small --predictions $model --fold $fold >$model-$fold.csv
        done
    done
}

# scores.csv of two runs: rows of the second have the same numbers, to the last digit.
same_scores() { # run, model there, run, model there
    python3 - "$@" <<'PY'
import csv, sys
def read(run, model):
    with open("results/%s/scores.csv" % run, newline="") as file:
        return {(r["fold"], r["slice"], r["metric"]): r["value"] for r in csv.DictReader(file)
            if r["model"] == model}
there, here = read(*sys.argv[1:3]), read(*sys.argv[3:5]) # no file has predictions of training rows
there = {k: v for k, v in there.items() if k[1] != "train"}
own = {k: v for k, v in here.items() if not k[2].startswith(("surprise.", "cornac.", "lenskit.", "recbole."))}
assert there and there == own, (sorted(there.items() - own.items()), sorted(own.items() - there.items()))
assert len(here) > len(own)
PY
}

# One file of all folds, its rows after the header in another order.
shuffled() { # files
    head -n 1 "$1"
    tail -q -n +2 "$@" | python3 -c 'import random, sys
rows = sys.stdin.readlines()
random.Random(3).shuffle(rows)
sys.stdout.writelines(rows)'
}

@test "kept predictions score to the last digit what their run says, in any order of rows" {
    predicted
    run -0 "$RECKON" score bias=bias-1.csv,bias-2.csv,bias-3.csv item_mean-1.csv,item_mean-2.csv,item_mean-3.csv --like small
    said "bias  " "item_mean-1  " "(fallback)" "as others define it" "as Surprise 1.1.5"
    same_scores small bias score bias
    same_scores small item_mean score item_mean-1
    shuffled bias-?.csv >all.csv
    run -0 "$RECKON" score all.csv --like small.cfg -q
    same_scores small bias score all
    gzip -k all.csv
    zstd -q all.csv || skip "no zstd"
    run -0 "$RECKON" score gz=all.csv.gz zst=all.csv.zst --like small.cfg -q
    same_scores small bias score gz
    same_scores small bias score zst
}

@test "the files that a run keeps under predictions/ can be scored as they are" {
    predicted
    local keys
    keys=$(sqlite3 results/small/reckon.db "SELECT group_concat('results/small/predictions/' || key || '.csv.gz', ',') FROM (SELECT key FROM places JOIN trials USING (trial) WHERE label = 'bias' ORDER BY fold)")
    run -0 "$RECKON" score "kept=$keys" --like small
    same_scores small bias score kept
    run -3 "$RECKON" score bias-2.csv,bias-1.csv,bias-3.csv --like small
    said "none of the 300 test rows of fold 1 has a prediction in" bias-2.csv "order of the folds"
}

@test "data and split in words are those of an experiment" {
    predicted
    shuffled bias-?.csv >all.csv
    run -0 "$RECKON" score bias=all.csv --data "synthetic users=60 items=50 ratings=900 rank=2" --split "kfold folds=3 seed=7"
    same_scores small bias score bias
    run -0 "$RECKON" score bias=all.csv --like small --set 'metrics=["mae"]' --set name=other --format csv
    said "model," "bias,"
    [[ $output != *rmse* && $output != *others* ]]
    [ -e results/other/scores.csv ]
    run -2 "$RECKON" score all.csv
    said "--data and --split, --like with"
    run -2 "$RECKON" score all.csv --data "synthetic users=60 items=50 ratings=900 rnk=2" --split kfold
    said rnk rank
    run -2 "$RECKON" score nowhere.csv --like small
    said nowhere.csv
    run -1 "$RECKON" score bias-1.csv,bias-2.csv --like small
    said "2 files of predictions for 3 folds"
    run -2 "$RECKON" score a=all.csv a=all.csv --like small
    said "is there already"
    run -2 "$RECKON" score all.csv --like small --columns usr=u
    said --columns usr
    run -2 "$RECKON" score all.csv --like small --set 'metrics=({metric="rmse"; training=true;})'
    said "counts rows trained on"
}

@test "rows without a prediction and predictions without a row are counted" {
    predicted
    shuffled bias-?.csv >all.csv
    local unrated # by user 1
    unrated=$(comm -23 <(seq 1 50 | sort) <(sed -n 's/^1,\([0-9]*\),.*/\1/p' all.csv | sort) | head -n 1)
    { head -n 801 all.csv; echo "1,$unrated,,5,"; echo "stranger,1,,3,"; } | cut -d, -f1,2,4 >some.csv
    run -0 "$RECKON" score some.csv --like small --format csv
    said "some: 100 of 900 test rows have no prediction; the fallback answers them"
    said "some: 2 of 802 predictions are for pairs that no fold tests, the first at some.csv:802;"
    python3 - <<'PY'
import csv
answered = [float(r["value"]) for r in csv.DictReader(open("results/score/scores.csv"))
    if (r["model"], r["slice"], r["metric"]) == ("some", "all", "answered")]
assert len(answered) == 3 and abs(sum(answered) / 3 - 800 / 900) < 1e-12, answered
none = [r["value"] for r in csv.DictReader(open("results/score/scores.csv"))
    if (r["model"], r["metric"]) == ("some", "recbole.rmse")]
assert none == ["", "", ""], none
PY
    sed '3s/[^,]*$/NaN/; 4s/[^,]*$//' some.csv >open.csv
    run -0 "$RECKON" score open.csv --like small
    said "open: 2 of 802 predictions are empty or no number (NaN), the first at open.csv:3;"
    said "102 of 900"
}

@test "what cannot be a prediction is told with file and line, once" {
    predicted
    shuffled bias-?.csv | cut -d, -f1,2,4 >all.csv
    refused() { # change, what is said
        sed "$1" all.csv >bad.csv
        run -1 "$RECKON" score bad.csv --like small
        said "bad.csv:$2"
        [ "$(grep -c bad.csv <<<"$output")" -eq 1 ]
    }
    refused '5s/[^,]*$/inf/' "5: a finite prediction is expected"
    refused '5s/[^,]*$/1e999/' "5: a finite prediction is expected"
    refused '5s/[^,]*$/1e39/' "5: a finite prediction is expected"
    refused '5s/[^,]*$/three/' "5: a number as prediction"
    refused '5s/^.*$/3,4/' "5: a row with a prediction"
    refused '5s/^.*$/,4,3/' "5: a row with a user and an item"
    refused '5s/^/"/' "5: "
    refused '7{p}' "8: a second prediction for user"
    refused '1s/.*/user,item,guess/' '1: a header with a column of predictions is expected'
    refused '1s/.*/user,item,est,est/' '1: there are two columns "est"'
    sed '1s/$/,fold/; 2,$s/$/,1/; 9s/1$/0/' all.csv >bad.csv
    run -1 "$RECKON" score bad.csv --like small
    said "bad.csv:9: the number of a fold" "from 1 to 3"
    shuffled bias-?.csv | sed '6s/^\([^,]*,[^,]*\),[^,]*/\1,2.25/' >bad.csv
    run -1 "$RECKON" score bad.csv --like small
    said "bad.csv:6: the rating" "which the data has for the pair"
    : >bad.csv
    run -1 "$RECKON" score bad.csv --like small
    said "cannot read bad.csv: it is empty"
}

@test "columns are found by the names that tools give them, or told" {
    predicted
    shuffled bias-?.csv | cut -d, -f1,2,3,4 >all.csv
    { echo 'uid,iid,r_ui,est,details'; tail -n +2 all.csv | sed "s/\$/,\"{'was_impossible': False, 'k': 1}\"/"; } >surprise.csv
    { printf 'userId\tmovieId\trating\tprediction\n'; tail -n +2 all.csv | tr , '\t'; } >spark.tsv
    tail -n +2 all.csv | tr , '|' >bare.txt
    { echo "who,what,stars,guess"; tail -n +2 all.csv; } >own.csv
    run -0 "$RECKON" score surprise.csv spark.tsv --like small
    same_scores small bias score surprise
    same_scores small bias score spark
    run -0 "$RECKON" score bare.txt --like small --columns 'user=1,item=2,prediction=4,delimiter=|'
    same_scores small bias score bare
    run -0 "$RECKON" score own.csv --like small --columns user=who,item=what,prediction=guess,rating=stars
    same_scores small bias score own
    run -1 "$RECKON" score own.csv --like small --columns user=who,item=waht,prediction=guess
    said own.csv waht 'did you mean "what"'
}

@test "ids are never anything but ids" {
    python3 - <<'PY'
import csv, random
rng = random.Random(5)
users = ["=1+1", "'=1+1", "-2", "+a", "@x", "a,b", 'say "hi"', "'quoted'", "caf\u00e9 \u202eabc", "007", "7", "<script>", "|pipe|", "x;y", "%s%n", "nan"]
items = ["=cmd()", "'", "''", "i 1", "\U0001f600", "null", "0", "00", "-1e5", "it,em", '"', "\\", "..", "$(id)", "i" * 200]
with open("ratings.csv", "w", newline="") as out:
    w = csv.writer(out)
    w.writerow(["user", "item", "rating"])
    for u in users:
        for i in items:
            if rng.random() < 0.8:
                w.writerow([u, i, rng.randint(1, 5)])
PY
    cat >ids.cfg <<'CFG'
data = { delimited = "ratings.csv"; user = "user"; item = "item"; rating = "rating"; scale = [1, 5]; };
split = { method = "kfold"; folds = 2; };
models = ( "bias" );
predictions = true;
CFG
    "$RECKON" run -q ids.cfg >/dev/null
    "$RECKON" show ids --predictions bias --fold 1 >1.csv
    "$RECKON" show ids --predictions bias --fold 2 >2.csv
    run -0 "$RECKON" score "@SUM|<b>=1.csv,2.csv" --like ids
    [[ $output != *warning* ]]
    run -0 "$RECKON" score bias=1.csv,2.csv "<b>|x=1.csv,2.csv" --like ids --format md
    said '| as Surprise 1.1.5 |' '\<b\>\|x'
    same_scores ids bias score bias
}

@test "an entry of an experiment stands beside models, and in its store" {
    predicted
    shuffled bias-?.csv >peer.csv
    small_experiment both.cfg '{ plugin = "bias"; }, { predictions = "peer.csv"; label = "a peer"; }'
    run -0 "$RECKON" run both.cfg name=both
    said "a peer  "
    same_scores both bias both "a peer"
    run -0 "$RECKON" run both.cfg name=both
    said "6 of 6 trials were in the store already"
    run -0 "$RECKON" run both.cfg name=both --dry-run
    said "a peer  (predictions)" "6 of 6 trials"
    sed -i '2s/[^,]*,[^,]*$/3,3/' peer.csv
    run -0 "$RECKON" run both.cfg name=both
    said "3 of 6 trials were in the store already"
    run -1 "$RECKON" fit both.cfg --only "a peer"
    said "cannot save its models"
    run -2 "$RECKON" run both.cfg models.1.rank=3
    said rank
    "$RECKON" run -q both.cfg name=both --shard 1/2 --out a >/dev/null
    "$RECKON" run -q both.cfg name=both --shard 2/2 --out b >/dev/null
    "$RECKON" run -q both.cfg name=both >/dev/null
    rm peer.csv
    run -0 "$RECKON" merge merged/both a/both b/both
    cmp merged/both/scores.csv results/both/scores.csv
}

@test "rows go into a run's own tables, and take the place of those before" {
    predicted
    shuffled bias-?.csv >peer.csv
    shuffled item_mean-?.csv >other.csv
    cp -r results/small before
    run -0 "$RECKON" score peer.csv "x y=other.csv" --into small
    said "bias  " "item_mean  " "peer  " "x y  " "as others define it"
    said "6 of 12 trials were in the store already"
    same_scores small bias small peer
    same_scores small item_mean small "x y"
    grep -v -e ',peer,' -e ',x y,' results/small/scores.csv | cut -d, -f1,2,4- | cmp - <(cut -d, -f1,2,4- before/scores.csv)
    mv results/small elsewhere
    run -0 "$RECKON" score peer=other.csv --into ./elsewhere/
    same_scores ../elsewhere item_mean ../elsewhere peer
    [ "$(grep -c 'label = "peer"' elsewhere/experiment.cfg)" -eq 1 ]
    run -2 "$RECKON" score peer.csv --into elsewhere --set clip=false
    said "--into takes all from the run"
    run -2 "$RECKON" score peer.csv --into nowhere
    said nowhere
}

@test "what is like a run under results can go elsewhere" {
    predicted
    run -0 "$RECKON" score a=bias-1.csv,bias-2.csv,bias-3.csv --like small --out there
    [ -s there/score/table.md ]
    run -0 "$RECKON" score b=bias-1.csv,bias-2.csv,bias-3.csv --like score --out there
}

@test "a run of some models alone takes rows beside them, as often as they come" {
    predicted
    "$RECKON" run -q small.cfg --only bias name=one >/dev/null
    for _ in 1 2; do
        run -0 "$RECKON" score item_mean-1.csv,item_mean-2.csv,item_mean-3.csv peer=bias-1.csv,bias-2.csv,bias-3.csv --into one
        said $'\nbias  ' $'\nitem_mean-1  ' $'\npeer  '
        [[ $output != *$'\nitem_mean  '* ]]
    done
    [ "$(grep -c 'only = ("bias", "item_mean-1", "peer")' results/one/experiment.cfg)" -eq 1 ]
}
