#!/usr/bin/env bats
# Whatever becomes of a run, what had ended is kept, and the same command goes on with the rest.

load common.bash

bats_require_minimum_version 1.5.0

# Trials enough for a signal to come between them; some seconds in all, most of them slept.
long_experiment() { # file
    local patient=$RECKON_BUILD/tests/plugins/patient.so
    [ -e "$patient" ] || skip "no patient.so"
    cat >"$1" <<CFG
name = "long";
seed = 7;
jobs = 2;
data = { synthetic = { users = 60; items = 50; ratings = 1200; rank = 2; }; };
split = { method = "kfold"; folds = 5; };
models = ( "item_mean", "bias", { plugin = "$patient"; shift = [-0.1, 0.0, 0.1, 0.2]; }, { plugin = "als"; rank = 2; } );
CFG
}

# Quick ones.
short_experiment() { # file
    cat >"$1" <<'CFG'
name = "short";
seed = 7;
data = { synthetic = { users = 60; items = 50; ratings = 900; rank = 2; }; };
split = { method = "kfold"; folds = 3; };
models = ( "item_mean", "bias", { plugin = "als"; rank = [2, 4]; } );
CFG
}

# stop_after N SIGNALS COMMAND ...: sends them, one after another, once so many trials have ended by
# its JSON log; sets status. The log is in the file err.
stop_after() {
    local n=$1 signals=$2 pid signal
    shift 2
    "$@" --log-format json >out 2>err 3>&- &
    pid=$!
    until [ "$(grep -sc '"event":"trial"' err)" -ge "$n" ]; do
        kill -0 "$pid" || break
        sleep 0.02
    done
    for signal in $signals; do
        kill -s "$signal" "$pid" || break # it may have stopped by the first one
        sleep 0.1
    done
    wait "$pid" && status=0 || status=$?
}

run_json() { # arguments of `reckon run`; its log is in the file err
    "$RECKON" run --log-format json "$@" >out 2>err && status=0 || status=$?
}

trials() { # true or false: were they cached
    grep '"event":"trial"' err | grep -c "\"cached\":$1"
}

same_tables() { # two results folders; further options of diff
    diff -r "${@:3}" -x costs.csv -x 'reckon.db*' "$1" "$2"
}

sound() { # store
    [ "$(sqlite3 "$1" 'PRAGMA integrity_check')" = ok ]
    [ -z "$(sqlite3 "$1" 'SELECT key FROM trials GROUP BY key HAVING count(*) > 1')" ]
}

@test "a run whose processes are killed at any moment comes to the same bytes" {
    command -v python3 >/dev/null || skip "no python3"
    RECKON=$RECKON run -0 "$root/tests/bench/soak" --kills 10 --seed 5
    said "10 kills" "the same bytes and every trial once"
}

@test "when the harness is killed, nothing that it had started goes on" {
    command -v pgrep >/dev/null || skip "no pgrep"
    short_experiment short.cfg
    sed -i "s|models = (|models = ( { plugin = \"$RECKON_BUILD/tests/broken/misbehaves.so\"; how = \"loop\"; },|" short.cfg
    "$RECKON" run -q short.cfg >/dev/null 2>&1 3>&- &
    local harness=$! worker="" trial="" pid
    for _ in {1..300}; do
        worker=$(pgrep -P $harness) && trial=$(pgrep -P "${worker%%$'\n'*}") && break
        sleep 0.02
    done
    [ -n "$trial" ]
    kill -KILL $harness
    wait $harness || true
    for pid in $worker $trial; do
        for _ in {1..300}; do grep -qs '^State:.[^Z]' "/proc/$pid/status" || continue 2; sleep 0.02; done
        kill -KILL "$pid"
        false
    done
}

