"""Writes layers.safetensors: what Keras' layers (or, where it has none, plain NumPy) give for random weights.

A row is COMPONENT/input, COMPONENT/output, and a tensor "COMPONENT/parameter PATH" for each weight, in the layout that the
layer of that path has here.
"""
from reference import Family, jax, keras, np  # first: it chooses what Keras runs on

from keras import layers

family = Family("layers", 35)


def same(x):
    return x


def row(name, layer, x, paths=(), extra=None, **call):
    """`paths` are the weights in Keras' order: a path, or (path, how to rearrange)."""
    x = np.asarray(x)
    layer(x, **call)
    values = []
    for weight in layer.weights:
        if "seed" in weight.path:
            continue
        scale = 0.5 + family.rng.uniform(size=weight.shape) if "variance" in weight.path else None
        value = np.round(family.rng.normal(0, 0.5, weight.shape) if scale is None else scale, 3)
        weight.assign(value)
        values.append(value)
    tensors = {"input": x, "output": layer(x, **call)}
    for path, value in zip(paths, values, strict=True):
        path, change = (path, same) if isinstance(path, str) else path
        for part, to in ((path, change),) if isinstance(path, str) else zip(path, change):
            tensors[f"parameter {part}"] = to(value)
    family.add(name, **tensors)
    return layer


line, image, volume = family.normal(2, 9, 4), family.normal(2, 5, 4, 4), family.normal(1, 4, 3, 4, 2)
first = np.moveaxis(image, -1, 1)
weights = ["weight", "bias"]
row("Dense", layers.Dense(3, activation="tanh"), family.normal(4, 5), weights)
row("Conv1D", layers.Conv1D(5, 3), line, weights)
row("Conv1D causal", layers.Conv1D(5, 3, padding="causal", dilation_rate=2), line, weights)
row("Conv2D", layers.Conv2D(5, (3, 2), strides=(2, 1), activation="silu"), image, weights)
row("Conv2D same", layers.Conv2D(3, 4, strides=2, padding="same"), image, weights)
row("Conv2D dilated", layers.Conv2D(3, 3, dilation_rate=(2, 1), use_bias=False), image, ["weight"])
row("Conv2D grouped", layers.Conv2D(6, 3, groups=2, padding="same"), image, weights)
row("Conv2D first", layers.Conv2D(5, 3, data_format="channels_first"), first,
    [("weight", lambda w: w.transpose(3, 2, 0, 1)), "bias"])
row("Conv3D", layers.Conv3D(3, (2, 3, 2)), volume, weights)
def flat_channels(w): return w.reshape(*w.shape[:-2], 1, -1)
row("DepthwiseConv1D", layers.DepthwiseConv1D(3, depth_multiplier=2), line, [("weight", flat_channels), "bias"])
row("DepthwiseConv2D", layers.DepthwiseConv2D(3, depth_multiplier=2, padding="same"), image,
    [("weight", flat_channels), "bias"])
separable = [("depthwise/weight", flat_channels), "pointwise/weight", "pointwise/bias"]
row("SeparableConv1D", layers.SeparableConv1D(5, 3), line, separable)
row("SeparableConv2D", layers.SeparableConv2D(5, 3, strides=2, depth_multiplier=2), image, separable)
row("ConvTranspose1D", layers.Conv1DTranspose(3, 4, strides=2), line, weights)
row("ConvTranspose2D", layers.Conv2DTranspose(3, (3, 2), strides=(2, 3)), image, weights)
row("ConvTranspose2D same", layers.Conv2DTranspose(3, 4, strides=2, padding="same", activation="tanh"), image, weights)
row("ConvTranspose3D", layers.Conv3DTranspose(2, 3, strides=2, padding="same"), volume, weights)

for name, kind in [("Max", layers.MaxPooling1D), ("Average", layers.AveragePooling1D)]:
    row(f"{name}Pool1D", kind(3, strides=2), line)
    row(f"{name}Pool1D same", kind(4, strides=2, padding="same"), line)
for name, kind in [("Max", layers.MaxPooling2D), ("Average", layers.AveragePooling2D)]:
    row(f"{name}Pool2D", kind(2), image)
    row(f"{name}Pool2D same", kind((3, 2), strides=2, padding="same"), image)
for name, kind in [("Max", layers.MaxPooling3D), ("Average", layers.AveragePooling3D)]:
    row(f"{name}Pool3D", kind(2), volume)
row("GlobalMaxPool", layers.GlobalMaxPooling2D(), image)
row("GlobalAveragePool", layers.GlobalAveragePooling3D(keepdims=True), volume)
row("GlobalAveragePool first", layers.GlobalAveragePooling2D(data_format="channels_first"), first)

