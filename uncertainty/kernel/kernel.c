/* The hot loops of a page, in plain C: levels, quantiles, straight-line arithmetic.
 *
 * Each function is the same sums, products and quotients, in the same order, as the
 * NumPy lines it stands beside (seeds.uniforms, sampling.SobolDesign, quantiles._Table,
 * graph.Program), so the bits are the same with it and without it; build without
 * contraction to fused operations. Nothing of Python is in here: it is called through
 * ctypes, which lets go of the interpreter's lock for the whole call.
 */
#include <float.h>
#include <math.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#ifdef _WIN32
#define API __declspec(dllexport)
void *PyInit__kernel(void) { return 0; } /* a name that linkers there ask for */
#else
#define API
#endif

/* The widest registers that the machine has; what they compute is the same. */
#if defined(__x86_64__) && defined(__linux__) && defined(__GNUC__) && !defined(__clang__)
#define WIDE __attribute__((target_clones("avx512f", "avx2", "default")))
#else
#define WIDE
#endif

#ifdef __GNUC__
#define INLINE static inline __attribute__((always_inline)) /* into each of these */
#else
#define INLINE static inline
#endif

/* as in kernel.py: a build that an upgrade left behind must not be used */
API int potline_layout(void) { return 7; }

enum { CHUNK = 512 }; /* draws at a time: some dozens of rows of them fit the cache */

/* ---- uniform levels: PCG64 (XSL RR 128/64) from a place in a column's stream ---- */

typedef unsigned __int128 word;

static word join(uint64_t high, uint64_t low) { return ((word)high << 64) | low; }

/* factor and term of `steps` steps at once: Brown (1994), Trans. Am. Nucl. Soc. 71 */
static void jump(word factor, word term, uint64_t steps, word *by, word *plus)
{
    word total = 1, sum = 0;
    for (; steps; steps >>= 1) {
        if (steps & 1) {
            total *= factor;
            sum = sum * factor + term;
        }
        term *= factor + 1;
        factor *= factor;
    }
    *by = total;
    *plus = sum;
}

static double level(word state, double least)
{
    uint64_t mixed = (uint64_t)(state >> 64) ^ (uint64_t)state;
    unsigned turn = (unsigned)(state >> 122);
    uint64_t bits = (mixed >> turn) | (mixed << (-turn & 63));
    double u = (double)(bits >> 11) * (1.0 / 9007199254740992.0);
    return u > least ? u : least;
}

/* states: (columns, 4) high and low words of state and increment; out: (columns, n) */
WIDE API void potline_uniforms(const uint64_t *states, int64_t columns, uint64_t skip,
                          int64_t n, double least, double *out)
{
    const word factor = join(0x2360ED051FC65DA4u, 0x4385DF649FCCF645u);
    for (int64_t c = 0; c < columns; c++, states += 4, out += n) {
        word by, plus, lane[4];
        word increment = join(states[2], states[3]);
        jump(factor, increment, skip + 1, &by, &plus);
        lane[0] = join(states[0], states[1]) * by + plus;
        for (int i = 1; i < 4; i++)
            lane[i] = lane[i - 1] * factor + increment;
        jump(factor, increment, 4, &by, &plus);
        int64_t d = 0;
        for (; d + 4 <= n; d += 4)
            for (int i = 0; i < 4; i++) { /* four at once hide the multiplier's wait */
                out[d + i] = level(lane[i], least);
                lane[i] = lane[i] * by + plus;
            }
        for (int i = 0; d < n; d++, i++)
            out[d] = level(lane[i], least);
    }
}

/* ---- Sobol' levels: a word of low digits and one of high digits, put together ---- */

