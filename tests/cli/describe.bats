#!/usr/bin/env bats
# reckon describe: what is in a data set.

load common.bash

made() { "$RECKON" describe synthetic users=60 items=50 ratings=900 rank=2 "$@"; }

@test "a screen or two, of any source" {
    run -0 made
    said "synthetic · 900 ratings of 50 items by 60 users · density 30 %" "Most rated" "Drama" \
        "Age from" "1990s" "All 900 rows read are ratings that count"
    "$RECKON" synth -q ml users=60 items=50 ratings=900 rank=2
    run -0 "$RECKON" describe ml
    said "ml · 900 ratings of 50 items by 60 users"
    run -0 "$RECKON" describe delimited=ml/ratings.csv user=userId item=movieId rating=rating \
        'scale=[0.5,5]' name=table filter.min_user=10
    said "table ·" "The data has no times" "The filter took"
}

@test "nothing but ASCII where the locale has no more, and no colour in a file" {
    LC_ALL=C made >ascii.txt
    LC_ALL=C.UTF-8 made >letters.txt
    ! LC_ALL=C grep -q '[^ -~]' ascii.txt
    grep -q '█' letters.txt
    ! grep -q $'\033' letters.txt
}

@test "the split of an experiment, or another" {
    small_experiment small.cfg
    run -0 "$RECKON" describe small.cfg
    said "Split by kfold, 3 folds, seed 7: 600 rows train and 300 test" "later rating"
    run -0 "$RECKON" describe small.cfg --split "time test=0.1 seed=3"
    said "Split by time, newest 10 %, 1 fold, seed 3: 810 rows train and 90 test" \
        "none are of users of whom training has a later rating"
    run -0 made --split "cold_users share=0.5"
    said "are of users without a rating in training"
    run -2 made --split kfild
    said "split.method" kfold
}

@test "roll-ups by any two features" {
    run -0 made --by genre,year --by age,gender
    said "Mean rating by genre and decade" "Mean rating by age and gender"
    made --format csv --by occupation,zip >zip.csv
    grep -q '^occupation by zip,2,(all),mean,' zip.csv
    ! grep -q '^genre by' zip.csv
    run -1 made --by genre,colour
    said 'no feature "colour"' "genre, year, decade, gender, age, occupation, zip"
    run -2 made --by genre
    said "two features are expected"
}

@test "files for other programs, the same at any number of threads" {
    for format in csv json; do
        made --format $format --threads 1 >one
        made --format $format --threads 4 --out many
        cmp one many
    done
    command -v python3 >/dev/null || skip "python3 is not installed"
    python3 -c 'import json, sys
told = json.load(open("many"))
assert told["data"]["ratings"] == 900 and len(told["slices"]) == 10, told["data"]
keys = list(told)
assert keys == sorted(keys)'
}

@test "a page that needs nothing else" {
    made --split kfold --format html --out page.html
    made --split kfold --format html >again.html
    cmp page.html again.html
    [ "$(wc -c <page.html)" -lt 1000000 ]
    grep -q 'Mean rating by genre and decade' page.html
    grep -q "reckon describe synthetic users=60 .* --split &#39;kfold&#39;" page.html
    ! grep -Eq '(src|href)="(https?:)?//' page.html
}

@test "genres as a matrix" {
    made --one-hot genres.csv >/dev/null
    [ "$(wc -l <genres.csv)" -eq 51 ]
    head -1 genres.csv | grep -q '^item,title,Action,Adventure,'
    ! sed 1d genres.csv | grep -qv ',[01],[01]$'
    printf '1,1,5\n2,1,4\n' >r.csv
    run -1 "$RECKON" describe delimited=r.csv user=1 item=2 rating=3 header=false 'scale=[1,5]' \
        --one-hot no.csv
    said "no genres"
    [ ! -e no.csv ]
}

@test "a title of three items is one title" {
    mkdir ml
    printf 'movieId,title,genres\n1,A (1999),Drama\n2,A (1999),Drama\n3,B (1999),Drama\n4,A (1999),Drama\n' >ml/movies.csv
    printf 'userId,movieId,rating,timestamp\n1,1,4,1000000000\n1,2,3,1000000100\n2,3,5,1000000200\n2,4,1,1000000300\n' >ml/ratings.csv
    run -0 "$RECKON" describe ml
    said '1 title belongs to more than one item: "A (1999)" is items 1 and 2.'
}

@test "what cannot be is told" {
    run -2 "$RECKON" describe nowhere.zip
    said "nowhere.zip" RECKON_DATA
    run -2 made --format pdf
    said "table csv json html"
    run -2 "$RECKON" describe
    run -1 made --out no/such/folder/x.txt
    said "no/such/folder"
}
