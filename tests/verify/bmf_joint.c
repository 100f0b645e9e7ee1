// bmf_joint [SWEEPS [SEED [KIND]]] - the long form of tests/unit/test_bmf_joint.c: for each kind of
// model, means of functions of the state under the prior, those over SWEEPS (200,000) of the chain,
// and the difference in standard errors. Exit status 1 if one is beyond 4.5.
#include "support/bmf_joint.h"

static const struct joint_kind kinds[] = {{.name = "ids"}, {.name = "genres", .genres = true},
    {.name = "rated", .rated = {true, true}},
    {.name = "all", .genres = true, .rated = {true, true}}, {.name = "probit", .probit = true},
    {.name = "days", .days = true}, {.name = "probit days", .probit = true, .days = true},
    {.name = "all days", .genres = true, .rated = {true, true}, .days = true},
    {.name = "noise", .genres = true, .noise = true},
    {.name = "noise days", .days = true, .noise = true},
    {.name = "noise all", .genres = true, .rated = {true, true}, .noise = true},
    {.name = "probit all", .genres = true, .rated = {true, true}, .probit = true}};

static struct joint joint; // too large for the stack

int main(int argc, char **argv) {
    const size_t n = argc > 1 ? strtoul(argv[1], NULL, 10) : 200000;
    const uint64_t seed = argc > 2 ? strtoul(argv[2], NULL, 10) : 1;
    int failed = 0;
    printf("%-10s %-28s %19s %19s %6s\n", "model", "mean of", "prior", "chain", "z");
    for (size_t k = 0; k < sizeof kinds / sizeof *kinds; k++) {
        const char *which = "none";
        if (argc > 3 && strcmp(argv[3], kinds[k].name) != 0) continue;
        if (!joint_init(&joint, kinds + k, seed)) return 2;
        const double z = joint_compare(&joint, n, n, &which, stdout);
        const bool ok = z < 4.5;
        printf("%s: %s: %s is off by %.1f standard errors\n", kinds[k].name,
            ok ? "as it should be" : "WRONG", which, z);
        failed |= !ok;
        joint_done(&joint);
    }
    return failed;
}
