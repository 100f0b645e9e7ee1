#!/usr/bin/env bats
# Splits from outside: who is held out, the slices that this makes, and tags as they were known.

load common.bash

users=60 items=50

tested() { # results folder: what its first fold tested, with the answers
    "$RECKON" show "$1" --predictions tag_mean --fold 1
}

# Films that tags are planted in, and an experiment that shows every tag in every answer.
films() {
    "$RECKON" synth -q films users=$users items=$items ratings=1500 seed=5 2>/dev/null
    cat >films.cfg <<CFG
name = "films";
seed = 9;
data = { movielens = "films"; min_count = 1; };
models = ( "$RECKON_BUILD/tests/plugins/tag_mean.so" );
predictions = true;
report = ( "md", "csv" );
CFG
}

# Runs the films by a split, with results under a folder of that name.
split_films() { # folder, split
    rm -rf "$1"
    "$RECKON" run -q films.cfg "split={ $2 }" --out out >/dev/null
    mv out/films "$1"
}

rows() { # folder, slice
    awk -F, -v slice="$2" '$2 == "tag_mean" && $7 == slice && $8 == "rows" { print $9 }' \
        "$1/scores.csv"
}

same_answers() {
    cmp "$1/scores.csv" "$2/scores.csv" && cmp <(tested "$1") <(tested "$2")
}

# Lines of tags.csv for each user and item of two lists.
tags() { # users, items, time
    local user item
    for user in $1; do
        for item in $2; do echo "$user,$item,planted,$3"; done
    done
}

column() { # folder, number
    tested "$1" | tail -n +2 | cut -d, -f"$2" | sort -nu | paste -sd' '
}

# Such tags must change no answer under this split, and do under another one.
planted_in_vain() { # split, other split, file with tags
    split_films plain "$1"
    split_films other "$2"
    cp films/tags.csv before.csv
    cat "$3" >>films/tags.csv
    split_films planted "$1"
    split_films seen "$2"
    cp before.csv films/tags.csv
    same_answers plain planted
    ! cmp -s other/scores.csv seen/scores.csv
}

@test "tags after the cut of a split by time are not seen in training" {
    films
    tags "$(seq $users)" "$(seq $items)" 1999999999 >late
    planted_in_vain 'method = "time"; test = 0.3;' 'method = "kfold"; folds = 2;' late
    planted_in_vain 'method = "time"; last = 4;' 'method = "kfold"; folds = 2;' late
    planted_in_vain 'method = "time"; last_share = 0.3;' 'method = "kfold"; folds = 2;' late
}

@test "tags by held-out users and of held-out items are not seen in training" {
    films
    split_films first 'method = "cold_users"; share = 0.3;'
    tags "$(column first 1)" "$(seq $items)" 5 >theirs
    planted_in_vain 'method = "cold_users"; share = 0.3;' 'method = "kfold"; folds = 2;' theirs
    split_films second 'method = "cold_items"; share = 0.3;'
    tags "$(seq $users)" "$(column second 2)" 5 >theirs
    planted_in_vain 'method = "cold_items"; share = 0.3;' 'method = "kfold"; folds = 2;' theirs
}

@test "tags on test pairs are not seen in training" {
    films
    for split in 'method = "time"; test = 0.3;' 'method = "time"; last = 4;' \
        'method = "cold_users"; share = 0.3; given = 3;' \
        'method = "cold_items"; share = 0.3; given = 3;' 'method = "holdout";'; do
        split_films first "$split"
        tested first | tail -n +2 | cut -d, -f1,2 | sed 's/$/,planted,5/' >pairs
        planted_in_vain "$split" 'method = "kfold"; folds = 2;' pairs
    done
}

@test "slices have their rows and every metric" {
    films
    for split in 'method = "cold_users"; share = 0.3;:cold_user' \
        'method = "cold_items"; share = 0.3;:cold_item' \
        'method = "cold_users"; share = 0.3; given = 3;:warm' \
        'method = "time"; last = 4;:warm'; do
        split_films done "${split%:*}"
        slice=${split##*:}
        all=$(rows done all) own=$(rows done "$slice") sum=0
        [ "$own" -gt 0 ]
        for part in warm cold_user cold_item cold_both; do
            n=$(rows done "$part")
            sum=$((sum + n))
            for metric in rmse mae top5; do
                found=$(grep -c "^films,tag_mean,.*,$part,$metric," done/scores.csv || true)
                [ "$found" -eq $((n > 0)) ]
            done
        done
        [ "$sum" -eq "$all" ]
        [ "$own" -gt $((all * 3 / 4)) ]
    done
    split_films done 'method = "cold_users"; share = 0.3;'
    grep -q 'cold users, 30 % .* cold user: [0-9 ]* rows a fold' done/table.md
    split_films done 'method = "time"; test = 0.3;'
    grep -q 'time, newest 30 % ' done/table.md
}

@test "a dry run shows splits in words" {
    films
    run -0 "$RECKON" run --dry-run films.cfg 'split={ method = "cold_users"; folds = 4; given = 5; repeats = 2; }'
    said 'split     cold_users, 5 given, 4 folds, 2 times' 'trials    8 = '
    run -0 "$RECKON" run --dry-run films.cfg 'split={ method = "time"; last_share = 0.25; }'
    said "split     time, each user's last 25 %, 1 fold"
}

@test "splits that cannot be are told with their place" {
    films
    run -2 "$RECKON" run films.cfg 'split={ method = "time"; }'
    said 'command line: split: one of test, last and last_share is needed' 'none is given'
    run -2 "$RECKON" run films.cfg 'split={ method = "cold_users"; share = 0.2; folds = 5; }'
    said 'split: one of share and folds is needed' 'both are given'
    run -2 "$RECKON" run films.cfg 'split={ method = "cold_items"; share = 1; }'
    said 'split.share: a number from 1e-06 to 0.999 is expected, not 1'
    run -1 "$RECKON" run films.cfg 'split={ method = "time"; last = 900; }'
    said 'split: last: of each user' 'choose a number below that'
    run -1 "$RECKON" run films.cfg 'split={ method = "cold_items"; folds = 900; }'
    said 'split: folds: ' 'cannot make 900 parts'
    printf '%s\n' u,i,r 1,1,3 1,2,4 2,1,5 >timeless.csv
    run -1 "$RECKON" run films.cfg 'split={ method = "time"; test = 0.2; }' \
        'data={ delimited = "timeless.csv"; user = "u"; item = "i"; rating = "r"; scale = [1, 5]; }'
    said 'split: the ratings of timeless have no times; name the column that has them'
}
