"""Writes optimizers.safetensors: parameters after four steps along given gradients, by Keras, Optax or plain NumPy;
schedules; and what clipping, decay, accumulation, averages and constraints of Keras do in a small training."""
from reference import Family, jax, keras, np  # first: it chooses what Keras runs on

import optax
from keras import optimizers
from keras.optimizers import schedules

family = Family("optimizers", 33)
shapes = {"matrix": (2, 3), "vector": (3,)}
starts = {name: family.normal(*shape) for name, shape in shapes.items()}
gradients = {name: [family.normal(*shape) for _ in range(4)] for name, shape in shapes.items()}
for name in shapes:
    family.add("start", **{name: starts[name]})
    family.add("gradients", **{name: np.stack(gradients[name])})


def keras_row(name, optimizer):
    variables = {key: keras.Variable(start, dtype="float64") for key, start in starts.items()}
    for step in range(4):
        optimizer.apply_gradients([(gradients[key][step], variables[key]) for key in shapes])
    family.add(name, **{key: np.asarray(variable.value) for key, variable in variables.items()})


def optax_row(name, transform):
    for key, start in starts.items():
        p, state = jax.numpy.asarray(start), transform.init(jax.numpy.asarray(start))
        for gradient in gradients[key]:
            updates, state = transform.update(jax.numpy.asarray(gradient), state, p)
            p = optax.apply_updates(p, updates)
        family.add(name, **{key: np.asarray(p)})


optax_row("sgd", optax.sgd(0.1))
optax_row("momentum", optax.sgd(0.1, momentum=0.9))
optax_row("nesterov", optax.sgd(0.1, momentum=0.9, nesterov=True))
optax_row("adam", optax.adam(0.1))
optax_row("adamW", optax.adamw(0.1, weight_decay=0.1))
keras_row("amsgrad", optimizers.Adam(0.1, amsgrad=True, epsilon=1e-30))
optax_row("nadam", optax.nadam(0.1))
keras_row("adamax", optimizers.Adamax(0.1))
optax_row("lion", optax.lion(0.1, weight_decay=0.1))
optax_row("lamb", optax.lamb(0.1, weight_decay=0.1))
keras_row("adagrad", optimizers.Adagrad(0.1))
keras_row("adadelta", optimizers.Adadelta(1.0, rho=0.95, epsilon=1e-6))
keras_row("rmsprop", optimizers.RMSprop(0.1))
optax_row("rmsprop momentum", optax.rmsprop(0.1, decay=0.9, eps=1e-7, momentum=0.8))
optax_row("rmsprop centered", optax.rmsprop(0.1, decay=0.9, eps=1e-7, centered=True, momentum=0.8))
keras_row("rmsprop centered plain", optimizers.RMSprop(0.1, centered=True))
keras_row("adafactor", optimizers.Adafactor(0.1))
keras_row("ftrl", optimizers.Ftrl(0.1, l1_regularization_strength=0.02, l2_regularization_strength=0.03,
                                  l2_shrinkage_regularization_strength=0.01))
keras_row("ftrl power", optimizers.Ftrl(0.1, learning_rate_power=-0.4, beta=0.5))

steps = np.array([0, 1, 2, 5, 9, 10, 11, 19, 20, 29, 30, 31, 45, 60, 69, 70, 99, 100, 150])


def schedule(name, function):
    family.add(f"schedule {name}", rates=[float(function(int(step))) for step in steps])


family.add("schedule", steps=steps)
schedule("step", schedules.ExponentialDecay(0.1, 10, 0.5, staircase=True))
schedule("exponential", schedules.ExponentialDecay(0.1, 10, 0.5))
schedule("inverseTime", schedules.InverseTimeDecay(0.1, 10, 0.5))
schedule("polynomial", schedules.PolynomialDecay(0.1, 100, end_learning_rate=0.01, power=2))
schedule("linear", schedules.PolynomialDecay(0.1, 30, end_learning_rate=0))
schedule("cosine", schedules.CosineDecay(0.1, 100, alpha=0.1))
schedule("cosine warmed up", schedules.CosineDecay(0.0, 100, alpha=0.1, warmup_target=0.1, warmup_steps=10))
schedule("cosineRestarts", schedules.CosineDecayRestarts(0.1, 10, t_mul=2, m_mul=0.8, alpha=0.1))
schedule("cosineRestarts even", schedules.CosineDecayRestarts(0.1, 10, t_mul=1, m_mul=1))
schedule("piecewise", optax.piecewise_constant_schedule(0.1, {10: 0.5, 30: 0.1}))
schedule("oneCycle", optax.cosine_onecycle_schedule(100, 0.1, pct_start=0.3, div_factor=25, final_div_factor=1e4))
schedule("inverseSquareRoot", lambda t: 0.1 * (20 / max(t + 1, 20)) ** 0.5)

