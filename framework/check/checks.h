// checks.h - the checks, each a function that returns if the plugin passes and else ends its
// process by child_fail() or child_skip().
#ifndef RECKON_CHECK_CHECKS_H
#define RECKON_CHECK_CHECKS_H

#include "check/run.h"

// name, what it is for
#define CHECKS(X) \
    X(repeat, "the same model twice gives the same bits") \
    X(threads, "1, 2 and 8 threads give the same bits") \
    X(batches, "shuffled, split and repeated pairs get the same answers, bit for bit") \
    X(at_once, "predict answers four threads at once with the same bits") \
    X(two_models, "two models, in turn and at once, do not touch each other") \
    X(seeds, "any seed fits") \
    X(answers, "each pair is answered, and nothing is written beyond them") \
    X(cold, "cold users and items are answered within reason, or by NAN") \
    X(one_rating, "a single rating: fitted within reason, or refused") \
    X(one_user, "a single user: fitted within reason, or refused") \
    X(one_item, "a single item: fitted within reason, or refused") \
    X(one_pair, "a single user with a single item: fitted within reason, or refused") \
    X(equal, "ratings that are all alike: fitted within reason, or refused") \
    X(no_valid, "it does without a validation slice") \
    X(no_times, "it does without times, or refuses") \
    X(no_features, "it does without features that it does not require") \
    X(grown, "the larger structs of later versions change no bit") \
    X(read_only, "data, pairs and parameters are only read") \
    X(host_calls, "the host is called in the right threads and with sense") \
    X(system_calls, "fit and predict open no file and start no thread or process") \
    X(quiet, "it prints nothing and leaves no file open") \
    X(cancel, "it stops soon when asked to, at any step") \
    X(out_of_memory, "each allocation may fail") \
    X(leaks, "destroy gives back all memory, whatever happened before") \
    X(parameters, "each parameter works at both ends of its range") \
    X(learns, "it predicts planted ratings better than their mean does") \
    X(state, "a model saved and loaded answers with the same bits") \
    X(spread, "means and deviations are the same for any batch, and in reason") \
    X(foreseen, "a model takes no more memory than is foreseen, and not much less")

#define X(name, doc) void check_##name(const struct subject *s);
CHECKS(X)
#undef X

#endif
