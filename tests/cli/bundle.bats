#!/usr/bin/env bats
# A run is packed into one file, and run again from it.

load common.bash

bats_require_minimum_version 1.5.0

tuned='"bias", { plugin = "als"; rank = [2, 4]; search = { method = "random"; trials = 2; }; }'

make_bundle() { # models, overrides
    small_experiment small.cfg "$1"
    shift
    "$RECKON" run -q small.cfg "$@" >/dev/null
    "$RECKON" bundle -q small
}

@test "the same run gives the same bytes, and what is in them" {
    make_bundle "$tuned" predictions=true
    "$RECKON" bundle results/small --out two.tar.gz
    cmp small.tar.gz two.tar.gz
    [ "$(head -c 8 small.tar.gz | tail -c 4 | od -An -tx1 | tr -d ' ')" = 00000000 ] # no time
    run -0 tar -tzf small.tar.gz
    [ "${lines[0]}" = small/manifest.json ]
    for file in experiment.cfg provenance.json scores.csv costs.csv tuning.csv table.md reckon.db; do
        [[ $'\n'$output$'\n' == *$'\n'"small/$file"$'\n'* ]]
    done
    [ "$(grep -c small/predictions/ <<<"$output")" -eq 12 ]
    [ "$(grep -c '\.so$' <<<"$output")" -eq 0 ]
    tar -xzf small.tar.gz
    [ "$(sqlite3 small/reckon.db "SELECT count(*) FROM runs WHERE host <> '' OR pid <> 0")" = 0 ]
    python3 - <<'PY' # the manifest names all of it
import json, os
files = json.load(open("small/manifest.json"))["files"]
there = {os.path.relpath(os.path.join(d, f), "small") for d, _, fs in os.walk("small") for f in fs}
assert set(files) == there - {"manifest.json"}
for name, told in files.items():
    assert os.path.getsize("small/" + name) == told["size"], name
PY
    run -0 "$RECKON" compare small results/small # what is unpacked is a folder of results
    said "All scores of A and B are the same"
}

@test "what cannot be written is named, and nothing is left of it" {
    make_bundle '"bias"'
    run -1 "$RECKON" bundle small --out gone/b.tar.gz
    said gone/b.tar.gz --out
    mkdir there
    run -1 bash -c "ulimit -f 8; trap '' XFSZ; '$RECKON' bundle small --out there/b.tar.gz"
    said there/b.tar.gz
    [ -z "$(ls -A there)" ]
}

@test "a bundle that is run again is equal, hash by hash" {
    make_bundle "$tuned" predictions=true
    rm -r results
    run -0 "$RECKON" rerun small.tar.gz -j 2
    said "data synthetic" "plugin als" "reckon " "instruction set" "library gsl" "predictions, 12 files" \
        "The data and all results are equal."
    [ "$(grep -c ' differs$' <<<"$output")" -eq 0 ]
    for file in scores.csv table.md table.csv table.json curves.csv tuning.csv; do
        [[ $output =~ $file\ +[0-9a-f]{16}\ +[0-9a-f]{16}\ +equal ]]
    done
    [[ $output != *costs.csv* ]]
    run -1 "$RECKON" rerun small.tar.gz # nothing of an earlier one is used
    said "rerun/small: is there already"
}

@test "tables that were written after the run are written again, and compared" {
    make_bundle "$both"
    "$RECKON" report -q small
    "$RECKON" bundle -q small
    run -0 "$RECKON" rerun small.tar.gz
    for file in table.tex table.txt table.md; do
        [[ $output =~ $file\ +[0-9a-f]{16}\ +[0-9a-f]{16}\ +equal ]]
    done
    [ -s rerun/small/report.html ]
}

@test "what is not equal is named, and by how much scores differ" {
    make_bundle '"bias", { plugin = "item_mean"; }'
    run -1 "$RECKON" rerun small.tar.gz models.item_mean.shrinkage=50
    said "Not everything is equal." "rmse differs by at most 0.0"
    [[ $output =~ experiment\ +[0-9a-f]{16}\ +[0-9a-f]{16}\ +differs ]]
    [[ $output =~ scores.csv\ +[0-9a-f]{16}\ +[0-9a-f]{16}\ +differs ]]
    [[ $output =~ "plugin item_mean"\ +[0-9a-f]{16}\ +[0-9a-f]{16}\ +equal ]]
    run -1 "$RECKON" rerun small.tar.gz --out other data.synthetic.seed=5
    [[ $output =~ "data synthetic"\ +[0-9a-f]{16}\ +[0-9a-f]{16}\ +differs ]]
}

