// Lacks the function destroy.
#include "base.h"

BASE_ENTRY(BASE_HEAD, BASE_TEXTS, .create = base_create, .fit = base_fit, .predict = base_predict)
