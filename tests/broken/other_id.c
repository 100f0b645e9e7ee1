// Its id is not the name of its file.
#include "base.h"

BASE_ENTRY(BASE_HEAD, .id = "somebody_else", .summary = "Wrong in one thing", .version = "1.0.0",
    BASE_FUNCTIONS)