@test "another build of a plugin is named; results that are equal all the same are equal" {
    mkdir mine there
    cp "$RECKON_BUILD/plugins/bias.so" mine/
    make_bundle '{ plugin = "./mine/bias.so"; }' predictions=true
    mv mine/bias.so there/
    printf x >>there/bias.so
    run -0 "$RECKON" rerun small.tar.gz --plugin-path there
    [[ $output =~ "plugin bias"\ +[0-9a-f]{16}\ +[0-9a-f]{16}\ +differs ]]
    said "The data and all results are equal."
}

@test "plugins travel only if asked for, and run only if asked for" {
    local right=$RECKON_BUILD/tests/broken/right.so
    [ -e "$right" ] || skip "no right.so"
    mkdir mine
    cp "$right" mine/
    small_experiment small.cfg '{ plugin = "./mine/right.so"; }, "bias"'
    "$RECKON" run -q small.cfg >/dev/null || skip "right.so does not train"
    "$RECKON" bundle -q small --out bare.tar.gz
    "$RECKON" bundle -q small --plugins
    run -0 tar -tzf small.tar.gz
    said small/plugins/right.so small/plugins/bias.so
    mv mine gone
    run -1 "$RECKON" rerun bare.tar.gz
    said right "--plugin-path"
    run -1 "$RECKON" rerun small.tar.gz # a program that a stranger sent
    said right "--plugin-path"
    run -1 "$RECKON" rerun bare.tar.gz --plugins
    said "there are none in this bundle"
    run -0 "$RECKON" rerun small.tar.gz --plugins --out with
    said "all results are equal"
    mkdir mine && cp "$right" mine/ && printf x >>mine/right.so
    run -1 "$RECKON" bundle small --plugins
    said "is not the plugin that" "another hash"
}

@test "data with other times is other data, though every score is the same" {
    for ((u = 1; u <= 30; u++)); do for ((i = 1; i <= 10; i++)); do
        echo "$u,$i,$(((u * i + u) % 5 + 1)),$((1000000000 + u * 100 + i))"
    done; done >r.csv
    cat >t.cfg <<CFG
name = "t";
data = { delimited = "r.csv"; user = 1; item = 2; rating = 3; time = 4; header = false; scale = [1, 5]; };
split = { method = "kfold"; folds = 2; };
models = ( "bias" );
CFG
    "$RECKON" run -q t.cfg >/dev/null
    "$RECKON" bundle -q t
    sed -i 's/,1000/,1100/' r.csv
    run -1 "$RECKON" rerun t.tar.gz
    [[ $output =~ scores.csv\ +[0-9a-f]{16}\ +[0-9a-f]{16}\ +equal ]]
    [[ $output =~ "data "[a-z.]+\ +[0-9a-f]{16}\ +[0-9a-f]{16}\ +differs ]]
    said "Not everything is equal."
}

@test "a file that only the second run has is told" {
    make_bundle "$both"
    run -1 "$RECKON" rerun small.tar.gz 'models.1={ plugin = "als"; rank = 2; }'
    [[ $output =~ curves.csv\ +none\ +[0-9a-f]{16}\ +differs ]]
}

@test "data that lies elsewhere is found by its name" {
    mkdir data elsewhere
    for ((u = 1; u <= 40; u++)); do for ((i = 1; i <= 12; i++)); do
        (((u * 7 + i * 5) % 3)) && echo "$u,$i,$(((u * i + u) % 5 + 1))"
    done; done >data/r.csv
    sed -i '1i user,item,rating' data/r.csv
    cat >d.cfg <<CFG
name = "d";
data = { delimited = "data/r.csv"; user = "user"; item = "item"; rating = "rating"; scale = [1, 5]; };
split = { method = "kfold"; folds = 2; };
models = ( "bias" );
CFG
    "$RECKON" run -q d.cfg >/dev/null
    "$RECKON" bundle -q d
    run -0 "$RECKON" rerun d.tar.gz
    mv data/r.csv elsewhere/
    run -1 "$RECKON" rerun d.tar.gz --out lost
    said '"r.csv" is in none of' RECKON_DATA
    RECKON_DATA=elsewhere run -0 "$RECKON" rerun d.tar.gz --out found
    run -0 "$RECKON" rerun d.tar.gz --out told data.delimited=elsewhere/r.csv
    sed -i '2s/[0-9]$/3/; 3s/[0-9]$/3/' elsewhere/r.csv
    run -1 "$RECKON" rerun d.tar.gz --out changed data.delimited=elsewhere/r.csv
    [[ $output =~ "data "[a-z.]+\ +[0-9a-f]{16}\ +[0-9a-f]{16}\ +differs ]]
}

