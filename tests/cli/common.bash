# common.bash - what the command-line tests share. RECKON is the program, RECKON_BUILD its build.

bats_require_minimum_version 1.5.0

root=$(cd "$BATS_TEST_DIRNAME/../.." && pwd)
RECKON_BUILD=${RECKON_BUILD:-$root/build}
RECKON=${RECKON:-$RECKON_BUILD/framework/reckon}

setup() {
    cd "$BATS_TEST_TMPDIR" || return 1
}

both='{ plugin = "item_mean"; }, { plugin = "bias"; }'

# An experiment that takes a fraction of a second.
small_experiment() { # file, lines of the models' list
    cat >"$1" <<CFG
name = "small";
seed = 7;
data = { synthetic = { users = 60; items = 50; ratings = 900; rank = 2; }; };
split = { method = "kfold"; folds = 3; };
models = ( ${2-$both} );
CFG
}

# Fails unless $output has the words.
said() {
    local words
    for words in "$@"; do
        [[ $output == *"$words"* ]] || { printf 'not said: %s\nbut: %s\n' "$words" "$output"; return 1; }
    done
}