row("Flatten", layers.Flatten(), image)
row("Reshape", layers.Reshape((3, 12)), line)
row("Permute", layers.Permute((3, 1, 2)), image)
row("RepeatVector", layers.RepeatVector(3), family.normal(2, 4))
row("ZeroPadding1D", layers.ZeroPadding1D((1, 2)), line)
row("ZeroPadding2D", layers.ZeroPadding2D((2, 1)), image)
row("ZeroPadding3D", layers.ZeroPadding3D(1), volume)
row("Cropping1D", layers.Cropping1D((1, 2)), line)
row("Cropping2D", layers.Cropping2D((2, 1)), image)
row("Cropping3D", layers.Cropping3D(1), volume)
row("UpSampling1D", layers.UpSampling1D(3), line)
row("UpSampling2D", layers.UpSampling2D((2, 3)), image)
row("UpSampling3D", layers.UpSampling3D(2), volume)

row("BatchNorm", layers.BatchNormalization(), image, ["scale", "offset", "runningMean", "runningVariance"])
batch = layers.BatchNormalization(momentum=0.9, axis=1)
row("BatchNorm first", batch, first, ["scale", "offset", "runningMean", "runningVariance"])
family.add("BatchNorm first", trained=batch(first, training=True))
family.add("BatchNorm first", mean=np.asarray(batch.moving_mean.value), variance=np.asarray(batch.moving_variance.value))
row("LayerNorm", layers.LayerNormalization(epsilon=1e-5), line, ["scale", "offset"])
row("LayerNorm of two axes", layers.LayerNormalization(axis=[1, 2], epsilon=1e-5), line, ["scale", "offset"])
row("RMSNorm", layers.RMSNormalization(epsilon=1e-6), line, ["scale"])
row("GroupNorm", layers.GroupNormalization(groups=2), image, ["scale", "offset"])
row("Embedding", layers.Embedding(7, 3), family.rng.integers(0, 7, (2, 5)), ["table"])
row("PReLU", layers.PReLU(shared_axes=[1]), line, [("slope", lambda w: w.reshape(-1))])

recurrent = ["cell/gates/weight", "cell/gates/recurrentWeight", "cell/gates/bias"]
row("SimpleRNN", layers.SimpleRNN(3), line, recurrent)
row("SimpleRNN relu", layers.SimpleRNN(3, activation="relu", return_sequences=True), line, recurrent)
row("LSTM", layers.LSTM(3), line, recurrent)
row("LSTM sequences", layers.LSTM(3, return_sequences=True), line, recurrent)
both = (("cell/gates/bias", "cell/recurrentBias"), (lambda b: b[0], lambda b: b[1]))
row("GRU", layers.GRU(3), line, recurrent[:2] + [both])
row("GRU sequences", layers.GRU(3, return_sequences=True), line, recurrent[:2] + [both])
sides = [f"{side}/{path}" for side in ("forward", "backward") for path in recurrent]
row("Bidirectional", layers.Bidirectional(layers.LSTM(3, return_sequences=True)), line, sides)
row("Bidirectional sum", layers.Bidirectional(layers.LSTM(3), merge_mode="sum"), line, sides)
row("TimeDistributed", layers.TimeDistributed(layers.Dense(3)), line, ["layer/weight", "layer/bias"])


def columns(w): return w.reshape(w.shape[0], -1)
def rows(w): return w.reshape(-1, w.shape[-1])
def vector(b): return b.reshape(-1)
heads = [(f"{part}/{what}", change) for part in ("query", "key", "value")
         for what, change in (("weight", columns), ("bias", vector))]
heads += [("output/weight", rows), ("output/bias", vector)]


def attention(name, layer, **call):
    class SelfAttention(keras.Layer):
        def __init__(self):
            super().__init__()
            self.inner = layer

        def call(self, x, use_causal_mask=False, attention_mask=None):
            # Asked for the scores, Keras computes them itself; JAX would do it with 32-bit floats.
            return self.inner(
                x, x, use_causal_mask=use_causal_mask, attention_mask=attention_mask, return_attention_scores=True)[0]
    row(name, SelfAttention(), line, heads, **call)


attention("MultiHeadAttention", layers.MultiHeadAttention(2, 3))
attention("MultiHeadAttention causal", layers.MultiHeadAttention(2, 3), use_causal_mask=True)
mask = np.array([[1] * 9, [1] * 5 + [0] * 4])
attention("MultiHeadAttention masked", layers.MultiHeadAttention(2, 3),
          attention_mask=np.broadcast_to(mask[:, None, :], (2, 9, 9)).astype(bool))
family.add("MultiHeadAttention masked", mask=mask)
attention("MultiHeadAttention grouped", layers.GroupQueryAttention(3, 4, 2))


