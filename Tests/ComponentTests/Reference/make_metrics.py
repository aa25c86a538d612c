"""Writes metrics.safetensors: each metric by scikit-learn or Keras over all examples, with and without weights."""
from reference import Family, jax, keras, np  # first: it chooses what Keras runs on

from sklearn import metrics

family = Family("metrics", 32)


def data(name, outputs, labels):
    weights = family.uniform(0, 2, len(labels))
    weights[::5] = 0
    family.add(f"data {name}", outputs=outputs, labels=labels, weights=weights)
    return outputs, labels, weights


def row(name, figure, weights):
    family.add(name, plain=figure(None), weighted=figure(weights))


scores, classes, w = data("classes", family.normal(30, 4), family.rng.integers(0, 4, 30))
choice = scores.argmax(-1)
row("accuracy", lambda w: metrics.accuracy_score(classes, choice, sample_weight=w), w)
row("topK", lambda w: metrics.top_k_accuracy_score(classes, scores, k=2, sample_weight=w), w)
row("confusionMatrix", lambda w: metrics.confusion_matrix(classes, choice, sample_weight=w).astype(float), w)
macro = dict(average="macro", zero_division=0)
row("macroF1", lambda w: metrics.f1_score(classes, choice, sample_weight=w, **macro), w)
row("macroPrecision", lambda w: metrics.precision_score(classes, choice, sample_weight=w, **macro), w)
row("macroRecall", lambda w: metrics.recall_score(classes, choice, sample_weight=w, **macro), w)
row("meanIntersectionOverUnion", lambda w: metrics.jaccard_score(classes, choice, sample_weight=w, **macro), w)
row("loss", lambda w: metrics.log_loss(classes, np.asarray(jax.nn.softmax(scores)), sample_weight=w), w)
row("perplexity", lambda w: np.exp(metrics.log_loss(classes, np.asarray(jax.nn.softmax(scores)), sample_weight=w)), w)

scores, targets, w = data("distributions", family.normal(30, 4), family.rng.dirichlet(np.ones(4), 30))
row("categoricalAccuracy", lambda w: metrics.accuracy_score(targets.argmax(-1), scores.argmax(-1), sample_weight=w), w)

logits, bits, w = data("bits", family.normal(80, scale=2), (family.rng.uniform(size=80) < 0.4).astype(float))
logits += bits  # some skill
family.add("data bits", outputs=logits, labels=bits, weights=w)
says, p = logits > 0, 1 / (1 + np.exp(-logits))
row("binaryAccuracy", lambda w: metrics.accuracy_score(bits, says, sample_weight=w), w)
row("precision", lambda w: metrics.precision_score(bits, says, sample_weight=w), w)
row("recall", lambda w: metrics.recall_score(bits, says, sample_weight=w), w)
row("recall at 0.7", lambda w: metrics.recall_score(bits, p > 0.7, sample_weight=w), w)
row("f1", lambda w: metrics.f1_score(bits, says, sample_weight=w), w)
row("fBeta", lambda w: metrics.fbeta_score(bits, says, beta=2, sample_weight=w), w)
row("accuracyBaseline", lambda w: max(np.average(bits, weights=w), 1 - np.average(bits, weights=w)), w)
row("meanLabel", lambda w: np.average(bits, weights=w), w)
row("meanPrediction", lambda w: np.average(p, weights=w), w)


def area(curve):
    def figure(w):
        auc = keras.metrics.AUC(num_thresholds=200, curve=curve)
        auc.update_state(bits, p, sample_weight=w)
        return auc.result()
    return figure


row("auc", area("ROC"), w)
row("auc precision recall", area("PR"), w)

predictions, values, w = data("values", family.normal(40), family.normal(40, scale=2) + 7)
predictions += values
family.add("data values", outputs=predictions, labels=values, weights=w)
row("meanSquaredError", lambda w: metrics.mean_squared_error(values, predictions, sample_weight=w), w)
row("rootMeanSquaredError", lambda w: metrics.root_mean_squared_error(values, predictions, sample_weight=w), w)
row("meanAbsoluteError", lambda w: metrics.mean_absolute_error(values, predictions, sample_weight=w), w)
row("r2", lambda w: metrics.r2_score(values, predictions, sample_weight=w), w)
row("meanOutput", lambda w: np.average(predictions, weights=w), w)
row("sum", lambda w: np.sum(predictions * (1 if w is None else w)), w)
row("mean of huber", lambda w: np.average(np.asarray(keras.losses.Huber(reduction=None)(
    values[:, None], predictions[:, None])), weights=w), w)

vectors, others, w = data("vectors", family.normal(20, 3), family.normal(20, 3))
row("cosineSimilarity", lambda w: np.average(
    [metrics.pairwise.cosine_similarity([a], [b])[0, 0] for a, b in zip(vectors, others)], weights=w), w)
family.write()
