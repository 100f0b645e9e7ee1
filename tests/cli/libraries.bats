#!/usr/bin/env bats
# What the program brings along must not get between plugins and their own libraries.

load common.bash

# The harness searches with GSL's own BLAS, linked in: were its names in the dynamic table, or the
# library shared, plugins would call that one in the place of OpenBLAS.
@test "no BLAS of the program is seen by plugins" {
    command -v nm >/dev/null || skip "no nm"
    nm "$RECKON" | grep -q ' [Tt] cblas_' || skip "the program has no symbols"
    nm -D --defined-only "$RECKON" >names
    run grep -i cblas names
    [ "$status" = 1 ]
    ldd "$RECKON" >libraries
    run grep -iE 'blas|libgsl' libraries
    [ "$status" = 1 ]
}
