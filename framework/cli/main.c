#include <stdio.h>

int main(void) {
    printf("reckon %s\n", RECKON_VERSION);
    return 0;
}
