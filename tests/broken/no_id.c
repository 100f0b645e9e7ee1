// Has no id.
#include "base.h"

BASE_ENTRY(BASE_HEAD, .summary = "Wrong in one thing", .version = "1.0.0", BASE_FUNCTIONS)