def rotated(x, base=10000):
    """[batch, time, heads, size] turned by halves."""
    time, size = x.shape[1], x.shape[-1]
    angle = np.arange(time)[:, None] * base ** (-2 * np.arange(size // 2) / size)
    cosine, sine = np.cos(angle)[:, None, :], np.sin(angle)[:, None, :]
    one, other = x[..., :size // 2], x[..., size // 2:]
    return np.concatenate([one * cosine - other * sine, other * cosine + one * sine], -1)


class Block:
    """Attention and feed-forward layers from plain arrays, for the transformer's rows."""

    def __init__(self, prefix, features, heads, size, units, rotary=False):
        self.heads, self.size, self.rotary, self.values = heads, size, rotary, {}
        normal = lambda *shape: family.normal(*shape, scale=0.4)
        for part in ("query", "key", "value"):
            self.put(f"attention/{part}/weight", normal(features, heads * size))
            self.put(f"attention/{part}/bias", normal(heads * size))
        self.put("attention/output/weight", normal(heads * size, features))
        self.put("attention/output/bias", normal(features))
        self.put("feedForward/expand/weight", normal(features, units))
        self.put("feedForward/expand/bias", normal(units))
        self.put("feedForward/contract/weight", normal(units, features))
        self.put("feedForward/contract/bias", normal(features))
        for part in ("attentionNorm", "feedForwardNorm"):
            self.put(f"{part}/scale", 1 + normal(features))
            self.put(f"{part}/offset", normal(features))

    def put(self, path, value):
        self.values[path] = value

    def dense(self, x, path):
        return x @ self.values[f"{path}/weight"] + self.values[f"{path}/bias"]

    def norm(self, x, path):
        centered = x - x.mean(-1, keepdims=True)
        normal = centered / np.sqrt((centered ** 2).mean(-1, keepdims=True) + 1e-5)
        return normal * self.values[f"{path}/scale"] + self.values[f"{path}/offset"]

    def attend(self, x, memory, path, causal):
        q, k, v = [self.dense(y, f"{path}/{part}").reshape(*y.shape[:2], self.heads, self.size)
                   for part, y in (("query", x), ("key", memory), ("value", memory))]
        if self.rotary:
            q, k = rotated(q), rotated(k)
        scores = np.einsum("bqhs,bkhs->bhqk", q, k) / np.sqrt(self.size)
        if causal:
            scores = np.where(np.tri(*scores.shape[2:], dtype=bool), scores, -np.inf)
        shares = np.exp(scores - scores.max(-1, keepdims=True))
        shares /= shares.sum(-1, keepdims=True)
        mixed = np.einsum("bhqk,bkhs->bqhs", shares, v)
        return self.dense(mixed.reshape(*x.shape[:2], -1), f"{path}/output")

    def feed(self, x):
        return self.dense(np.asarray(jax.nn.gelu(self.dense(x, "feedForward/expand"), approximate=False)),
                          "feedForward/contract")

    def add(self, name, x, output, **more):
        family.add(name, input=x, output=output, **{f"parameter {p}": v for p, v in self.values.items()}, **more)


block = Block("", 4, 2, 4, 6, rotary=True)
x = line + block.attend(block.norm(line, "attentionNorm"), block.norm(line, "attentionNorm"), "attention", True)
block.add("TransformerEncoder", line, x + block.feed(block.norm(x, "feedForwardNorm")))
block = Block("", 4, 2, 3, 6)
x = block.norm(line + block.attend(line, line, "attention", False), "attentionNorm")
block.add("TransformerEncoder after", line, block.norm(x + block.feed(x), "feedForwardNorm"))

block, memory = Block("", 4, 2, 3, 6), family.normal(2, 5, 3)
for part, inputs in (("query", 4), ("key", 3), ("value", 3)):
    block.put(f"memoryAttention/{part}/weight", family.normal(inputs, 6, scale=0.4))
    block.put(f"memoryAttention/{part}/bias", family.normal(6, scale=0.4))
block.put("memoryAttention/output/weight", family.normal(6, 4, scale=0.4))
block.put("memoryAttention/output/bias", family.normal(4, scale=0.4))
block.put("memoryNorm/scale", 1 + family.normal(4, scale=0.4))
block.put("memoryNorm/offset", family.normal(4, scale=0.4))
x = line + block.attend(block.norm(line, "attentionNorm"), block.norm(line, "attentionNorm"), "attention", True)
x = x + block.attend(block.norm(x, "memoryNorm"), memory, "memoryAttention", False)
block.add("TransformerDecoder", line, x + block.feed(block.norm(x, "feedForwardNorm")), memory=memory)

points = np.concatenate([np.linspace(-7, 7, 36), [-3.01, -1.02, 0.03, 1.01, 2.99, 6.02]]).round(3) + 0.0007
points = points.reshape(6, 7)
nn, act = jax.nn, keras.activations
for name, function in {
    "identity": lambda x: x, "relu": nn.relu, "gelu": lambda x: nn.gelu(x, approximate=False),
    "geluTanh": lambda x: nn.gelu(x, approximate=True), "silu": nn.silu, "tanh": np.tanh, "sigmoid": nn.sigmoid,
    "softmax": nn.softmax, "logSoftmax": nn.log_softmax, "exponential": np.exp,
    "leakyRelu": lambda x: nn.leaky_relu(x, 0.01), "elu": nn.elu, "celu": lambda x: nn.celu(x, 2.0), "selu": nn.selu,
    "mish": nn.mish, "softplus": nn.softplus, "softsign": nn.soft_sign, "relu6": nn.relu6,
    "hardSigmoid": nn.hard_sigmoid, "hardSwish": nn.hard_silu, "hardTanh": nn.hard_tanh,
    "tanhShrink": act.tanh_shrink, "logSigmoid": nn.log_sigmoid,
}.items():
    family.add(f"activation {name}", input=points, output=np.asarray(function(points)))
family.write()
