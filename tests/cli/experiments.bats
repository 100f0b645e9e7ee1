#!/usr/bin/env bats
# Every experiment file that comes with Reckon is sound.

load common.bash

# All mistakes of a file are told at once: without the data, none but its absence may be there.
@test "every experiment file that is shipped is sound, its data apart" {
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
