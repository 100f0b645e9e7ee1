// linalg_kernel.h - the kernels of linalg.c for one instruction set; included once for each.
//
// The includer defines NAME(x), TARGET, and a vector of WIDTH floats: V, V_ZERO(), V_LOAD(p),
// V_STORE(p, v), V_SET(s), V_MUL(a, b), V_FMA(a, b, c) = a b + c, V_FNMA(a, b, c) = c - a b,
// V_SUM(v), and MAX_VECTORS, the vectors per strip that leave every accumulator in a register. No
// include guard.

// C[r][0 .. n_vectors * WIDTH) += (or -=) sum_m P[m][i + r] P[m][j ..) for the strip's rows r.
// c points at C[i][j]. n_vectors and subtract are constants where this is called.
TARGET static inline __attribute__((always_inline)) void NAME(tile)(float *c, size_t ld,
    const float *p, size_t depth, size_t i, size_t j, const int n_vectors, const bool subtract) {
    V sum[4][MAX_VECTORS];
    for (int r = 0; r < 4; r++) {
        for (int v = 0; v < n_vectors; v++) sum[r][v] = V_LOAD(c + (size_t)r * ld + v * WIDTH);
    }
    for (size_t m = 0; m < depth; m++, p += ld) {
        V right[MAX_VECTORS];
        for (int v = 0; v < n_vectors; v++) right[v] = V_LOAD(p + j + v * WIDTH);
        for (int r = 0; r < 4; r++) {
            const V left = V_SET(p[i + (size_t)r]);
            for (int v = 0; v < n_vectors; v++) {
                if (subtract)
                    sum[r][v] = V_FNMA(left, right[v], sum[r][v]);
                else
                    sum[r][v] = V_FMA(left, right[v], sum[r][v]);
            }
        }
    }
    for (int r = 0; r < 4; r++) {
        for (int v = 0; v < n_vectors; v++) V_STORE(c + (size_t)r * ld + v * WIDTH, sum[r][v]);
    }
}

// Rows i .. i + 3 of C, from the vector that holds the diagonal up to column n.
TARGET static inline __attribute__((always_inline)) void NAME(strip_update)(
    float *c, size_t ld, const float *p, size_t depth, size_t i, size_t n, const bool subtract) {
    for (size_t j = i - i % WIDTH; j < n;) {
        float *at = c + i * ld + j;
        const size_t left = (n - j + WIDTH - 1) / WIDTH;
#if MAX_VECTORS >= 4
        if (left >= 4) {
            NAME(tile)(at, ld, p, depth, i, j, 4, subtract);
            j += 4 * WIDTH;
            continue;
        }
#endif
#if MAX_VECTORS >= 3
        if (left >= 3) {
            NAME(tile)(at, ld, p, depth, i, j, 3, subtract);
            j += 3 * WIDTH;
            continue;
        }
#endif
        if (left >= 2) {
            NAME(tile)(at, ld, p, depth, i, j, 2, subtract);
            j += 2 * WIDTH;
        } else {
            NAME(tile)(at, ld, p, depth, i, j, 1, subtract);
            j += WIDTH;
        }
    }
}

// The last columns, fewer than half a vector, from column `from` on: their strips are formed lying
// down, so that whole vectors of columns are worked on, and then added standing up.
TARGET static void NAME(gram_border)(
    float *c, const float *p, size_t depth, size_t from, size_t n, size_t ld) {
    for (size_t j = 0; j < from; j += WIDTH) {
        for (size_t i = from; i < n; i += 4) {
            V lying[4] = {V_ZERO(), V_ZERO(), V_ZERO(), V_ZERO()};
            for (size_t m = 0; m < depth; m++) {
                const V right = V_LOAD(p + m * ld + j);
                const float *left = p + m * ld + i;
                for (int r = 0; r < 4; r++) lying[r] = V_FMA(V_SET(left[r]), right, lying[r]);
            }
            float sum[4][WIDTH];
            for (int r = 0; r < 4; r++) V_STORE(sum[r], lying[r]);
            for (size_t v = 0; v < WIDTH; v++) {
                float *at = c + (j + v) * ld + i;
                for (int r = 0; r < 4; r++) at[r] += sum[r][v];
            }
        }
    }
}

