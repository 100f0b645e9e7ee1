// bmf's sampler leaves the joint distribution of parameters and ratings as it is (bmf_joint.h).
#include <check.h>

#include "support/bmf_joint.h"

static const struct joint_kind kinds[] = {{.name = "ids"}, {.name = "genres", .genres = true},
    {.name = "rated", .rated = {true, true}}, {.name = "probit", .probit = true},
    {.name = "days", .days = true}, {.name = "noise", .genres = true, .noise = true}};

static struct joint joint; // too large for the stack

START_TEST(sweeps_leave_the_joint_distribution) {
    const char *which = "none";
    ck_assert(joint_init(&joint, kinds + _i, 1));
    const double z = joint_compare(&joint, 6000, 6000, &which, NULL);
    ck_assert_msg(z < 4.5, "%s: %s is off by %.1f standard errors", kinds[_i].name, which, z);
    joint_done(&joint);
}
END_TEST

int main(void) {
    Suite *suite = suite_create("bmf_joint");
    TCase *all = tcase_create("joint");
    tcase_add_loop_test(all, sweeps_leave_the_joint_distribution, 0, sizeof kinds / sizeof *kinds);
    suite_add_tcase(suite, all);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    const int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed != 0;
}
