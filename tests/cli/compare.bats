#!/usr/bin/env bats
# Runs that are there already, opened again: by merge, and side by side by compare.

load common.bash

bats_require_minimum_version 1.5.0

@test "a run opens without its data, but not without its plugins, which are named" {
    mkdir mine; cp "$RECKON_BUILD/plugins/bias.so" mine/
    small_experiment small.cfg '{ plugin = "./mine/bias.so"; label = "b"; }'
    "$RECKON" run -q small.cfg --out here >/dev/null
    run -0 "$RECKON" merge merged here/small
    said "b "
    mv mine moved
    run -1 "$RECKON" merge merged here/small
    said "merged: its experiment can't be read with the plugins that are here" "it was run with bias " \
        "(bias.so)" "--plugin-path" "merged/experiment.cfg:"
}