@test "only a whole run that was done can be packed" {
    small_experiment small.cfg
    "$RECKON" run -q small.cfg --shard 1/2 --out part >/dev/null
    run -1 "$RECKON" bundle part/small
    said "part 1 of 2" "reckon merge"
    "$RECKON" run -q small.cfg >/dev/null
    sqlite3 results/small/reckon.db "UPDATE runs SET state = 'interrupted'"
    run -1 "$RECKON" bundle small
    said "is interrupted"
    sqlite3 results/small/reckon.db "UPDATE runs SET state = 'done'"
    echo >>results/small/provenance.json
    run -1 "$RECKON" bundle small
    said "its files are not those of its latest run"
    run -1 "$RECKON" bundle nowhere
    [ ! -e small.tar.gz ]
}

# Writes wrong.tar.gz: the bundle's entries after a change of them by a line of Python.
spoil() {
    python3 - "$1" <<'PY'
import io, json, sys, tarfile
entries = []
with tarfile.open("small.tar.gz") as old:
    for m in old: entries.append([m, old.extractfile(m).read()])
def named(name):
    return next(e for e in entries if e[0].name == "small/" + name)
def add(name, **how):
    m = tarfile.TarInfo(name)
    for k, v in how.items(): setattr(m, k, v)
    entries.append([m, b""])
def manifest(change):
    e = named("manifest.json"); told = json.loads(e[1]); change(told); e[1] = json.dumps(told).encode()
exec(sys.argv[1])
with tarfile.open("wrong.tar.gz", "w:gz") as new:
    for m, data in entries:
        m.size = len(data)
        new.addfile(m, io.BytesIO(data))
PY
}

@test "an archive that is damaged, or made to do harm, gives one message and no files" {
    make_bundle "$both"
    wrong() {
        run -1 --separate-stderr "$RECKON" rerun wrong.tar.gz --plugins
        [ "$(grep -c . <<<"$stderr")" -eq 1 ] || { echo "$stderr"; return 1; }
        [[ $stderr == *"wrong.tar.gz: "* ]] || { echo "$stderr"; return 1; }
        [ ! -e rerun ] && [ ! -e ../evil ] && [ ! -e /tmp/reckon-evil ]
    }
    spoil 'add("../evil")' && wrong
    spoil 'add("/tmp/reckon-evil")' && wrong
    spoil 'add("small/../../evil")' && wrong
    spoil 'add("small/link", type=tarfile.SYMTYPE, linkname="/etc/passwd")' && wrong
    spoil 'named("scores.csv")[0].type = tarfile.LNKTYPE; named("scores.csv")[0].linkname = "/etc/passwd"' && wrong
    spoil 'add("small/more.csv")' && wrong
    local empty='def empty(name, **how): # a file that the manifest knows
    manifest(lambda m: m["files"].update({name: {"hash": "99aa06d3014798d86001c324468d497f", "size": 0}}))
    add("small/" + name, **how)
'
    spoil "$empty"'empty("../evil")' && wrong
    spoil "$empty"'empty("plugins/../../evil")' && wrong
    spoil "$empty"'empty("plugins/.x")' && wrong
    spoil "$empty"'empty("plugins/x y")' && wrong
    spoil "$empty"'empty("plugins/x", type=tarfile.FIFOTYPE)' && wrong
    spoil "$empty"'empty("plugins/x", type=tarfile.DIRTYPE)' && wrong
    spoil 'manifest(lambda m: m["files"]["scores.csv"].update(size=2 ** 62))' && wrong
    spoil 'manifest(lambda m: m["files"]["scores.csv"].update(size=-1))' && wrong
    spoil 'manifest(lambda m: m.update(name="../.."))' && wrong
    spoil 'manifest(lambda m: m.update(files=[]))' && wrong
    spoil 'manifest(lambda m: m.update(bundle=99))' && wrong
    [[ $stderr == *"of a newer reckon"* ]]
    spoil 'named("scores.csv")[1] = named("scores.csv")[1].replace(b"1", b"2")' && wrong
    [[ $stderr == *"scores.csv is not what its hash says"* ]]
    spoil 'entries.remove(named("scores.csv"))' && wrong
    [[ $stderr == *"scores.csv is missing"* ]]
    spoil 'entries.append(named("scores.csv"))' && wrong
    spoil 'entries.remove(named("manifest.json"))' && wrong
    spoil 'entries.clear()' && wrong
    spoil 'named("manifest.json")[1] = b"[" * 100000' && wrong
    head -c 20000 small.tar.gz >wrong.tar.gz && wrong
    head -c 100 /dev/zero >wrong.tar.gz && wrong
    : >wrong.tar.gz && wrong
    run -1 "$RECKON" rerun nowhere.tar.gz
    said nowhere.tar.gz
    spoil "$empty"'empty("more.csv")' && run -0 "$RECKON" rerun wrong.tar.gz # as it was, and more
}
