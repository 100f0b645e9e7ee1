#!/usr/bin/env bats
# reckon check: an experiment, or a plugin; and plugins that are wrong, each told what is wrong.

load common.bash

@test "a right experiment is said to be right" {
    small_experiment small.cfg
    run -0 "$RECKON" check small.cfg
    [ ! -e results ]
}

# All mistakes of a file are told at once: without the data, none but its absence may be there.
@test "the experiments of this repository have no mistake, and can be planned where their data is" {
    files=0 bad=0
    while IFS= read -r file; do
        files=$((files + 1))
        "$RECKON" run --dry-run "$file" >out 2>err && continue
        if grep -v 'is in none of\|mistakes in the configuration' err || ! grep -q 'is in none of' err; then
            echo "in $file"
            bad=1
        fi
    done < <(find "$root/experiments" -name '*.cfg')
    [ "$files" -gt 8 ] && [ "$bad" -eq 0 ]
}

@test "a broken plugin is refused, and its name told" {
    local file n=0
    for file in "$RECKON_BUILD"/tests/broken/*.so; do
        case ${file##*/} in right.so | misbehaves.so | long_summary.so | extension_*.so) continue ;;
        hunts.so | peeks.so | loop_on_load.so) continue ;; esac # slow; guard has tests of its own for them
        run "$RECKON" check "$file"
        [ "$status" -ne 0 ] || { echo "$file passed"; return 1; }
        said "$(basename "$file" .so)"
        n=$((n + 1))
    done
    [ "$n" -gt 10 ]
}

@test "a word that is no choice is told with those that are" {
    small_experiment small.cfg '{ plugin = "als"; solver = "cholesk"; }'
    run -2 "$RECKON" check small.cfg
    said 'small.cfg:5: models.0.solver' 'did you mean "cholesky"'
}

@test "what is searched is said, from the command line too, and what cannot be is told with its place" {
    small_experiment small.cfg '{ plugin = "bias"; damping_user = "1..20 log"; }'
    run -2 "$RECKON" check small.cfg
    said 'small.cfg:5: models.0.damping_user: a range needs search = { ... }'
    run -0 "$RECKON" check small.cfg search.trials=5
    run -0 "$RECKON" run --dry-run small.cfg search.trials=5 models.bias.damping_item=0..9
    said 'bias: damping_user 1..20 (log); damping_item 0..9: 5 candidates x 3 inner folds' \
        'and 45 on inner folds' 'damping_item = "0..9"; // command line'
    run -2 "$RECKON" check small.cfg search.method=bays search.trials=0 models.0.search.metric=rms
    said 'command line: search.method: one of' 'did you mean "bayes"' 'search.trials: a whole number'
}

@test "the manual has the keys of searches and limits" {
    run -0 "$RECKON" --generate man
    said '.SS limits' 'a trial may take' '.SS search' 'candidates in each outer fold' 'halving'
}
