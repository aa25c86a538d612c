/* Mathematics of the C library, declared for targets whose headers are not there. */
#ifndef STRATA_MATH_H
#define STRATA_MATH_H

/* The compiler's float.h may have defined these two. */
#undef NAN
#undef INFINITY
#define NAN __builtin_nanf("")
#define INFINITY __builtin_inff()
#define HUGE_VAL __builtin_huge_val()
#define M_E 2.7182818284590452354
#define M_LN2 0.69314718055994530942
#define M_PI 3.14159265358979323846
#define M_SQRT2 1.41421356237309504880
#define isnan(x) __builtin_isnan(x)
#define isinf(x) __builtin_isinf(x)
#define isfinite(x) __builtin_isfinite(x)
#define signbit(x) __builtin_signbit(x)

#define STRATA_MATH_1(name) \
    double name(double);    \
    float name##f(float);
#define STRATA_MATH_2(name)      \
    double name(double, double); \
    float name##f(float, float);

STRATA_MATH_1(acos)
STRATA_MATH_1(acosh)
STRATA_MATH_1(asin)
STRATA_MATH_1(asinh)
STRATA_MATH_1(atan)
STRATA_MATH_1(atanh)
STRATA_MATH_1(cbrt)
STRATA_MATH_1(ceil)
STRATA_MATH_1(cos)
STRATA_MATH_1(cosh)
STRATA_MATH_1(erf)
STRATA_MATH_1(erfc)
STRATA_MATH_1(exp)
STRATA_MATH_1(exp2)
STRATA_MATH_1(expm1)
STRATA_MATH_1(fabs)
STRATA_MATH_1(floor)
STRATA_MATH_1(lgamma)
STRATA_MATH_1(log)
STRATA_MATH_1(log10)
STRATA_MATH_1(log1p)
STRATA_MATH_1(log2)
STRATA_MATH_1(nearbyint)
STRATA_MATH_1(rint)
STRATA_MATH_1(round)
STRATA_MATH_1(sin)
STRATA_MATH_1(sinh)
STRATA_MATH_1(sqrt)
STRATA_MATH_1(tan)
STRATA_MATH_1(tanh)
STRATA_MATH_1(tgamma)
STRATA_MATH_1(trunc)
STRATA_MATH_2(atan2)
STRATA_MATH_2(copysign)
STRATA_MATH_2(fdim)
STRATA_MATH_2(fmax)
STRATA_MATH_2(fmin)
STRATA_MATH_2(fmod)
STRATA_MATH_2(hypot)
STRATA_MATH_2(pow)
STRATA_MATH_2(remainder)

double fma(double, double, double);
float fmaf(float, float, float);
long lrint(double);
long lrintf(float);
long lround(double);
long lroundf(float);

#endif