TARGET static void NAME(gram)(float *c, const float *p, size_t depth, size_t n, size_t ld) {
    const size_t rest = n % WIDTH;
    const size_t from = rest > 0 && rest <= WIDTH / 2 ? n - rest : n;
    for (size_t i = 0; i < from; i += 4) NAME(strip_update)(c, ld, p, depth, i, from, false);
    for (size_t i = from; i < n; i += 4) NAME(strip_update)(c, ld, p, depth, i, n, false);
    if (from < n) NAME(gram_border)(c, p, depth, from, n, ld);
}

// The diagonal strip of Cholesky's algorithm; rows i .. i + 3 are up to date but for one another.
TARGET static bool NAME(strip_factor)(float *a, size_t ld, size_t i, size_t end, size_t n_cols) {
    for (size_t r = i; r < end; r++) {
        float *row = a + r * ld;
        const float pivot = row[r];
        if (!(pivot > 0)) return false;
        const V scale = V_SET(1 / sqrtf(pivot));
        for (size_t j = i - i % WIDTH; j < n_cols; j += WIDTH) {
            V_STORE(row + j, V_MUL(V_LOAD(row + j), scale));
        }
        for (size_t s = r + 1; s < end; s++) {
            float *below = a + s * ld;
            const V factor = V_SET(row[s]);
            for (size_t j = i - i % WIDTH; j < n_cols; j += WIDTH) {
                V_STORE(below + j, V_FNMA(factor, V_LOAD(row + j), V_LOAD(below + j)));
            }
        }
    }
    return true;
}

TARGET static bool NAME(cholesky)(float *a, size_t n, size_t n_cols, size_t ld) {
    for (size_t i = 0; i < n; i += 4) {
        NAME(strip_update)(a, ld, a, i, i, n_cols, true);
        if (!NAME(strip_factor)(a, ld, i, i + 4 < n ? i + 4 : n, n_cols)) return false;
    }
    return true;
}

TARGET static float NAME(dot)(const float *x, const float *y, size_t n) {
    V sum = V_ZERO();
    size_t j = 0;
    for (; j + WIDTH <= n; j += WIDTH) sum = V_FMA(V_LOAD(x + j), V_LOAD(y + j), sum);
    float total = V_SUM(sum);
    for (; j < n; j++) total += x[j] * y[j];
    return total;
}

// By blocks of WIDTH rows from below: what later blocks take off by dot products of whole vectors
// (beyond n, x is 0), what the block's own unknowns take off one column at a time.
TARGET static void NAME(back)(const float *a, size_t n, size_t ld, size_t col, float *x) {
    for (size_t j = 0; j < ld; j++) x[j] = 0;
    for (size_t end = n; end > 0;) {
        const size_t begin = (end - 1) / WIDTH * WIDTH;
        float right[WIDTH], inverse[WIDTH];
        for (size_t i = begin; i < end; i++) {
            const float *row = a + i * ld;
            V sum = V_ZERO();
            for (size_t j = begin + WIDTH; j < n; j += WIDTH) {
                sum = V_FMA(V_LOAD(row + j), V_LOAD(x + j), sum);
            }
            right[i - begin] = row[col] - V_SUM(sum);
            inverse[i - begin] = 1 / row[i];
        }
        for (size_t j = end; j-- > begin;) {
            x[j] = right[j - begin] * inverse[j - begin];
            for (size_t i = begin; i < j; i++) right[i - begin] -= a[i * ld + j] * x[j];
        }
        end = begin;
    }
}

TARGET static void NAME(axpy)(float *y, float a, const float *x, size_t n) {
    const V factor = V_SET(a);
    size_t j = 0;
    for (; j + WIDTH <= n; j += WIDTH) {
        V_STORE(y + j, V_FMA(factor, V_LOAD(x + j), V_LOAD(y + j)));
    }
    for (; j < n; j++) y[j] += a * x[j];
}

TARGET static void NAME(normal)(
    float *y, const float *p, size_t depth, size_t n, size_t ld, const float *v, float *s) {
    for (size_t m = 0; m < depth; m++) s[m] = NAME(dot)(p + m * ld, v, n);
    for (size_t m = 0; m < depth; m++) NAME(axpy)(y, s[m], p + m * ld, n);
}
