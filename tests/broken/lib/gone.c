// The library that missing_library.so does not find.
extern double gone_answer(void);
double gone_answer(void) {
    return 42;
}