WIDE API void potline_sobol(const uint64_t **lows, const uint64_t **highs,
                            int64_t columns, int64_t run, int64_t runs, int64_t start,
                            int64_t n, double *out)
{
    for (int64_t c = 0; c < columns; c++, out += n)
        for (int64_t d = 0; d < n;) {
            int64_t at = (start + d) / run, skipped = (start + d) % run;
            const uint64_t *digits = lows[c] + (at / runs) * run + skipped;
            const uint64_t high = highs[c][at];
            int64_t here = run - skipped < n - d ? run - skipped : n - d;
            for (int64_t i = 0; i < here; i++) {
                uint64_t bits = digits[i] ^ high;
                double one_to_two;
                memcpy(&one_to_two, &bits, sizeof bits);
                out[d + i] = one_to_two - (1.0 - 0x1p-53);
            }
            d += here;
        }
}

/* ---- quantiles ---- */

enum { OTHER, TABLE, UNIFORM, TRIANGULAR };

typedef struct {
    int64_t kind;
    const double *cubics; /* (pieces, 4), third power first */
    const double *knots;
    int64_t knot_count, last, first, shift, mirrored;
    double scale, location; /* of a table's values */
    double low, mode, high; /* values are clipped at low and high */
    double factor;          /* of units, at the end */
} law;

/* levels u of one chunk, m <= CHUNK, become values of the law */
static inline void by_table(const law *t, const double *u, int64_t m, double *value)
{
    const int64_t shift = t->shift, first = t->first, last = t->last;
    double odds[CHUNK];
    int64_t piece[CHUNK];
    if (t->mirrored)
        for (int64_t i = 0; i < m; i++)
            odds[i] = (1.0 - u[i]) / u[i];
    else
        for (int64_t i = 0; i < m; i++)
            odds[i] = u[i] / (1.0 - u[i]);
    memcpy(piece, odds, (size_t)m * sizeof *odds);
    for (int64_t i = 0; i < m; i++)
        piece[i] = (piece[i] >> shift) - first;
    for (int64_t k = 0; k < t->knot_count; k++)
        for (int64_t i = 0; i < m; i++)
            piece[i] += odds[i] >= t->knots[k];
    for (int64_t i = 0; i < m; i++) {
        int64_t p = piece[i] < 0 ? 0 : piece[i] > last ? last : piece[i];
        const double *c = t->cubics + 4 * p;
        double y = ((c[0] * odds[i] + c[1]) * odds[i] + c[2]) * odds[i] + c[3];
        value[i] = y * t->scale;
    }
    if (t->location != 0.0)
        for (int64_t i = 0; i < m; i++)
            value[i] += t->location;
}

static inline void by_triangle(const law *t, const double *u, int64_t m, double *value)
{
    const double width = t->high - t->low, left = t->mode - t->low;
    const double right = t->high - t->mode;
    for (int64_t i = 0; i < m; i++) {
        double rising = t->low + sqrt(u[i] * width * left);
        double falling = t->high - sqrt((1.0 - u[i]) * width * right);
        value[i] = u[i] * width < left ? rising : falling;
    }
}

/* Levels in each row (n draws) become values of its law; rows of OTHER stay levels.
 * Those in empty pieces of a table are NaN; their places, counted over all rows, and
 * levels are left in `where` and `level_of`. Returns how many there are. */
WIDE API int64_t potline_quantiles(const law *laws, int64_t rows, int64_t n,
                                   double *row, int64_t *where, double *level_of)
{
    int64_t empty = 0;
    double value[CHUNK];
    for (int64_t r = 0; r < rows; r++, row += n) {
        const law t = laws[r];
        for (int64_t start = 0; t.kind != OTHER && start < n; start += CHUNK) {
            const int64_t m = n - start < CHUNK ? n - start : CHUNK;
            double *u = row + start;
            if (t.kind == TABLE)
                by_table(&t, u, m, value);
            else if (t.kind == TRIANGULAR)
                by_triangle(&t, u, m, value);
            else
                for (int64_t i = 0; i < m; i++)
                    value[i] = t.low + (t.high - t.low) * u[i];
            int any = 0;
            for (int64_t i = 0; i < m; i++) {
                double y = value[i]; /* what is not a number stays so */
                y = y < t.low ? t.low : y;
                y = y > t.high ? t.high : y;
                value[i] = y * t.factor;
                any |= y != y;
            }
            for (int64_t i = 0; any && i < m; i++)
                if (value[i] != value[i]) {
                    where[empty] = r * n + start + i;
                    level_of[empty++] = u[i];
                }
            memcpy(u, value, (size_t)m * sizeof *u);
        }
    }
    return empty;
}