# y = x · (weight + bias), loss Σ y of one example: the gradient of both is x.
inputs = np.array([[3.0, -1.0, 0.5], [0.1, 0.2, -4.0], [1.0, 1.0, 1.0], [-2.0, 0.3, 0.6]])
family.add("training", inputs=inputs, weight=[1.0, -2.0, 0.5], bias=[0.5, 0.25, -1.0])


def training(name, optimizer, constraint=None, exclude=None, frozen=()):
    weight = keras.Variable([1.0, -2.0, 0.5], dtype="float64", name="weight")
    bias = keras.Variable([0.5, 0.25, -1.0], dtype="float64", name="bias")
    if exclude:
        optimizer.exclude_from_weight_decay(var_names=[exclude])
    trained = [v for v in (weight, bias) if v.name not in frozen]
    if constraint:
        weight.constraint = constraint
    for x in inputs:
        optimizer.apply_gradients([(x, v) for v in trained])
    family.add(f"training {name}", weight=np.asarray(weight.value), bias=np.asarray(bias.value))


training("value", optimizers.SGD(0.1, clipvalue=0.7))
training("norm", optimizers.SGD(0.1, clipnorm=1.5))
training("global norm", optimizers.SGD(0.1, global_clipnorm=2.0))
training("decay", optimizers.SGD(0.1, weight_decay=0.2), exclude="bias")
training("accumulation", optimizers.SGD(0.1, momentum=0.9, gradient_accumulation_steps=2))
training("frozen", optimizers.SGD(0.1), frozen=("bias",))
training("max norm", optimizers.SGD(0.1), constraint=keras.constraints.MaxNorm(1.5))
training("unit norm", optimizers.SGD(0.1), constraint=keras.constraints.UnitNorm())
training("norm range", optimizers.SGD(0.1), constraint=keras.constraints.MinMaxNorm(0.5, 1.0, rate=0.5))
training("non-negative", optimizers.SGD(0.1), constraint=keras.constraints.NonNeg())

# Keras lets schedules count batches; Optax, as here, updates.
multi = optax.MultiSteps(optax.sgd(optax.exponential_decay(0.1, 1, 0.5)), 2)
p = {"weight": jax.numpy.array([1.0, -2.0, 0.5]), "bias": jax.numpy.array([0.5, 0.25, -1.0])}
state = multi.init(p)
for x in inputs:
    updates, state = multi.update({"weight": jax.numpy.asarray(x), "bias": jax.numpy.asarray(x)}, state, p)
    p = optax.apply_updates(p, updates)
family.add("training accumulation scheduled", **p)

# Keras lets averages begin with the first update; here they begin with the first weights.
p = np.array([[1.0, -2.0, 0.5], [0.5, 0.25, -1.0]])
average = p
for x in inputs:
    p = p - 0.1 * x
    average = 0.8 * average + 0.2 * p
family.add("training averages", weight=p[0], bias=p[1], average_weight=average[0], average_bias=average[1])

p = family.normal(4, 3)
family.add("regularizers", parameter=p, l1=keras.regularizers.L1(0.1)(p), l2=keras.regularizers.L2(0.1)(p),
           l1l2=keras.regularizers.L1L2(0.1, 0.2)(p))
norm = p / np.linalg.norm(p, axis=0)
products = norm.T @ norm
family.add("regularizers", orthogonal=0.1 * ((products - np.diag(np.diag(products))) ** 2).sum())
family.write()
