#!/usr/bin/env bats
# reckon run, from outside: streams, exit codes, files, and the same bytes however it is run.

load common.bash

@test "results go to stdout, all else to stderr" {
    small_experiment small.cfg
    "$RECKON" run small.cfg >out 2>err
    grep -q '^item_mean ' out
    grep -q '^bias ' out
    ! grep -q '^reckon:' out
    grep -q 'results are in' err
    ! grep -q '^bias ' err
}

@test "the results folder is complete" {
    small_experiment small.cfg
    "$RECKON" run -q small.cfg >out 2>err
    [ ! -s err ]
    for file in scores.csv costs.csv table.csv table.md table.json experiment.cfg provenance.json; do
        [ -s "results/small/$file" ] || { echo "no $file"; return 1; }
    done
    head -n 1 results/small/scores.csv |
        grep -qx 'data,model,trial,seed,repeat,fold,slice,metric,value'
    python3 -c 'import json, sys; [json.load(open(f)) for f in sys.argv[1:]]' \
        results/small/table.json results/small/provenance.json
    [ "$(ls results)" = small ] # nothing half-written beside it
}

@test "no rating, no terminal: no colour and no bar" {
    small_experiment small.cfg
    "$RECKON" run small.cfg >out 2>err
    ! grep -q "$(printf '\033')" out err
    ! grep -q "$(printf '\r')" out err
}

@test "the same bytes from any number of jobs and threads, and from its own experiment.cfg" {
    small_experiment small.cfg '{ plugin = "item_mean"; }, { plugin = "bias"; }, { plugin = "als"; rank = [2, 4]; }, { plugin = "svd"; rank = 2; }'
    "$RECKON" run -q small.cfg --out a -j 1 --threads 1 >table.a
    "$RECKON" run -q small.cfg --out b -j 3 --threads 3 >table.b
    "$RECKON" run -q a/small/experiment.cfg --out c --threads 8 >table.c
    for file in scores.csv table.csv table.md table.json; do
        cmp "a/small/$file" "b/small/$file"
        cmp "a/small/$file" "c/small/$file"
    done
}

@test "a second run replaces the tables of the first" {
    small_experiment small.cfg
    "$RECKON" run -q small.cfg >/dev/null
    touch results/small/curves.csv results/small/mine.txt
    "$RECKON" run -q small.cfg split.folds=2 >/dev/null
    [ ! -e results/small/curves.csv ] # of the first
    [ -e results/small/mine.txt ]
    ! grep -q ',3,all,rmse,' results/small/scores.csv
    [ "$(ls results)" = small ]
}

@test "values on the command line override the file's" {
    small_experiment small.cfg
    run -0 "$RECKON" run -q small.cfg split.folds=2 seed=11 models.0.shrinkage=3
    said "2-fold" "seed 11"
    grep -q 'shrinkage' results/small/experiment.cfg
    run -0 "$RECKON" run -q small.cfg --only bias
    [[ $output != *"item_mean  "* ]]
}

@test "every mistake is told at once, with its line, and nothing is run" {
    cat >wrong.cfg <<'CFG'
name = "wrong";
data = { synthetic = { users = 60; itmes = 50; }; };
split = { method = "kfold"; folds = 1; };
models = ( { plugin = "bias"; lamda = 1; }, { plugin = "bais"; } );
CFG
    run -2 "$RECKON" run wrong.cfg
    said wrong.cfg:2 itmes wrong.cfg:3 folds wrong.cfg:4 lamda bais "did you mean"
    [ ! -e results ]
    run -2 "$RECKON" check wrong.cfg
    said wrong.cfg:2 wrong.cfg:3 wrong.cfg:4
}

@test "settings that do not fit together are told before any data is made" {
    small_experiment small.cfg
    run -2 "$RECKON" run small.cfg data.synthetic.ratings=1501
    said "1500" "too many"
    [ ! -e results ]
}

@test "a dry run shows the plan, and leaves nothing" {
    small_experiment small.cfg
    run -0 "$RECKON" run --dry-run small.cfg
    said bias item_mean
    [ ! -e results ]
}

@test "memory is foreseen, and a row that takes more than it may is warned of" {
    small_experiment small.cfg '{ plugin = "als"; rank = 200; }, { plugin = "bias"; }'
    run -0 "$RECKON" run --dry-run small.cfg jobs=1
    said "foreseen  by the plugins of 2 models"
    [[ $output != *"likely to fail"* ]]
    run -0 "$RECKON" run --dry-run small.cfg limits.mib=1
    said "als is foreseen to take" "(by its plugin), more than the 1.0 MiB that limits.mib = 1 allows"
    said "raise limits.mib"
    [[ $output != *"bias is foreseen"* ]]
    run -0 "$RECKON" run -q small.cfg limits.mib=1000
    run -0 "$RECKON" run --dry-run small.cfg limits.mib=1000 models.bias.damping_item=7
    said "foreseen  by earlier trials of 1 model"
}

@test "a failed model is a row, and exit code 3" {
    local broken=$RECKON_BUILD/tests/broken
    small_experiment small.cfg "{ plugin = \"bias\"; }, { plugin = \"$broken/misbehaves.so\"; how = \"segfault\"; }"
    [ -e "$broken/misbehaves.so" ] || skip "no misbehaves.so"
    run -3 "$RECKON" run -q small.cfg
    said bias
    grep -q '^synthetic,bias,' results/small/scores.csv
}

@test "usage mistakes are exit code 2, with help" {
    run -2 "$RECKON"
    said usage
    run -2 "$RECKON" rnu
    said '"run"'
    run -2 "$RECKON" run
    run -2 "$RECKON" run nowhere.cfg
    said nowhere.cfg
    run -2 "$RECKON" run --dry-rnu x.cfg
    said dry-run
    run -0 "$RECKON" --version
    said reckon
    run -0 "$RECKON" --help
    said run show gc merge plugins check synth doctor
    for command in run plugins check synth doctor; do
        run -0 "$RECKON" "$command" --help
        said usage
    done
}

@test "a full disk is a failure that is told" {
    [ -w /dev/full ] || skip "no /dev/full"
    run bash -c '"$1" plugins >/dev/full' _ "$RECKON"
    [ "$status" -eq 1 ]
    said stdout
}

@test "interrupted, it finishes what runs, and says so by its exit code" {
    small_experiment small.cfg '{ plugin = "svd"; rank = 64; }, { plugin = "als"; rank = 64; }'
    timeout --preserve-status -s INT 1 "$RECKON" run -q small.cfg data.synthetic.ratings=200000 \
        data.synthetic.users=2000 data.synthetic.items=1000 split.folds=20 >out 2>err && status=0 || status=$?
    [ "$status" -eq 130 ]
    [ "$(ls -A results 2>/dev/null | grep -c '^\.\|~\|aside')" -eq 0 ]
}

@test "plugins lists the models, and one with its parameters" {
    run -0 "$RECKON" plugins
    said item_mean bias als svd
    run -0 "$RECKON" plugins als
    said rank lambda
    run "$RECKON" plugins asl
    [ "$status" -ne 0 ]
    said als
}

@test "doctor knows the machine" {
    run -0 "$RECKON" doctor
    said cpu threads memory plugins BLAS "SQLite 3." "GSL " "libconfig " "libdw "
    # The core is OpenBLAS's own word for what it was told.
    OPENBLAS_CORETYPE=Nehalem run -0 "$RECKON" doctor
    said "BLAS core  Nehalem, as OPENBLAS_CORETYPE=Nehalem asks for"
}
