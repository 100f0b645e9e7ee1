// Its summary is two lines.
#include "base.h"

BASE_ENTRY(
    BASE_HEAD, .id = ID, .summary = "Wrong in\none thing", .version = "1.0.0", BASE_FUNCTIONS)
