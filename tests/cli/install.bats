#!/usr/bin/env bats
# What meson installs: the program finds its plugins, and a third party's plugin needs the header
# alone.

load common.bash

setup_file() {
    load common.bash
    export PLACE="$BATS_FILE_TMPDIR/installed here"
    meson install -C "$RECKON_BUILD" --no-rebuild --quiet --destdir "$PLACE"
    PREFIX=$(cd "$PLACE"/usr/local && pwd)
    export PREFIX
    # The one line of the README.
    PKG_CONFIG_PATH=$(dirname "$(find "$PREFIX" -name reckon.pc)")
    export PKG_CONFIG_PATH
    mkdir "$BATS_FILE_TMPDIR/third"
    cd "$BATS_FILE_TMPDIR/third"
    cc -std=c11 -Wall -Wextra -Wpedantic -Werror -O2 -fPIC -shared -I"$PREFIX/include" \
        "$root/tests/data/constant.c" -o constant.so
}

@test "program, plugins, header, manual and completions are installed" {
    [ -x "$PREFIX/bin/reckon" ]
    [ -f "$PREFIX/include/reckon.h" ]
    [ -f "$PREFIX/share/man/man1/reckon.1" ]
    [ -f "$PREFIX/share/bash-completion/completions/reckon.bash" ]
    [ -f "$PREFIX/share/zsh/site-functions/_reckon" ]
    [ -f "$PREFIX/share/fish/vendor_completions.d/reckon.fish" ]
    for id in item_mean bias als svd; do
        [ -n "$(find "$PREFIX" -path "*/reckon/plugins/$id.so")" ]
    done
}

@test "pkg-config knows where the header is" {
    run -0 pkg-config --define-prefix --cflags reckon
    said "include"
    run -0 pkg-config --variable=plugindir reckon
    said "/reckon/plugins"
}

@test "the installed program finds its plugins, wherever it was moved" {
    cp -r "$PREFIX" moved
    for program in "$PREFIX/bin/reckon" moved/bin/reckon; do
        run -0 "$program" plugins
        said item_mean bias als svd
    done
}

@test "a third party's plugin runs by its path" {
    small_experiment small.cfg "{ plugin = \"$BATS_FILE_TMPDIR/third/constant.so\"; rating = 4; }"
    run -0 "$PREFIX/bin/reckon" run -q small.cfg
    said constant
    cp "$BATS_FILE_TMPDIR/third/constant.so" . # relative to the experiment file
    small_experiment small.cfg '{ plugin = "./constant.so"; rating = 4; }'
    run -0 "$PREFIX/bin/reckon" run -q small.cfg
    said constant
}

@test "a third party's plugin runs from RECKON_PLUGIN_PATH" {
    small_experiment small.cfg '{ plugin = "constant"; rating = 4; }'
    run -2 "$PREFIX/bin/reckon" run -q small.cfg
    said constant
    RECKON_PLUGIN_PATH="/nowhere:$BATS_FILE_TMPDIR/third" run -0 "$PREFIX/bin/reckon" run -q small.cfg
    said constant
}

@test "a third party's plugin runs from plugin_path" {
    small_experiment small.cfg '{ plugin = "constant"; rating = 4; }'
    echo "plugin_path = ( \"$BATS_FILE_TMPDIR/third\" );" >>small.cfg
    run -0 "$PREFIX/bin/reckon" run -q small.cfg
    said constant
    small_experiment small.cfg '{ plugin = "constant"; rating = 4; }'
    run -0 "$PREFIX/bin/reckon" run -q --plugin-path "$BATS_FILE_TMPDIR/third" small.cfg
    said constant
}

@test "a third party's plugin passes the conformance suite, but for having learned" {
    run "$PREFIX/bin/reckon" check "$BATS_FILE_TMPDIR/third/constant.so"
    [ "$status" -eq 1 ]
    said "FAIL  learns"
    [ "$(grep -c "^FAIL" <<<"$output")" -eq 1 ]
}

@test "the manual page reads without a warning" {
    command -v man >/dev/null || skip "man is not installed"
    run -0 bash -c "man -E UTF-8 -l -Tutf8 '$PREFIX/share/man/man1/reckon.1' | sed 's/.\x08//g'"
    said "reckon run" "reckon synth"
    run -0 bash -c "man --warnings -E UTF-8 -l -Tutf8 '$PREFIX/share/man/man1/reckon.1' 2>&1 >/dev/null"
    [ -z "$output" ]
}

@test "bash completes commands and options" {
    run -0 bash -c '
        source "$1"
        COMP_WORDS=(reckon r) COMP_CWORD=1 COMP_LINE="reckon r" COMP_POINT=8
        function=$(complete -p reckon | sed "s/.*-F \([^ ]*\).*/\1/")
        "$function" reckon r reckon
        printf "%s\n" "${COMPREPLY[@]}"
        COMP_WORDS=(reckon run --dry) COMP_CWORD=2 COMP_LINE="reckon run --dry" COMP_POINT=16
        "$function" reckon --dry run
        printf "%s\n" "${COMPREPLY[@]}"' _ "$PREFIX/share/bash-completion/completions/reckon.bash"
    said run --dry-run
}

@test "zsh and fish read their completions" {
    command -v zsh >/dev/null || skip "zsh is not installed"
    command -v fish >/dev/null || skip "fish is not installed"
    run -0 zsh -n "$PREFIX/share/zsh/site-functions/_reckon"
    run -0 fish -c "source '$PREFIX/share/fish/vendor_completions.d/reckon.fish'; complete -C 'reckon r'"
    said run
    run -0 fish -c "source '$PREFIX/share/fish/vendor_completions.d/reckon.fish'; complete -C 'reckon run --dry'"
    said --dry-run
}
