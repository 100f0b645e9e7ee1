#!/usr/bin/env bats
# Parts of a run, made apart, are put together to what one machine would have made.

load common.bash

bats_require_minimum_version 1.5.0

tuned='"bias", { plugin = "als"; rank = [2, 4]; search = { method = "random"; trials = 2; }; }'

same_tables() { # two results folders
    diff -r -x costs.csv -x 'reckon.db*' "$1" "$2"
}

make_parts() { # how many
    small_experiment small.cfg "$tuned"
    for ((k = 1; k <= $1; k++)); do
        "$RECKON" run -q small.cfg predictions=true --shard "$k/$1" --out "part$k" >/dev/null
    done
}

@test "parts put together are the bytes of an undisturbed run" {
    make_parts 3
    "$RECKON" run -q small.cfg predictions=true --out whole >/dev/null
    run -0 --separate-stderr "$RECKON" merge merged part1/small part2/small part3/small
    same_tables whole/small merged
    [ "$(sqlite3 merged/reckon.db 'PRAGMA integrity_check')" = ok ]
    run -0 "$RECKON" show merged
    said als bias
    run -0 --separate-stderr "$RECKON" merge again part3/small part1/small part2/small # any order
    same_tables whole/small again
}

@test "each part does some of the work, and none does another's" {
    make_parts 3
    for k in 1 2 3; do
        sqlite3 "part$k/small/reckon.db" "SELECT label, fold FROM places WHERE model >= 0 AND inner = 0"
    done | sort >done
    [ "$(wc -l <done)" -eq 6 ]
    [ "$(uniq <done | wc -l)" -eq 6 ]
}

@test "a missing part is named, and what there is is merged" {
    make_parts 3
    run -3 "$RECKON" merge merged part1/small part3/small
    said "of 3 parts this is missing: 2"
    grep -q interrupted merged/table.md
    "$RECKON" run -q small.cfg predictions=true --out whole >/dev/null
    run -0 "$RECKON" merge merged part1/small part2/small part3/small
    same_tables whole/small merged
}

@test "parts of another plan are refused" {
    make_parts 2
    "$RECKON" run -q small.cfg seed=8 --shard 2/2 --out other >/dev/null
    run -1 "$RECKON" merge merged part1/small other/small
    said other/small
    "$RECKON" run -q small.cfg predictions=true --shard 2/3 --out thirds >/dev/null
    run -1 "$RECKON" merge merged2 part1/small thirds/small
    said "part 2 of 3"
    run -1 "$RECKON" merge part1/small part1/small part2/small
    said "part1/small: is both the whole and a part of it"
    run -1 "$RECKON" merge merged3 part1/small nowhere
    said nowhere
}

@test "what is no part is a mistake in usage" {
    small_experiment small.cfg
    for wrong in 0/3 4/3 x 1 1/; do
        run -2 "$RECKON" run small.cfg --shard "$wrong"
        said "as in 2/3" "\"$wrong\""
    done
    run -2 "$RECKON" merge out
}
