#!/usr/bin/env bats
# What the README shows is what there is.

load common.bash

# The lines of the README that are shown indented, from the first that matches to the last of them.
shown() {
    awk -v from="$1" 'index($0, "    ") != 1 && NF { on = 0 } $0 ~ from && /^    / { on = 1 } on' "$root/README.md" |
        sed 's/^    //' | sed -e :a -e '/^\n*$/{$d;N;ba' -e '}'
}

@test "its plugin is item_mean, and has under 80 lines" {
    diff <(shown '// Item means, drawn') "$root/plugins/item_mean/item_mean.c"
    [ "$(wc -l <"$root/plugins/item_mean/item_mean.c")" -lt 80 ]
}

@test "its cc line builds that plugin against what is installed, and check proves it" {
    meson install -C "$RECKON_BUILD" --no-rebuild --quiet --destdir "$BATS_TEST_TMPDIR/installed"
    prefix=$BATS_TEST_TMPDIR/installed/usr/local
    PKG_CONFIG_PATH=$(dirname "$(find "$prefix" -name reckon.pc)")
    PKG_CONFIG_SYSROOT_DIR=$BATS_TEST_TMPDIR/installed
    export PKG_CONFIG_PATH PKG_CONFIG_SYSROOT_DIR
    shown '// Item means, drawn' >item_mean.c
    line=$(shown 'cc -std=c11' | head -n 1)
    [[ $line == cc* ]]
    eval "$line"
    shown 'cc -std=c11' | sed -n 2p | grep -qx 'reckon check ./item_mean.so'
    run -0 "$prefix/bin/reckon" check ./item_mean.so
    said "0 failed"
}

@test "its experiment has no mistake, the data apart" {
    shown 'name  = "compare"' >compare.cfg
    run "$RECKON" check compare.cfg
    [ "$(grep -c '^compare.cfg:' <<<"$output")" -eq "$(grep -c 'ml-latest-small.zip' <<<"$output")" ]
    "$RECKON" synth -q ml users=60 items=50 ratings=900
    run -0 "$RECKON" run -q compare.cfg data.movielens=ml
    said "svd, short" "als rank=16" "als rank=32"
}

@test "its sweep has no mistake, and its queries answer" {
    shown '^    name   = "sweep"' >sweep.cfg
    run "$RECKON" check sweep.cfg
    [ "$(grep -c '^sweep.cfg:' <<<"$output")" -eq "$(grep -c 'ml-latest-small.zip' <<<"$output")" ]
    "$RECKON" synth -q ml users=60 items=50 ratings=900
    local small=(data.movielens=ml split.folds=2 search.trials=2 models.svd.epochs=3)
    run -0 "$RECKON" run sweep.cfg "${small[@]}" --dry-run
    said "in store  0 of "
    for k in 1 2; do "$RECKON" run -q sweep.cfg "${small[@]}" --shard "$k/2" --out "part$k" >/dev/null; done
    run -0 "$RECKON" merge -q results/sweep part1/sweep part2/sweep
    said optimism
    grep '^    sqlite3 ' "$root/README.md" >queries
    [ "$(wc -l <queries)" -eq 4 ]
    while IFS= read -r query; do
        eval "$query" >answer
        grep -qE '^([0-9]+\|)?als\|' answer
        grep -qE '^([0-9]+\|)?svd\|' answer
    done <queries
    run -0 "$RECKON" show sweep --model svd --inner
    said candidate
    run -0 "$RECKON" gc sweep
}

@test "the files that it names are there" {
    for file in $(grep -o '](\([^)]*\))' "$root/README.md" | sed 's/](\(.*\))/\1/' | grep -v '^http'); do
        [ -e "$root/$file" ] || { echo "$file is not there"; return 1; }
    done
    [ -x "$root/experiments/quickstart" ]
    [ -x "$root/tests/run" ]
}