@test "a signal: what had ended is saved, and the same command goes on" {
    long_experiment long.cfg
    "$RECKON" run -q long.cfg --out whole >/dev/null
    local n=0 signal
    for signal in INT TERM; do
        stop_after $((n += 6)) "$signal" "$RECKON" run -j 2 long.cfg
        [ "$status" -eq $((128 + $(kill -l "$signal"))) ]
        grep -q "everything that had ended is saved; run the same command again" err
        grep -q '"event":"run","state":"interrupted"' err
        sound results/long/reckon.db
        [ "$(trials true)" -lt 35 ]
    done
    [ "$(trials true)" -ge 6 ] # the second found what the first had left
    ! same_tables whole/long results/long >/dev/null
    run_json long.cfg
    [ "$status" -eq 0 ]
    [ "$(trials true)" -ge 12 ]
    [ "$(trials true)" -lt 35 ]
    same_tables whole/long results/long
    [ "$(sqlite3 results/long/reckon.db 'SELECT count(*), min(state) FROM runs')" = '1|done' ]
}

@test "a second signal stops at once, and loses nothing either" {
    long_experiment long.cfg
    "$RECKON" run -q long.cfg --out whole >/dev/null
    stop_after 4 "INT INT" "$RECKON" run -j 2 long.cfg
    [ "$status" -eq 130 ]
    sound results/long/reckon.db
    run_json long.cfg
    [ "$(trials true)" -ge 4 ]
    same_tables whole/long results/long
}

@test "tables are the same bytes by any number of jobs, stopped or not" {
    long_experiment long.cfg
    "$RECKON" run -q long.cfg --out whole -j 1 >/dev/null
    for jobs in 2 8; do
        "$RECKON" run -q long.cfg --out "by$jobs" -j "$jobs" --threads 8 >/dev/null
        same_tables whole/long "by$jobs/long" -x experiment.cfg # which says how many jobs
        stop_after 5 INT "$RECKON" run --out "stopped$jobs" -j "$jobs" --threads 8 long.cfg
        "$RECKON" run -q long.cfg --out "stopped$jobs" -j "$jobs" --threads 8 >/dev/null
        same_tables whole/long "stopped$jobs/long" -x experiment.cfg
    done
}

