// product_kernel.h - the kernel of product.c for one instruction set; included once for each.
//
// The includer defines NAME(x), TARGET, and a vector of WIDTH floats: V, V_ZERO(), V_LOAD(p),
// V_STORE(p, v), V_LOAD_PART(p, n), V_STORE_PART(p, v, n) for the first n floats, V_SET(s),
// V_FMA(a, b, c) = a b + c, and VECTORS, the vectors of a tile of 6 rows that leave every sum in a
// register. No include guard.

// Rows i .. i + rows - 1 of C, n_vectors vectors from column j on, of which the last has `last`
// columns; over k = first .. end - 1. rows, n_vectors and whole are constants where this is called.
TARGET static inline __attribute__((always_inline)) void NAME(tile)(const struct product *p,
    size_t i, size_t j, size_t first, size_t end, const int rows, const int n_vectors,
    const bool whole, size_t last) {
    const float *from = first > 0 ? p->c + i * p->c_row + j : p->start ? p->start + j : NULL;
    const size_t from_row = first > 0 ? p->c_row : 0;
    V sum[6][VECTORS];
    for (int r = 0; r < rows; r++) {
        for (int v = 0; v < n_vectors; v++) {
            const float *at = from + (size_t)r * from_row + v * WIDTH;
            sum[r][v] = !from ? V_ZERO() : whole ? V_LOAD(at) : V_LOAD_PART(at, last);
        }
    }
    const float *a = p->a + i * p->a_row + first * p->a_col;
    const float *b = p->b + first * p->b_row + j;
    for (size_t k = first; k < end; k++, a += p->a_col, b += p->b_row) {
        V right[VECTORS];
        for (int v = 0; v < n_vectors; v++) {
            right[v] = whole ? V_LOAD(b + v * WIDTH) : V_LOAD_PART(b + v * WIDTH, last);
        }
        for (int r = 0; r < rows; r++) {
            const V left = V_SET(a[(size_t)r * p->a_row]);
            for (int v = 0; v < n_vectors; v++) sum[r][v] = V_FMA(left, right[v], sum[r][v]);
        }
    }
    for (int r = 0; r < rows; r++) {
        for (int v = 0; v < n_vectors; v++) {
            float *at = p->c + (i + (size_t)r) * p->c_row + j + v * WIDTH;
            if (whole)
                V_STORE(at, sum[r][v]);
            else
                V_STORE_PART(at, sum[r][v], last);
        }
    }
}

TARGET static inline __attribute__((always_inline)) void NAME(strip)(
    const struct product *p, size_t i, size_t first, size_t end, const int rows) {
    size_t j = 0;
    for (; j + VECTORS * WIDTH <= p->n; j += VECTORS * WIDTH) {
        NAME(tile)(p, i, j, first, end, rows, VECTORS, true, WIDTH);
    }
    for (; j + WIDTH <= p->n; j += WIDTH) NAME(tile)(p, i, j, first, end, rows, 1, true, WIDTH);
    if (j < p->n) NAME(tile)(p, i, j, first, end, rows, 1, false, p->n - j);
}

TARGET static void NAME(product)(const struct product *p) {
    for (size_t first = 0; first < p->depth || first == 0; first += DEPTH) {
        const size_t end = p->depth - first < DEPTH ? p->depth : first + DEPTH;
        size_t i = 0;
        for (; i + 6 <= p->m; i += 6) NAME(strip)(p, i, first, end, 6);
        for (; i < p->m; i++) NAME(strip)(p, i, first, end, 1);
    }
}

#undef NAME
#undef TARGET
#undef V
#undef WIDTH
#undef VECTORS
#undef V_ZERO
#undef V_LOAD
#undef V_STORE
#undef V_LOAD_PART
#undef V_STORE_PART
#undef V_SET
#undef V_FMA
