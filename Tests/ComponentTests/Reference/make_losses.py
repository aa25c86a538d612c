"""Writes losses.safetensors: each loss by Keras, Optax or plain NumPy loops, example by example."""
from reference import Family, jax, keras, np  # first: it chooses what Keras runs on

import optax
from keras import losses

family = Family("losses", 31)
classes = 4


def row(name, outputs, labels, values):
    family.add(name, outputs=outputs, labels=labels, values=values)


def keras_row(name, loss, outputs, labels, targets=None):
    values = loss(labels if targets is None else targets, outputs)
    row(name, outputs, labels, values)


logits = family.normal(6, classes, scale=2)
indices = family.rng.integers(0, classes, 6)
one_hot = np.eye(classes)[indices]
distributions = family.rng.dirichlet(np.ones(classes), 6)
unit = family.uniform(0, 1, 6, classes)
bits = family.rng.integers(0, 2, (6, classes)).astype(float)
signs = 2 * bits - 1

keras_row("softmaxCrossEntropy", losses.SparseCategoricalCrossentropy(from_logits=True, reduction=None), logits, indices)
keras_row("softmaxCrossEntropy smoothed",
          losses.CategoricalCrossentropy(from_logits=True, label_smoothing=0.1, reduction=None), logits, indices, one_hot)
keras_row("denseSoftmaxCrossEntropy", losses.CategoricalCrossentropy(from_logits=True, reduction=None),
          logits, distributions)
keras_row("denseSoftmaxCrossEntropy smoothed",
          losses.CategoricalCrossentropy(from_logits=True, label_smoothing=0.2, reduction=None), logits, distributions)
keras_row("sigmoidCrossEntropy", losses.BinaryCrossentropy(from_logits=True, reduction=None), logits, unit)
keras_row("sigmoidCrossEntropy smoothed",
          losses.BinaryCrossentropy(from_logits=True, label_smoothing=0.2, reduction=None), logits, bits)
log_sigmoid = lambda x: np.asarray(jax.nn.log_sigmoid(x))
row("sigmoidCrossEntropy weighted", logits, bits,
    (-3 * bits * log_sigmoid(logits) - (1 - bits) * log_sigmoid(-logits)).mean(-1))
keras_row("focal", losses.BinaryFocalCrossentropy(gamma=2, from_logits=True, reduction=None), logits, bits)
keras_row("focal balanced", losses.BinaryFocalCrossentropy(
    apply_class_balancing=True, alpha=0.25, gamma=1.5, from_logits=True, reduction=None), logits, bits)
keras_row("softmaxFocal", losses.CategoricalFocalCrossentropy(
    alpha=0.25, gamma=2, from_logits=True, reduction=None), logits, one_hot)
keras_row("hinge", losses.Hinge(reduction=None), logits, signs)
keras_row("hinge of bits", losses.Hinge(reduction=None), logits, bits)
keras_row("squaredHinge", losses.SquaredHinge(reduction=None), logits, signs)
keras_row("categoricalHinge", losses.CategoricalHinge(reduction=None), logits, one_hot)

predictions, targets = family.normal(6, 3, scale=2), family.normal(6, 3, scale=2)
positive, counts = family.uniform(0.1, 3, 6, 3), family.rng.integers(0, 5, (6, 3)).astype(float)
keras_row("meanSquaredError", losses.MeanSquaredError(reduction=None), predictions, targets)
keras_row("meanAbsoluteError", losses.MeanAbsoluteError(reduction=None), predictions, targets)
keras_row("meanAbsolutePercentageError", losses.MeanAbsolutePercentageError(reduction=None), predictions, targets)
keras_row("meanSquaredLogarithmicError", losses.MeanSquaredLogarithmicError(reduction=None), positive, counts)
keras_row("huber", losses.Huber(reduction=None), predictions, targets)
keras_row("huber wide", losses.Huber(delta=2.5, reduction=None), predictions, targets)
keras_row("logCosh", losses.LogCosh(reduction=None), predictions, targets)
keras_row("poisson", losses.Poisson(reduction=None), positive, counts)
row("logPoisson", predictions, counts, (np.exp(predictions) - counts * predictions).mean(-1))
keras_row("klDivergence", losses.KLDivergence(reduction=None), family.rng.dirichlet(np.ones(3), 6),
          family.rng.dirichlet(np.ones(3), 6))
keras_row("cosineSimilarity", losses.CosineSimilarity(reduction=None), predictions, targets)


def hardest_triplets(embeddings, labels, margin):
    values = []
    for i in range(len(labels)):
        distance = [np.linalg.norm(embeddings[i] - other) for other in embeddings]
        near = [d for d, label in zip(distance, labels) if label != labels[i]]
        far = [d for j, (d, label) in enumerate(zip(distance, labels)) if label == labels[i] and j != i]
        values.append(max(0, max(far) - min(near) + margin) if near and far else 0)
    return values


embeddings, people = family.normal(7, 3), np.array([0, 1, 0, 2, 1, 0, 3])
row("triplet", embeddings, people, hardest_triplets(embeddings, people, 0.5))
anchor, same, other = family.normal(5, 3), family.normal(5, 3), family.normal(5, 3)
family.add("tripletLoss", anchor=anchor, positive=same, negative=other, values=[
    max(0, np.linalg.norm(a - p) - np.linalg.norm(a - n) + 1) for a, p, n in zip(anchor, same, other)])

speech = family.normal(4, 6, 5)
words = np.array([[1, 2, 3], [2, 2, 0], [4, 0, 0], [1, 4, 1]])
row("ctc", speech, words, optax.ctc_loss(
    speech, np.zeros((4, 6)), words, (words == 0).astype(float)))

weights = np.array([1.0, 0.5, 0.0, 2.0, 0.0, 1.5])
for name, reduction in [("mean", "mean_with_sample_weight"), ("meanOverCount", "sum_over_batch_size"), ("sum", "sum"),
                        ("none", None)]:
    loss = losses.SparseCategoricalCrossentropy(from_logits=True, reduction=reduction)
    elements = losses.MeanAbsoluteError(reduction=reduction)
    family.add(f"reduction {name}", plain=loss(indices, logits), weighted=loss(indices, logits, sample_weight=weights),
               masked=loss(indices, logits, sample_weight=(indices != 1).astype(float)))
family.add("reduction", outputs=logits, labels=indices, weights=weights)
family.write()
