#!/usr/bin/env bats
# What the store tells: runs, trials, predictions, a run that goes on; and clearing it up.

load common.bash

bats_require_minimum_version 1.5.0

tuned='"bias", { plugin = "als"; rank = [2, 4]; search = { method = "random"; trials = 2; }; }'

@test "show lists runs, and finds none where there are none" {
    run -0 "$RECKON" show
    said "there are no runs in results"
    small_experiment small.cfg
    "$RECKON" run -q small.cfg >/dev/null
    sed 's/"small"/"other"/' small.cfg >other.cfg
    "$RECKON" run -q other.cfg >/dev/null
    run -0 "$RECKON" show
    said name state trials failed "small " "other " "6/6" done
    run -0 "$RECKON" show --format json
    python3 -c 'import json, sys
runs = json.load(sys.stdin)
assert [(r["name"], r["run"], r["state"], r["trials"], r["foreseen"]) for r in runs] == [
    ("other", 1, "done", 6, 6), ("small", 1, "done", 6, 6)], runs' <<<"$output"
    run -1 "$RECKON" show nowhere
    said nowhere "reckon show lists"
}

@test "show lists the trials of a run, by filters" {
    small_experiment small.cfg "$tuned"
    "$RECKON" run -q small.cfg >/dev/null
    run -0 "$RECKON" show small --format csv
    [[ ${lines[0]} == trial,key,data,model,seed,repeat,fold,inner,* ]]
    [ "${#lines[@]}" -eq $((1 + 3 * 4)) ] # bias, als, and the harness's own two
    run -0 "$RECKON" show small --model bias --format csv
    [ "${#lines[@]}" -eq 4 ]
    run -0 "$RECKON" show small --model bias --fold 2 --format json
    python3 -c 'import csv, json, sys
(trial,) = json.load(sys.stdin)
(score,) = [float(r["value"]) for r in csv.DictReader(open("results/small/scores.csv"))
    if (r["model"], r["fold"], r["slice"], r["metric"]) == ("bias", "2", "all", "rmse")]
assert trial["rmse"] == score, (trial, score)' <<<"$output"
    run -0 "$RECKON" show results/small --inner --model als --format csv
    [ "${#lines[@]}" -eq $((1 + 3 * 2 * 3)) ] # folds x candidates x inner folds
    run -0 "$RECKON" show small --failed
    said "there are no such trials"
}

@test "show tells all about one trial" {
    local broken=$RECKON_BUILD/tests/broken/misbehaves.so
    [ -e "$broken" ] || skip "no misbehaves.so"
    small_experiment small.cfg "{ plugin = \"$broken\"; how = \"fail\"; }, { plugin = \"als\"; rank = 3; }"
    "$RECKON" run -q small.cfg >/dev/null || [ $? -eq 3 ]
    run -0 "$RECKON" show small --failed --format json
    local key cause
    cause=$(python3 -c 'import json, sys; print(json.load(sys.stdin)[0]["cause"])' <<<"$output")
    key=$(sqlite3 results/small/reckon.db 'SELECT key FROM trials WHERE failed LIMIT 1')
    run -0 "$RECKON" show small --key "${key:0:12}"
    said "$key" "$cause" refused misbehaves '"how":"fail"'
    run -0 "$RECKON" show small --trial 4
    said "als" '"rank":3' "fold 1" rmse "fit "
    run -0 "$RECKON" show small --trial 4 --format json
    python3 -c 'import json, sys
trial = json.load(sys.stdin)
assert trial["parameters"]["rank"] == 3 and trial["scores"]["all"]["rmse"] > 0' <<<"$output"
    run -1 "$RECKON" show small --trial 99
    said 99
}

@test "show prints predictions" {
    small_experiment small.cfg
    "$RECKON" run -q small.cfg predictions=true >/dev/null
    run -0 "$RECKON" show small --predictions bias --fold 2
    [ "${lines[0]}" = user,item,rating,answer,filled ]
    [ "${#lines[@]}" -eq 301 ]
    run -1 "$RECKON" show small --predictions baas
    said baas
}

@test "show --live watches a run of another process until it ends" {
    small_experiment small.cfg '{ plugin = "svd"; rank = [32, 48]; epochs = 60; }'
    "$RECKON" run -q small.cfg data.synthetic.ratings=30000 data.synthetic.users=600 \
        data.synthetic.items=300 >/dev/null 3>&- &
    local run=$!
    until "$RECKON" show 2>/dev/null | grep -q running; do kill -0 $run || break; sleep 0.05; done
    run -0 "$RECKON" show small --live
    wait $run
    said "small run 1: " "/6 trials" "; best svd rank=" "run 1 is done: 6 trials, 0 failed"
    run -0 "$RECKON" show small --live # over already
    said "run 1 is done"
}

@test "show --live ends on request, and the run goes on" {
    small_experiment small.cfg "{ plugin = \"$RECKON_BUILD/tests/broken/misbehaves.so\"; how = \"patient\"; }"
    "$RECKON" run -q small.cfg >/dev/null 2>&1 3>&- &
    local run=$! watcher
    until "$RECKON" show 2>/dev/null | grep -q running; do kill -0 $run || break; sleep 0.05; done
    "$RECKON" show small --live >live 2>&1 3>&- &
    watcher=$!
    until grep -q "small run 1" live; do kill -0 $watcher || break; sleep 0.05; done
    kill -TERM $watcher
    for _ in {1..100}; do kill -0 $watcher 2>/dev/null || break; sleep 0.1; done
    run kill -KILL $watcher
    [ "$status" -ne 0 ] # it had ended
    wait $watcher && status=0 || status=$?
    [ "$status" -eq 143 ]
    kill -0 $run
    kill -TERM $run
    wait $run || true
}

@test "gc keeps what the latest run needs" {
    small_experiment small.cfg
    "$RECKON" run -q small.cfg predictions=true >/dev/null
    "$RECKON" run -q small.cfg predictions=true models.bias.damping_user=3 >/dev/null
    run -0 "$RECKON" gc small
    said "1 runs, 3 trials and 3 files removed"
    run -0 "$RECKON" run small.cfg predictions=true models.bias.damping_user=3
    said "6 of 6 trials were in the store already"
    run -0 "$RECKON" run small.cfg predictions=true
    said "3 of 6 trials were in the store already"
}