/* ---- levels tied by their normal scores ---- */

/* Row rows[s] of the page (n draws each) becomes the level of the weighted sum of score
 * rows part[k], k from begin[s] up to begin[s + 1]. Levels are cubics, (pieces, 4) with
 * the third power first, `each` of them to a unit of score from -reach to reach. */
WIDE API void potline_tied(const double *scores, int64_t n, const int64_t *rows,
                           int64_t sums, const int64_t *begin, const int64_t *part,
                           const double *weight, const double *cubics, int64_t pieces,
                           double reach, double each, double low, double high,
                           double *page)
{
    double total[CHUNK];
    for (int64_t start = 0; start < n; start += CHUNK) {
        const int64_t m = n - start < CHUNK ? n - start : CHUNK;
        for (int64_t s = 0; s < sums; s++) {
            for (int64_t k = begin[s]; k < begin[s + 1]; k++) {
                const double *score = scores + part[k] * n + start, by = weight[k];
                if (k == begin[s])
                    for (int64_t i = 0; i < m; i++)
                        total[i] = score[i] * by;
                else
                    for (int64_t i = 0; i < m; i++)
                        total[i] += score[i] * by;
            }
            double *level = page + rows[s] * n + start;
            for (int64_t i = 0; i < m; i++) {
                double z = total[i] < -reach ? -reach : total[i];
                double place = ((z > reach ? reach : z) + reach) * each;
                int32_t piece = (int32_t)place;
                piece = piece < pieces ? piece : (int32_t)pieces - 1;
                const double *c = cubics + 4 * piece, t = place - (double)piece;
                double y = ((c[0] * t + c[1]) * t + c[2]) * t + c[3];
                y = y < low ? low : y;
                level[i] = y > high ? high : y;
            }
        }
    }
}

/* ---- straight-line arithmetic ---- */

enum { ADD, SUB, MUL, DIV, MIN, MAX, NEG, ABS, SQRT, SQUARE, LT, LE, GT, GE, EQ, NE,
       WHERE, STORE, CHECK };

typedef struct { int32_t code, result, a, b, c; } step;

#define EACH(value) for (int64_t i = 0; i < m; i++) { z[i] = value; } break

/* Runs `steps` on rows of `n` draws.
 *
 * rows: the first `given` are read only, (n,) each; then `constants` of which one
 * number is filled into a row of CHUNK; then scratch rows of CHUNK up to `count`.
 * STORE divides row a by factors[b] into outs[result]; CHECK asks row a to be above 0.
 * Returns 0, or 1 if a stored value is not finite or a check fails. */
