#!/usr/bin/env bats
# What is lost when something goes wrong: nothing that had ended, and nothing from before.

load common.bash

bats_require_minimum_version 1.5.0

@test "a data set that cannot be read takes nothing from those before it" {
    printf 'a,x,1\nb,x,7\n' >off.csv
    small_experiment small.cfg
    sed -i 's|^data = \(.*\);$|data = ( \1, { delimited = "off.csv"; user = 1; item = 2; rating = 3; header = false; scale = [1, 5]; } );|' small.cfg
    run -1 --separate-stderr "$RECKON" run -q small.cfg
    said "small · synthetic"
    [[ $stderr == *"off.csv:2: "* ]]
    grep -q '^synthetic,bias,.*,3,all,rmse' results/small/scores.csv
    grep -q "interrupted" results/small/table.md
}

@test "rows of a split that the data has set aside are counted" {
    printf '1,a,1\n1,b,9\n2,a,3\n2,b,4\n' >data.csv
    printf '1,b,9\n1,c,3\n2,a,3\n' >test.csv
    printf '1,a,1\n2,b,4\n' >train.csv
    cat >split.cfg <<'CFG'
name = "split";
data = { delimited = "data.csv"; user = 1; item = 2; rating = 3; header = false; scale = [1, 5]; flaws = "skip"; };
split = { method = "predefined"; train = ["train.csv"]; test = ["test.csv"]; };
models = ( "item_mean" );
CFG
    run -0 --separate-stderr "$RECKON" run split.cfg
    [[ $stderr == *"test.csv: 2 rows are not in the data, which was thinned or had rows set aside"* ]]
    run -0 "$RECKON" show split # kept with the run, though another process read the data
    said "warning: data.csv:2: the rating is off the scale" "warning: test.csv: 2 rows are not in"
    printf '2\n9\n' >users.txt
    run -0 --separate-stderr "$RECKON" run split.cfg 'split={method="predefined"; users="users.txt";}'
    [[ $stderr == *"users.txt: 1 user is not in the data"* ]]
}

@test "two data sets of one name are told apart" {
    small_experiment small.cfg
    sed -i 's|^data = \(.*\);$|data = ( \1, \1 );|' small.cfg
    run -0 "$RECKON" run -q small.cfg
    said "small · synthetic ·" "small · synthetic (2) ·"
    [ "$(grep -c '^synthetic,' results/small/scores.csv)" -eq "$(grep -c '^synthetic (2),' results/small/scores.csv)" ]
}

@test "where the results cannot be written, the table is printed still" {
    small_experiment small.cfg
    "$RECKON" run -q small.cfg >/dev/null
    rm results/small/table.md
    mkdir results/small/table.md
    run -1 --separate-stderr "$RECKON" run -q small.cfg
    said "bias "
    [[ $stderr == *"results/small/table.md: cannot be replaced"* ]]
    [ ! -e results/small/provenance.json ] # what is there does not belong together
}

@test "where predictions cannot be written, they alone are missing" {
    small_experiment small.cfg
    mkdir -p results/small
    touch results/small/reckon.db results/small/predictions
    run -1 --separate-stderr "$RECKON" run -q small.cfg predictions=true
    said "bias "
    [[ $stderr == *"without predictions"* ]]
    [ -s results/small/provenance.json ]
    rm results/small/predictions
    run -0 "$RECKON" run -q small.cfg predictions=true # the trials without them are run again
    [ "$(ls results/small/predictions | wc -l)" -ge 6 ]
}

@test "on a full disk nothing is run" {
    unshare --user --map-root-user --mount true 2>/dev/null || skip "no mounts without root"
    small_experiment small.cfg
    mkdir full
    cat >fill <<'SH'
mount -t tmpfs -o size=64k none full || exit 99
head -c 60k /dev/zero >full/filler
"$RECKON" run -q small.cfg --out full
SH
    export RECKON
    run unshare --user --map-root-user --mount sh fill
    [ "$status" -ne 99 ] || skip "no tmpfs"
    [ "$status" -eq 1 ]
    said full/small
    [ "${#lines[@]}" -eq 1 ]
}

@test "closed streams are no files of ours" {
    small_experiment small.cfg
    "$RECKON" run -q small.cfg <&- 2>&- >out
    grep -q '^bias ' out
    ! "$RECKON" run -q small.cfg >&- 2>err
    grep -q "stdout cannot be written" err
    [ -s results/small/scores.csv ]
}

@test "what is in the way of results is named" {
    small_experiment small.cfg
    echo mine >results
    run -1 "$RECKON" run -q small.cfg
    said "results: is no folder" "--out"
    [ "$(cat results)" = mine ]
    mkdir -p there/small
    echo mine >there/small/thesis.txt
    run -1 "$RECKON" run -q small.cfg --out there
    said "there/small: holds something else"
    [ "$(cat there/small/thesis.txt)" = mine ]
}

@test "an experiment without a name is called as its file is" {
    small_experiment small.cfg
    sed '/^name/d' small.cfg >'my own.cfg'
    run -0 "$RECKON" run -q 'my own.cfg' --out 'some where//'
    [ -s 'some where/my-own/scores.csv' ]
}

@test "a message is one line, whatever it quotes" {
    small_experiment small.cfg
    run -2 "$RECKON" run -q small.cfg 'name="a\nb"'
    [ "${#lines[@]}" -eq 1 ]
}

@test "one fold of several is named, and so is a run that ended early" {
    printf 'user,item,stars,fold\na,x,1,1\nb,x,2,1\nb,y,3,2\na,y,4,2\n' >votes.csv
    small_experiment small.cfg
    sed -i -e 's|^data = .*|data = { delimited = "votes.csv"; user = "user"; item = "item"; rating = "stars"; scale = [1, 5]; };|' \
        -e 's|^split = .*|split = { method = "predefined"; column = "fold"; };|' small.cfg
    run -0 "$RECKON" run -q small.cfg
    said "4 ratings · predefined, 2 folds · seed"
    run -0 "$RECKON" run -q small.cfg split.only=2
    said "4 ratings · predefined, fold 2 · seed"
}

@test "a data set has a name" {
    small_experiment small.cfg
    run -2 "$RECKON" run -q small.cfg data.name=
    said "data.name: is empty"
}

@test "a limit on the size of files is an error of writing" {
    small_experiment small.cfg
    run -1 bash -c 'ulimit -f 20 && "$1" run -q small.cfg' _ "$RECKON"
    said "File too large"
    [ "${#lines[@]}" -eq 1 ]
    [ ! -e results/small/table.md ]
}
