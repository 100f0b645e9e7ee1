#!/usr/bin/env bats
# experiments/quickstart.cfg gives the scores that are written down here, and cannot beat the truth.

load common.bash

# Means over the folds, as `model metric mean`.
means() {
    awk -F, 'NR > 1 && $7 == "all" && ($8 == "rmse" || $8 == "mae" || $8 == "top5") {
        sum[$2 " " $8] += $9; n[$2 " " $8]++
    } END { for (k in sum) printf "%s %.6f\n", k, sum[k] / n[k] }' "$1" | sort
}

@test "the quickstart's scores are the golden ones" {
    "$RECKON" run -q "$root/experiments/quickstart.cfg" >/dev/null
    means results/quickstart/scores.csv >means
    cat means
    # Sums without a choice of instructions agree but for rounding; als and svd may differ a little
    # from one CPU to another.
    awk 'NR == FNR { value[$1, $2] = $3; next }
        { near = $4 + 0; got = value[$1, $2]
          if (got == "" || got < $3 - near || got > $3 + near) { print "golden:", $0, "got:", got; bad = 1 } }
        END { exit bad }' <(sed 's/(best reachable)/(reachable)/' means) "$root/tests/golden/quickstart"
}
