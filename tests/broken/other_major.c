// Made for another major version of the interface.
#include "base.h"

BASE_ENTRY(.size = sizeof(rk_plugin), .abi_major = RK_ABI_MAJOR + 1, .abi_minor = 3, BASE_TEXTS,
    BASE_FUNCTIONS)