WIDE API int potline_program(const step *steps, int64_t length, double **rows, int64_t given,
                        const double *values, int64_t constants, int64_t count,
                        double **outs, const double *factors, int64_t n,
                        double *scratch)
{
    int bad = 0;
    for (int64_t r = given; r < count; r++, scratch += CHUNK) {
        rows[r] = scratch;
        for (int64_t i = 0; r < given + constants && i < CHUNK; i++)
            scratch[i] = values[r - given];
    }
    for (int64_t start = 0; start < n; start += CHUNK) {
        const int64_t m = n - start < CHUNK ? n - start : CHUNK;
        for (int64_t s = 0; s < length; s++) {
            const step *now = steps + s;
            const double *x = rows[now->a] + (now->a < given ? start : 0);
            const double *y = rows[now->b] + (now->b < given ? start : 0);
            double *restrict z = now->code < STORE ? rows[now->result] : 0;
            switch (now->code) {
            case ADD: EACH(x[i] + y[i]);
            case SUB: EACH(x[i] - y[i]);
            case MUL: EACH(x[i] * y[i]);
            case DIV: EACH(x[i] / y[i]);
            case MIN: EACH(x[i] < y[i] || x[i] != x[i] ? x[i] : y[i]);
            case MAX: EACH(x[i] > y[i] || x[i] != x[i] ? x[i] : y[i]);
            case NEG: EACH(-x[i]);
            case ABS: EACH(fabs(x[i]));
            case SQRT: EACH(sqrt(x[i]));
            case SQUARE: EACH(x[i] * x[i]);
            case LT: EACH(x[i] < y[i]);
            case LE: EACH(x[i] <= y[i]);
            case GT: EACH(x[i] > y[i]);
            case GE: EACH(x[i] >= y[i]);
            case EQ: EACH(x[i] == y[i]);
            case NE: EACH(x[i] != y[i]);
            case WHERE: {
                const double *w = rows[now->c] + (now->c < given ? start : 0);
                EACH(x[i] != 0.0 ? y[i] : w[i]);
            }
            case STORE: {
                const double factor = factors[now->b];
                double *out = outs[now->result] + start;
                for (int64_t i = 0; i < m; i++) {
                    out[i] = x[i] / factor;
                    bad |= !(fabs(x[i]) <= DBL_MAX);
                }
                break;
            }
            case CHECK:
                for (int64_t i = 0; i < m; i++)
                    bad |= !(x[i] > 0.0);
                break;
            }
        }
    }
    return bad;
}

/* ---- moments ---- */

enum { LANES = 8 };

typedef double lanes __attribute__((vector_size(8 * LANES), aligned(8), may_alias));
typedef int64_t marks __attribute__((vector_size(8 * LANES)));

/* x where the marks are set, else y */
#define PICK(mark, x, y) ((lanes)(((mark) & (marks)(x)) | (~(mark) & (marks)(y))))

/* For each row and each piece between neighbouring bounds: mean, sums of the second,
 * third and fourth powers of what lies off it, least and largest. Sums run in LANES
 * lanes; the mean is taken about the piece's first draw, so that equal draws have no
 * spread at all. out: (rows, pieces, 6) */
WIDE API void potline_moments(const double *row, int64_t rows, int64_t stride,
                              const int64_t *bounds, int64_t pieces, double *out)
{
    for (int64_t r = 0; r < rows; r++, row += stride)
        for (int64_t p = 0; p < pieces; p++, out += 6) {
            const double *x = row + bounds[p], origin = x[0];
            const int64_t n = bounds[p + 1] - bounds[p], whole = n - n % LANES;
            lanes first = {0}, second = {0}, third = {0}, fourth = {0};
            lanes low = origin - first, high = low;
            for (int64_t i = 0; i < whole; i += LANES) {
                const lanes now = *(const lanes *)(x + i);
                first += now - origin;
                low = PICK(now < low, now, low);
                high = PICK(now > high, now, high);
            }
            for (int64_t i = whole; i < n; i++) {
                first[i - whole] += x[i] - origin;
                low[0] = x[i] < low[0] ? x[i] : low[0];
                high[0] = x[i] > high[0] ? x[i] : high[0];
            }
            double total = first[0], least = low[0], largest = high[0];
            for (int k = 1; k < LANES; k++) {
                total += first[k];
                least = low[k] < least ? low[k] : least;
                largest = high[k] > largest ? high[k] : largest;
            }
            const double mean = origin + total / (double)n;
            for (int64_t i = 0; i < whole; i += LANES) {
                const lanes off = *(const lanes *)(x + i) - mean, square = off * off;
                second += square;
                third += square * off;
                fourth += square * square;
            }
            for (int64_t i = whole; i < n; i++) {
                const double off = x[i] - mean, square = off * off;
                second[i - whole] += square;
                third[i - whole] += square * off;
                fourth[i - whole] += square * square;
            }
            for (int k = 1; k < LANES; k++) {
                second[0] += second[k];
                third[0] += third[k];
                fourth[0] += fourth[k];
            }
            out[0] = mean;
            out[1] = second[0];
            out[2] = third[0];
            out[3] = fourth[0];
            out[4] = least + 0.0; /* -0.0 is 0.0 */
            out[5] = largest + 0.0;
        }
}

