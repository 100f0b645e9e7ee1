#!/usr/bin/env bats
# reckon fit and reckon predict: a model on disk answers as it did in memory.

load common.bash

# Ratings and further pairs of the same users and items, so that a run can test these.
write_ratings() {
    "$RECKON" synth -q ml users=40 items=30 ratings=500 rank=2
    sed 1d ml/ratings.csv | awk -F, 'NR % 5 == 0' >test.rows
    sed 1d ml/ratings.csv | awk -F, 'NR % 5' >train.rows
    head -1 ml/ratings.csv | tee all.csv >train.csv
    cat train.rows >>train.csv
    cat train.rows test.rows >>all.csv
    { echo user,item,time; cut -d , -f 1,2,4 test.rows; } >pairs.csv
    # The catalogue of both is that of all ratings.
    { echo userId; cut -d , -f 1 all.csv | sed 1d | sort -nu; } >users.csv
    { echo movieId; cut -d , -f 2 all.csv | sed 1d | sort -nu; } >items.csv
}

columns='user = "userId"; item = "movieId"; rating = "rating"; time = "timestamp"; scale = [0.5, 5.0];
    users = "users.csv"; items = "items.csv";'

# The answers of a run that trains on the very rows that `fit` is given.
@test "predictions are those of a run on the same ratings, at any number of threads" {
    write_ratings
    sed 1d train.csv | sed 's/.*/0/' >folds
    sed 's/.*/1/' test.rows >>folds
    cat >run.cfg <<CFG
name = "run"; seed = 5; predictions = true;
data = { delimited = "all.csv"; $columns };
split = { method = "predefined"; lines = "folds"; };
models = ( { plugin = "item_mean"; }, { plugin = "bias"; } );
CFG
    sed 's/all.csv/train.csv/; s/^split.*//; s/predictions = true;//' run.cfg >fit.cfg
    "$RECKON" run -q run.cfg >/dev/null
    for model in item_mean bias; do
        "$RECKON" fit -q fit.cfg --only $model --threads 1 -o one.rkm
        "$RECKON" fit -q fit.cfg --only $model --threads 8
        cmp one.rkm $model.rkm
        "$RECKON" predict -q $model.rkm pairs.csv --threads 1 >one.csv
        "$RECKON" predict -q $model.rkm pairs.csv --threads 8 -o eight.csv
        cmp one.csv eight.csv
        diff <(sed 1d one.csv | sort) \
            <("$RECKON" show run --predictions $model | sed 1d | cut -d , -f 1,2,5 | sort)
    done
    [ "$(sed 1d one.csv | cut -d , -f 1,2)" = "$(sed 1d pairs.csv | cut -d , -f 1,2)" ]
}

@test "strangers are answered by what is known of the other side, and counted" {
    small_experiment small.cfg '{ plugin = "bias"; }'
    "$RECKON" fit -q small.cfg
    printf 'item,note,user\n7,a,3\n7,b,nobody\nnothing,c,3\n"no ""thing""",d,"no, body"\n' >pairs.csv
    run --separate-stderr -0 "$RECKON" predict bias.rkm pairs.csv
    [ "${#lines[@]}" -eq 5 ]
    [[ ${lines[2]} == nobody,7,* && ${lines[3]} == 3,nothing,* ]]
    [[ ${lines[4]} == '"no, body","no ""thing""",'* ]]
    [[ $stderr == *"4 pairs: 3 of users or items that bias.rkm has never seen"* ]]
    printf 'user,item\n' >none.csv
    [ "$("$RECKON" predict -q bias.rkm none.csv)" = user,item,prediction ]
}

@test "pairs that cannot be read are told by file and line" {
    small_experiment small.cfg '{ plugin = "bias"; }'
    "$RECKON" fit -q small.cfg
    refuse() { # content, words
        printf "$1" >pairs.csv
        run -1 "$RECKON" predict bias.rkm pairs.csv -o out.csv
        said "$2"
        [ ! -e out.csv ]
    }
    refuse '1,2\n' 'pairs.csv:1: user: there is no column "user" among "1", "2"'
    refuse '' 'cannot read pairs.csv: it is empty'
    refuse 'user,item\n1,2\n3\n' 'pairs.csv:3: a row with a user and an item is expected, not "3"'
    refuse 'user,item\n1,\n' 'pairs.csv:2: a row with a user and an item is expected'
    refuse 'user,item,time\n1,2,5\n1,2,soon\n' 'pairs.csv:3: a row with a time in seconds since 1970'
    refuse 'user,item\n"1,2\n' 'pairs.csv:2: a quote that begins on this line is never closed'
    run -1 "$RECKON" predict bias.rkm gone.csv
    said 'gone.csv'
}

@test "a damaged model, another file and another plugin are refused" {
    small_experiment small.cfg '{ plugin = "bias"; }'
    "$RECKON" fit -q small.cfg
    printf 'user,item\n1,2\n' >pairs.csv
    cp bias.rkm whole.rkm
    printf 'X' | dd of=bias.rkm bs=1 seek=$(($(stat -c %s bias.rkm) - 3)) conv=notrunc status=none
    run -1 "$RECKON" predict bias.rkm pairs.csv
    said 'bias.rkm is damaged: its bytes are not those of its checksum'
    head -c 5000 whole.rkm >bias.rkm
    run -1 "$RECKON" predict bias.rkm pairs.csv
    said 'bias.rkm is no saved model, or was cut off'
    run -1 "$RECKON" predict pairs.csv pairs.csv
    said 'pairs.csv is no saved model'
    mkdir other
    cp "$RECKON_BUILD/plugins/bias.so" other/bias.so
    "$RECKON" predict -q --plugin-path other whole.rkm pairs.csv >/dev/null
    printf 'x' >>other/bias.so
    run -1 "$RECKON" predict --plugin-path other whole.rkm pairs.csv
    said 'whole.rkm was saved by bias' 'other/bias.so is another build' 'save the model again'
    run -1 "$RECKON" fit small.cfg -o pairs.csv
    said 'pairs.csv is there already, and is no model'
    [ "$(cat pairs.csv)" = "$(printf 'user,item\n1,2')" ]
}

@test "one row of one data set is trained" {
    small_experiment small.cfg
    run -2 "$RECKON" fit small.cfg
    said 'small.cfg has 2 rows; choose one with --only: "item_mean", "bias"'
    run -0 "$RECKON" fit small.cfg --only bias data.synthetic.ratings=800
    said 'bias learned from 800 ratings in' 'bias.rkm holds the model'
    run -2 "$RECKON" fit small.cfg --only als
    [ ! -e als.rkm ]
    run -1 "$RECKON" fit small.cfg --only bias -o none/bias.rkm
    said 'none/bias.rkm: cannot be written: No such file or directory'
    run -2 "$RECKON" predict bias.rkm
    said 'predict needs MODEL.rkm PAIRS.csv'
}

@test "a tuned row is chosen on inner folds first" {
    small_experiment small.cfg '{ plugin = "item_mean"; shrinkage = [0.1, 5.0, 25.0]; search = { method = "grid"; trials = 3; }; }'
    run -0 "$RECKON" fit small.cfg -j 1 -o one.rkm
    said 'of 3 candidates on 3 inner folds, the best has a mean of' 'shrinkage = ' 'one.rkm holds the model'
    "$RECKON" fit -q small.cfg -j 2 --threads 4 -o two.rkm
    cmp one.rkm two.rkm
}
