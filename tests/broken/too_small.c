// Its size is that of a struct which ends before the functions.
#include "base.h"

BASE_ENTRY(.size = offsetof(rk_plugin, create), .abi_major = RK_ABI_MAJOR,
    .abi_minor = RK_ABI_MINOR, BASE_TEXTS, BASE_FUNCTIONS)