/* Joins moments of pieces, in their order. pieces: (rows, count, width) mean and sums of
 * powers, and what is not read; sizes: (count) draws of each, whole numbers all;
 * out: (rows, 4) */
API void potline_join(const double *pieces, int64_t rows, int64_t count, int64_t width,
                      const double *sizes, double *out)
{
    for (int64_t r = 0; r < rows; r++, out += 4) {
        double mean = pieces[0], second = pieces[1], third = pieces[2];
        double fourth = pieces[3], n = sizes[0];
        pieces += width;
        for (int64_t p = 1; p < count; p++, pieces += width) {
            const double *b = pieces, m = sizes[p], whole = n + m;
            const double gap = b[0] - mean, step = gap / whole;
            const double cross = gap * step * n * m;
            fourth += b[3] + cross * step * step * (n * n - n * m + m * m)
                      + 6 * step * step * (n * n * b[1] + m * m * second)
                      + 4 * step * (n * b[2] - m * third);
            third += b[2] + cross * step * (n - m) + 3 * step * (n * b[1] - m * second);
            second += b[1] + cross;
            mean += step * m;
            n = whole;
        }
        out[0] = mean;
        out[1] = second;
        out[2] = third;
        out[3] = fourth;
    }
}

/* ---- order statistics ---- */

