/* What a custom operation in C or C++ is given. It includes nothing, so that it serves every target. */
#ifndef STRATA_OPERATION_H
#define STRATA_OPERATION_H

typedef __INT8_TYPE__ int8_t;
typedef __INT16_TYPE__ int16_t;
typedef __INT32_TYPE__ int32_t;
typedef __INT64_TYPE__ int64_t;
typedef __UINT8_TYPE__ uint8_t;
typedef __UINT16_TYPE__ uint16_t;
typedef __UINT32_TYPE__ uint32_t;
typedef __UINT64_TYPE__ uint64_t;

/* The element types of tensors. f16 and bf16 are 16 bits, bool is a byte of 0 or 1. */
enum {
    STRATA_F64 = 0,
    STRATA_F32 = 1,
    STRATA_F16 = 2,
    STRATA_BF16 = 3,
    STRATA_I64 = 4,
    STRATA_I32 = 5,
    STRATA_I16 = 6,
    STRATA_I8 = 7,
    STRATA_U64 = 8,
    STRATA_U32 = 9,
    STRATA_U16 = 10,
    STRATA_U8 = 11,
    STRATA_BOOL = 12
};

/* A tensor: its elements in row-major order, without gaps. */
typedef struct strata_tensor {
    void *data;           /* The elements; those of operands must not be written. */
    const int64_t *shape; /* The size of each axis, outermost first. */
    int32_t rank;         /* The number of axes. */
    int32_t dtype;        /* One of STRATA_F64 to STRATA_BOOL. */
} strata_tensor;

/* Begins the definition of an operation's function:

       #include <strata_operation.h>

       STRATA_OPERATION(twice) {
           const float *x = operands[0].data;
           float *y = results[0].data;
           int64_t row = strata_row_count(operands[0]);
           for (int64_t i = begin * row; i < end * row; i++) y[i] = 2 * x[i];
       }

   `operands` and `results` are in the order of the registration. The function makes the elements begin to end - 1 along the first axis of
   every result. Where the operation is divided by rows it is called for parts of the axis, by several threads at once; else once, for
   all of it (0 to 1 where the first result has no axis). What it makes must depend on the operands alone. */
#define STRATA_OPERATION(name)                                                                     \
    STRATA_OPERATION_LINKAGE void name(                                                            \
        const strata_tensor *operands, const strata_tensor *results, int64_t begin, int64_t end);  \
    STRATA_OPERATION_LINKAGE void name(                                                            \
        const strata_tensor *operands, const strata_tensor *results, int64_t begin, int64_t end)

#ifdef __cplusplus
#define STRATA_OPERATION_LINKAGE extern "C" __attribute__((visibility("default")))
#else
#define STRATA_OPERATION_LINKAGE __attribute__((visibility("default")))
#endif

/* The number of elements of a tensor for each index along its first axis; 1 for a tensor without axes. */
static inline int64_t strata_row_count(strata_tensor tensor) {
    int64_t count = 1;
    for (int32_t axis = 1; axis < tensor.rank; axis++) count *= tensor.shape[axis];
    return count;
}

/* The number of all elements of a tensor. */
static inline int64_t strata_count(strata_tensor tensor) {
    int64_t count = 1;
    for (int32_t axis = 0; axis < tensor.rank; axis++) count *= tensor.shape[axis];
    return count;
}

#endif
