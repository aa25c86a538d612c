"""Computes the numbers that OpTests/KnownValueTests.swift expects, with NumPy and SciPy in float64.

    python3 make_reference.py        # writes reference.safetensors beside this file

Tensors are named CASE/operandN and CASE/resultN. Convolution and pooling are written as plain loops over their definitions.
"""
import itertools, json, os, struct
import numpy as np
from scipy import special

rng = np.random.default_rng(7)
tensors = {}


def case(name, operands, results):
    for at, operand in enumerate(operands):
        tensors[f"{name}/operand{at}"] = np.asarray(operand)
    for at, result in enumerate(results):
        tensors[f"{name}/result{at}"] = np.asarray(result)


def unary():
    special_values = [0.0, -0.0, np.inf, -np.inf, np.nan]
    x = np.concatenate([rng.normal(size=20) * 3, [0.5, 1.5, 2.5, -0.5, -1.5, 1e-10, -1e-10, 700.0, -745.0], special_values])
    with np.errstate(all="ignore"):
        for name, function in {
            "neg": np.negative, "abs": np.abs, "exp": np.exp, "log": np.log, "log1p": np.log1p, "expm1": np.expm1,
            "sqrt": np.sqrt, "rsqrt": lambda x: 1 / np.sqrt(x), "tanh": np.tanh, "logistic": special.expit,
            "erf": special.erf, "floor": np.floor, "ceil": np.ceil, "round": np.round, "isFinite": np.isfinite,
            "sin": np.sin, "cos": np.cos, "sign": np.sign, "relu": lambda x: np.maximum(x, 0),
            "silu": lambda x: x * special.expit(x),
        }.items():
            case(name, [x], [function(x)])
        case("gelu", [x[:20]], [x[:20] * special.ndtr(x[:20])])


def binary():
    x = np.concatenate([rng.normal(size=12) * 3, [np.nan, 1.0, np.nan, np.inf, 5.0, 0.0]])
    y = np.concatenate([rng.normal(size=12) * 2, [1.0, np.nan, np.nan, 2.0, 0.0, 0.0]])
    with np.errstate(all="ignore"):
        for name, function in {
            "add": np.add, "sub": np.subtract, "mul": np.multiply, "div": np.divide, "pow": np.power,
            "max": np.maximum, "min": np.minimum, "rem": np.fmod,
        }.items():
            case(name, [x, y], [function(x, y)])
    a = np.array([2**31 - 1, -(2**31), -7, 7, -7, 5, 6], np.int32)
    b = np.array([1, -1, 2, -2, -2, 3, 7], np.int32)
    with np.errstate(all="ignore"):
        case("addI32", [a, b], [a + b])
        case("mulI32", [a, b], [a * b])
        case("divI32", [a[2:], b[2:]], [np.trunc(a[2:] / b[2:]).astype(np.int32)])
        case("remI32", [a[2:], b[2:]], [np.fmod(a[2:], b[2:])])
        case("shiftRightI32", [a, np.full(7, 3, np.int32)], [a >> 3])


def contraction():
    x, y = rng.normal(size=(2, 3, 4, 5)), rng.normal(size=(5, 2, 6, 3))
    case("dot", [x, y], [np.einsum("abcd,daeb->ace", x, y)])
    x, w, b = rng.normal(size=(2, 3, 4)), rng.normal(size=(4, 5)), rng.normal(size=5)
    case("dense", [x, w, b], [x @ w + b])


def conv(x, k, strides, padding, input_dilation, kernel_dilation, groups):
    """x [N, H, W, C], k [H, W, C/groups, O]."""
    n, h, w, c = x.shape
    spread = np.zeros((n, (h - 1) * input_dilation[0] + 1, (w - 1) * input_dilation[1] + 1, c))
    spread[:, :: input_dilation[0], :: input_dilation[1]] = x
    padded = np.pad(spread, [(0, 0), padding[0], padding[1], (0, 0)])
    kh, kw, per_group, o = k.shape
    rows = (padded.shape[1] - (kh - 1) * kernel_dilation[0] - 1) // strides[0] + 1
    columns = (padded.shape[2] - (kw - 1) * kernel_dilation[1] - 1) // strides[1] + 1
    result = np.zeros((n, rows, columns, o))
    for i, j, p, q, out in itertools.product(range(rows), range(columns), range(kh), range(kw), range(o)):
        first = out // (o // groups) * per_group
        patch = padded[:, i * strides[0] + p * kernel_dilation[0], j * strides[1] + q * kernel_dilation[1]]
        result[:, i, j, out] += patch[:, first : first + per_group] @ k[p, q, :, out]
    return result