static int by_size(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

static void sort_few(double *x, int64_t n)
{
    if (n > 48) {
        qsort(x, (size_t)n, sizeof *x, by_size);
        return;
    }
    for (int64_t i = 1; i < n; i++) {
        double now = x[i];
        int64_t j = i;
        for (; j > 0 && x[j - 1] > now; j--)
            x[j] = x[j - 1];
        x[j] = now;
    }
}

/* Buckets of m <= CHUNK draws; one that lies beyond the ends goes to the last. */
INLINE void buckets_of(const double *row, int64_t m, double least, double scale,
                       double last, int32_t *bucket)
{
    for (int64_t i = 0; i < m; i++) {
        double place = (row[i] - least) * scale;
        place = place > 0.0 ? place : 0.0;
        bucket[i] = (int32_t)(place < last ? place : last);
    }
}

/* Where ranks of a row stand once its draws lie in equal buckets. */
typedef struct {
    int32_t buckets;
    int32_t *start; /* (buckets + 1) ranks below a bucket */
    int32_t *next;  /* (buckets) the first rank of a bucket that is put in order, or -1 */
    int32_t *tried; /* (buckets) those in which a shortest interval may begin */
    int32_t count;  /* of them */
} layout;

/* Marks the buckets that hold the `count` rising ranks in `wanted`. */
INLINE void mark_ranks(layout *at, const int64_t *wanted, int64_t count)
{
    int32_t b = 0;
    for (int64_t i = 0; i < count; i++) {
        while (at->start[b + 1] <= wanted[i])
            b++;
        at->next[b] = at->start[b];
    }
}

/* Marks the buckets that may hold an end of a shortest interval, ranks `span` apart.
 *
 * A draw lies less than one bucket above the lower edge of its own. So an interval whose
 * ends lie d buckets apart is longer than d - 1 and shorter than d + 1 of them, and one
 * with three more than the least d is out, whatever was rounded. */
INLINE void mark_shortest(layout *at, int64_t n, int64_t span)
{
    enum { SPARE = 3 };
    const int32_t *start = at->start;
    int32_t least = at->buckets;
    at->count = 0;
    for (int32_t pass = 0; pass < 2; pass++)
        for (int32_t b = 0, end = 0; start[b] < n - span; b++) {
            if (start[b] == start[b + 1])
                continue;
            while (start[end + 1] <= start[b] + span)
                end++;
            if (!pass)
                least = end - b < least ? end - b : least;
            else if (end - b < least + SPARE) {
                at->tried[at->count++] = b;
                at->next[b] = start[b];
                for (int32_t e = end; e < at->buckets && start[e] < start[b + 1] + span;
                     e++)
                    at->next[e] = start[e];
            }
        }
}

/* Puts draws of `row` at their ranks in `out` where these are marked; what stands at
 * other ranks means nothing. Draws go to equal buckets between least and largest; only
 * buckets that are marked are written and sorted.
 * Returns 0, or 1 if so many share a bucket that this does not pay. */
INLINE int put_in_order(const double *row, int64_t n, double least, double largest,
                        const int64_t *wanted, int64_t count, int64_t span, layout *at,
                        double *out)
{
    const int32_t buckets = at->buckets;
    const double last = (double)(buckets - 1), scale = last / (largest - least);
    if (!(scale > 0.0 && scale <= DBL_MAX) || n > INT32_MAX)
        return 1;
    int32_t *start = at->start, *next = at->next;
    int32_t bucket[CHUNK], which[CHUNK];
    memset(start, 0, (size_t)(buckets + 1) * sizeof *start);
    for (int64_t from = 0; from < n; from += CHUNK) {
        const int64_t m = n - from < CHUNK ? n - from : CHUNK;
        buckets_of(row + from, m, least, scale, last, bucket);
        for (int64_t i = 0; i < m; i++)
            start[bucket[i] + 1]++;
    }
    for (int32_t b = 0; b < buckets; b++) {
        start[b + 1] += start[b];
        next[b] = -1;
    }
    mark_ranks(at, wanted, count);
    mark_shortest(at, n, span);
    for (int32_t b = 0; b < buckets; b++) {
        const int32_t held = start[b + 1] - start[b];
        if (next[b] >= 0 && held > 4096 && held > n / 64)
            return 1;
    }
    for (int64_t from = 0; from < n; from += CHUNK) {
        const int64_t m = n - from < CHUNK ? n - from : CHUNK;
        buckets_of(row + from, m, least, scale, last, bucket);
        int64_t kept = 0; /* no branch on what is as good as a toss */
        for (int64_t i = 0; i < m; i++) {
            which[kept] = (int32_t)i;
            kept += next[bucket[i]] >= 0;
        }
        for (int64_t i = 0; i < kept; i++)
            out[next[bucket[which[i]]]++] = row[from + which[i]];
    }
    for (int32_t b = 0; b < buckets; b++)
        if (next[b] >= 0)
            sort_few(out + start[b], start[b + 1] - start[b]);
    return 0;
}

/* Rank, the lowest, at which a shortest interval begins. */
INLINE int64_t shortest(const layout *at, const double *ordered, int64_t n, int64_t span)
{
    int64_t first = at->start[at->tried[0]];
    for (int32_t k = 0; k < at->count; k++) {
        const int64_t begin = at->start[at->tried[k]], end = at->start[at->tried[k] + 1];
        for (int64_t i = begin; i < end && i < n - span; i++)
            if (ordered[i + span] - ordered[i] < ordered[first + span] - ordered[first])
                first = i;
    }
    return first;
}

enum { ENDS = 2, MARKED = 3 }; /* of an interval; these and the median */

/* Draws at or below each of some marks in each of `parts` parts of n draws. */
INLINE void count_below(const double *row, int64_t parts, int64_t n, const double *mark,
                        double *out)
{
    for (int64_t p = 0; p < parts; p++, row += n, out += MARKED)
        for (int k = 0; k < MARKED; k++) {
            const double most = mark[k];
            marks under = {0}; /* marks are -1 */
            int64_t start = 0, below = 0;
            for (; start + LANES <= n; start += LANES)
                under -= *(const lanes *)(row + start) <= most;
            for (int i = 0; i < LANES; i++)
                below += under[i];
            for (; start < n; start++)
                below += row[start] <= most;
            out[k] = (double)below;
        }
}

/* Reads `rows` rows of n draws by rank.
 *
 * ends: (rows, 2) least and largest draw. wanted: the `count` ranks that are read or
 * looked at, rising, each once. alone: the `singles` of them whose draws are read.
 * out: (rows, singles + ENDS), these draws, then the ends of the first of the shortest
 * intervals whose ranks lie `span` apart. With more parts than one: below: (rows, parts,
 * MARKED), draws of each part at or below those that `out` holds from `marked` on.
 * place: room for 3 (buckets + 1); room: for n.
 * Returns how many rows are read: all before one for which this does not pay. */
WIDE API int64_t potline_ranked(const double *row, int64_t rows, int64_t stride,
                                int64_t n, const double *ends, const int64_t *wanted,
                                int64_t count, const int64_t *alone, int64_t singles,
                                int64_t span, int64_t buckets, int32_t *place,
                                double *room, double *out, int64_t parts,
                                int64_t marked, double *below)
{
    const int64_t width = singles + ENDS, each = parts * MARKED;
    layout at = {(int32_t)buckets, place, place + buckets + 1, place + 2 * buckets + 2, 0};
    for (int64_t r = 0; r < rows; r++, row += stride, ends += 2, out += width) {
        if (ends[0] == ends[1]) { /* all draws are one */
            for (int64_t i = 0; i < width; i++)
                out[i] = row[0];
            for (int64_t i = 0; parts > 1 && i < each; i++)
                *below++ = (double)(n / parts);
            continue;
        }
        if (put_in_order(row, n, ends[0], ends[1], wanted, count, span, &at, room))
            return r;
        for (int64_t i = 0; i < singles; i++)
            out[i] = room[alone[i]];
        const int64_t first = shortest(&at, room, n, span);
        out[singles] = room[first];
        out[singles + 1] = room[first + span];
        if (parts == 1)
            continue;
        count_below(row, parts, n / parts, out + marked, below);
        below += each;
    }
    return rows;
}

/* ---- counts ---- */

/* Counts draws of rows, from draw `begin` on in their order, by their leading bits:
 * sign, exponent and BINS digits. An octave's counts stand at the place that `place`
 * (rows, OCTAVES) names; one that has none yet takes the next and leaves its number in
 * `keys`. Returns how many draws are counted: fewer than all if there is no room. */
WIDE API int64_t potline_count(const double *row, int64_t rows, int64_t stride,
                               int64_t n, int64_t shift, int64_t begin, int32_t *place,
                               int64_t *used, int64_t room, int32_t *keys,
                               int32_t *counts)
{
    const int digits = (int)(52 - shift), octaves = 1 << 12;
    int32_t bin[CHUNK], octave[CHUNK];
    int64_t r = begin / n, start = begin % n;
    for (; r < rows; r++, start = 0)
        for (; start < n; start += CHUNK) {
            const int64_t m = n - start < CHUNK ? n - start : CHUNK;
            const double *x = row + r * stride + start;
            for (int64_t i = 0; i < m; i++) {
                double value = x[i] + 0.0; /* -0.0 is 0.0 */
                int64_t bits;
                memcpy(&bits, &value, sizeof bits);
                int32_t size = (int32_t)((bits & INT64_MAX) >> shift);
                int32_t number = bits < 0 ? -1 - size : size;
                octave[i] = (number >> digits) + octaves / 2;
                bin[i] = number & ((1 << digits) - 1);
            }
            int32_t *places = place + r * octaves;
            for (int64_t i = 0; i < m; i++) {
                int32_t at = places[octave[i]];
                if (at < 0) {
                    if (*used == room)
                        return r * n + start + i;
                    keys[*used] = (int32_t)(r * octaves + octave[i]);
                    at = places[octave[i]] = (int32_t)(*used)++;
                }
                counts[((int64_t)at << digits) + bin[i]]++;
            }
        }
    return rows * n;
}
