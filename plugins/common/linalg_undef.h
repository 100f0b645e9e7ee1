// linalg_undef.h - takes back what linalg.c defines for linalg_kernel.h. No include guard.
#undef NAME
#undef TARGET
#undef V
#undef WIDTH
#undef MAX_VECTORS
#undef V_ZERO
#undef V_LOAD
#undef V_STORE
#undef V_SET
#undef V_MUL
#undef V_FMA
#undef V_FNMA
#undef V_SUM