def convolutions():
    x, k = rng.normal(size=(2, 7, 8, 3)), rng.normal(size=(3, 2, 3, 4))
    result = conv(x, k, (2, 1), ((1, 2), (0, 1)), (1, 1), (1, 2), 1)
    case("convNHWC", [x, k], [result])
    case("convNCHW", [x.transpose(0, 3, 1, 2), k.transpose(3, 2, 0, 1)], [result.transpose(0, 3, 1, 2)])
    x, k = rng.normal(size=(1, 5, 4, 4)), rng.normal(size=(2, 3, 2, 6))
    case("convGroups", [x, k], [conv(x, k, (1, 2), ((0, 1), (2, 2)), (2, 3), (2, 1), 2)])


def windows(x, window, strides, padding, combine, neutral):
    """x [N, H, W, C]."""
    padded = np.pad(x, [(0, 0), padding[0], padding[1], (0, 0)], constant_values=neutral)
    rows = (padded.shape[1] - window[0]) // strides[0] + 1
    columns = (padded.shape[2] - window[1]) // strides[1] + 1
    result = np.zeros((x.shape[0], rows, columns, x.shape[3]))
    for i, j in itertools.product(range(rows), range(columns)):
        block = padded[:, i * strides[0] : i * strides[0] + window[0], j * strides[1] : j * strides[1] + window[1]]
        result[:, i, j] = combine(block, axis=(1, 2))
    return result


def pools():
    x = rng.normal(size=(2, 5, 6, 3))
    case("maxPool", [x], [windows(x, (3, 2), (2, 2), ((1, 1), (0, 0)), np.max, -np.inf)])
    case("avgPool", [x], [windows(x, (3, 2), (2, 2), ((1, 1), (0, 0)), np.nanmean, np.nan)])
    case("avgPoolWhole", [x], [windows(x, (2, 3), (2, 3), ((0, 0), (0, 0)), np.mean, 0.0)])


def losses():
    logits, labels = rng.normal(size=(4, 5)) * 3, np.array([0, 4, 2, 2], np.int32)
    logits[3, 0] = 1000.0
    case("softmax", [logits], [special.softmax(logits, axis=1)])
    case("logSoftmax", [logits], [special.log_softmax(logits, axis=1)])
    case("crossEntropy", [logits, labels], [-special.log_softmax(logits, axis=1)[np.arange(4), labels]])
    x, t = np.append(rng.normal(size=6) * 4, [300.0, -300.0]), rng.uniform(size=8)
    case("sigmoidCrossEntropy", [x, t], [-(t * special.log_expit(x) + (1 - t) * special.log_expit(-x))])


def optimizers():
    p, g, m = rng.normal(size=(3, 5))
    v, rate = rng.uniform(size=5), np.float64(0.01)
    case("sgd", [p, g, rate], [p - rate * g])
    velocity = 0.8 * m + g
    case("momentum", [p, g, m, rate], [p - rate * velocity, velocity])
    case("nesterov", [p, g, m, rate], [p - rate * (g + 0.8 * velocity), velocity])
    for step in (1, 1000):
        first, second = 0.9 * m + (1 - 0.9) * g, 0.999 * v + (1 - 0.999) * g * g
        moved = rate * (first / (1 - 0.9**step)) / (np.sqrt(second / (1 - 0.999**step)) + 1e-8)
        case(f"adam{step}", [p, g, m, v, np.int64(step), rate], [p - moved, first, second])


def write(path):
    kinds = {"float64": "F64", "int32": "I32", "int64": "I64", "bool": "BOOL"}
    header, data = {}, b""
    for name, tensor in sorted(tensors.items(), key=lambda entry: (-entry[1].itemsize, entry[0])):
        content = np.ascontiguousarray(tensor).tobytes()
        header[name] = {
            "dtype": kinds[tensor.dtype.name], "shape": list(tensor.shape), "data_offsets": [len(data), len(data) + len(content)],
        }
        data += content
    text = json.dumps(header).encode()
    text += b" " * (-len(text) % 8)
    with open(path, "wb") as file:
        file.write(struct.pack("<Q", len(text)) + text + data)


unary(), binary(), contraction(), convolutions(), pools(), losses(), optimizers()
write(os.path.join(os.path.dirname(os.path.abspath(__file__)), "reference.safetensors"))