@test "what has not changed is not run again, and what has is" {
    short_experiment short.cfg
    run_json short.cfg
    [ "$(trials false)" -eq 12 ]
    run_json short.cfg -j 2 --threads 2 nice=1
    [ "$(trials true)" -eq 12 ]
    run_json short.cfg models.als.lambda=0.5 # both ranks of als, and nothing else
    [ "$(trials true)" -eq 6 ]
    [ "$(grep '"cached":false' err | grep -c '"model":"als')" -eq 6 ]
    run_json short.cfg models.als.rank='[2,4,6]' # one more row
    [ "$(trials true)" -eq 12 ]
    [ "$(trials false)" -eq 3 ]
    run_json short.cfg seed=8
    [ "$(trials true)" -eq 0 ]
    run_json short.cfg data.synthetic.ratings=901
    [ "$(trials true)" -eq 0 ]
    run_json short.cfg # and the first is still there
    [ "$(trials true)" -eq 12 ]
    run_json short.cfg --fresh
    [ "$(trials true)" -eq 0 ]
}

@test "a changed plugin is run again, and no other" {
    mkdir plugins
    cp "$RECKON_BUILD"/plugins/{item_mean,bias,als}.so plugins
    short_experiment short.cfg
    run_json short.cfg --plugin-path plugins
    [ "$(trials false)" -eq 12 ]
    printf '\0' >>plugins/bias.so # bytes that change nothing but its hash
    run_json short.cfg --plugin-path plugins
    [ "$(trials true)" -eq 9 ]
    [ "$(grep '"cached":false' err | grep -c '"model":"bias"')" -eq 3 ]
}

@test "failed trials are in the store, too, and run again on request" {
    local broken=$RECKON_BUILD/tests/broken/misbehaves.so
    [ -e "$broken" ] || skip "no misbehaves.so"
    short_experiment short.cfg
    sed -i "s|^models = .*|models = ( \"bias\", { plugin = \"$broken\"; how = \"fail\"; } );|" short.cfg
    run_json short.cfg
    [ "$status" -eq 3 ]
    cp -r results before
    run_json short.cfg
    [ "$status" -eq 3 ]
    [ "$(trials true)" -eq 6 ]
    same_tables before results
    run_json short.cfg --retry-failed
    [ "$(trials true)" -eq 3 ]
    [ "$(grep '"cached":false' err | grep -c misbehaves)" -eq 3 ]
}

@test "two harnesses on one experiment: the second is turned away, the first is not disturbed" {
    long_experiment long.cfg
    "$RECKON" run -q long.cfg --out whole >/dev/null
    "$RECKON" run long.cfg --log-format json >out 2>err 3>&- &
    local first=$!
    until grep -q '"event":"trial"' err; do sleep 0.02; done
    run -1 "$RECKON" run -q long.cfg
    said "results/long" "$first"
    wait "$first"
    same_tables whole/long results/long
    sound results/long/reckon.db
}

@test "a full disk ends the run with a message, keeps what was saved, and the run goes on elsewhere" {
    unshare --user --map-root-user --mount true 2>/dev/null || skip "no mounts without root"
    long_experiment long.cfg
    "$RECKON" run -q long.cfg --out whole >/dev/null
    mkdir full
    cat >fill <<'SH'
mount -t tmpfs -o size=8m none full || exit 99
"$RECKON" run --log-format json long.cfg --out full >out 2>err &
until [ "$(grep -c '"event":"trial"' err 2>/dev/null)" -ge 10 ] || ! kill -0 $!; do sleep 0.02; done # a fold is stored by then
head -c 16m /dev/zero >full/filler 2>/dev/null
wait $! && status=0 || status=$?
rm full/filler
sqlite3 full/long/reckon.db 'PRAGMA integrity_check' >sound
"$RECKON" run --log-format json long.cfg --out full >out2 2>err2 || exit 98
cp -r full/long after
exit $status
SH
    export RECKON
    unshare --user --map-root-user --mount sh fill && status=0 || status=$?
    [ "$status" -ne 99 ] || skip "no tmpfs"
    [ "$status" -eq 1 ]
    [ "$(cat sound)" = ok ]
    grep '"level":"error"' err | grep -qi 'full\|space'
    ! grep "cannot be read" err # it was a commit
    [ "$(grep '"event":"trial"' err2 | grep -c '"cached":true')" -ge 1 ]
    same_tables whole/long after
}

@test "a folder that may not be written is refused before anything runs" {
    short_experiment short.cfg
    "$RECKON" run -q short.cfg >/dev/null
    cp -r results before
    local as=()
    if [ "$(id -u)" -eq 0 ]; then
        command -v setpriv >/dev/null || skip "root, and no setpriv"
        as=(setpriv --reuid=65534 --regid=65534 --clear-groups)
        chmod a+rx . .. "$BATS_TEST_TMPDIR"
        "${as[@]}" test -x "$RECKON" -a -r short.cfg || skip "another user cannot come here"
    fi
    chmod -R a-w results
    run -1 "${as[@]}" "$RECKON" run -q short.cfg
    chmod -R u+w results
    said "results/short" "ermission denied"
    diff -r before results
}

@test "a clock that goes backwards changes nothing" {
    command -v cc >/dev/null || skip "no cc"
    cc -shared -fPIC -O1 "$root/tests/data/backwards.c" -o backwards.so -ldl
    LD_PRELOAD=$PWD/backwards.so "$RECKON" --version >/dev/null 2>&1 || skip "this build takes no LD_PRELOAD"
    long_experiment long.cfg
    "$RECKON" run -q long.cfg --out whole >/dev/null
    stop_after 4 INT env LD_PRELOAD="$PWD/backwards.so" "$RECKON" run -j 2 long.cfg
    [ "$status" -eq 130 ]
    LD_PRELOAD=$PWD/backwards.so "$RECKON" run -q long.cfg >/dev/null
    same_tables whole/long results/long
    sound results/long/reckon.db
    [ "$(sqlite3 results/long/reckon.db "SELECT count(*) FROM runs WHERE state = 'done'")" = 1 ]
}
