#!/usr/bin/env bats
# reckon synth: files that any reader of MovieLens takes, and this one reads back to the same.

load common.bash

# Scores without what is known only where the data is made: the best reachable ones, and with them
# the numbers of trials.
comparable() {
    grep -v reachable "$1/small/scores.csv" | cut -d , -f 1,2,4-
}

@test "what is written reads back to the same scores" {
    small_experiment small.cfg
    "$RECKON" run -q small.cfg --out direct >/dev/null
    "$RECKON" synth -q ml users=60 items=50 ratings=900 rank=2
    [ "$(ls ml)" = "$(printf 'movies.csv\nratings.csv\ntags.csv')" ]
    sed 's|^data = .*|data = { movielens = "ml"; name = "synthetic"; };|' small.cfg >files.cfg
    "$RECKON" run -q files.cfg --out files >/dev/null
    diff <(comparable direct) <(comparable files)
}

@test "the form of MovieLens 1M carries demographics" {
    small_experiment small.cfg
    "$RECKON" run -q small.cfg data.synthetic.step=1 --out direct >/dev/null
    "$RECKON" synth -q --form ml-1m ml users=60 items=50 ratings=900 rank=2 step=1
    [ "$(ls ml)" = "$(printf 'movies.dat\nratings.dat\nusers.dat')" ]
    [ "$(wc -l <ml/users.dat)" -eq 60 ]
    sed 's|^data = .*|data = { movielens = "ml"; name = "synthetic"; };|' small.cfg >files.cfg
    "$RECKON" run -q files.cfg --out files >/dev/null
    diff <(comparable direct) <(comparable files)
}

@test "the same settings give the same bytes, another seed others" {
    for k in a b; do "$RECKON" synth -q $k users=60 items=50 ratings=900; done
    "$RECKON" synth -q c users=60 items=50 ratings=900 seed=2
    diff -r a b
    ! cmp -s a/ratings.csv c/ratings.csv
}

@test "nothing is overwritten, and no half a file is left" {
    "$RECKON" synth -q ml users=60 items=50 ratings=900
    run -1 "$RECKON" synth -q ml users=60 items=50 ratings=900
    said "ratings.csv is there already"
    [ "$(ls ml | wc -l)" -eq 3 ]
}

@test "settings that cannot be are usage mistakes" {
    run -2 "$RECKON" synth ml users=60 items=50 ratings=5000
    said 1500
    run -2 "$RECKON" synth ml usres=60
    said users
    run -2 "$RECKON" synth --form ml-2m ml
    said ml-latest
    run -2 "$RECKON" synth
    [ ! -e ml ]
}

@test "memory does not grow with the number of ratings" {
    [ -z "${ASAN_OPTIONS-}" ] || skip "a sanitizer keeps memory"
    command -v python3 >/dev/null || skip "python3 is not installed"
    peak() {
        python3 -c 'import resource, subprocess, sys
subprocess.run(sys.argv[1:], check=True)
print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)' "$RECKON" synth -q "$@"
    }
    few=$(peak few users=2000 items=2000 ratings=20000)
    many=$(peak many users=2000 items=2000 ratings=800000)
    [ "$many" -lt $((few + few / 4)) ]
}
