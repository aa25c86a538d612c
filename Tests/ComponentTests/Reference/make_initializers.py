"""Writes initializers.safetensors: mean, deviation and range of what Keras draws; orthogonal and identity exactly."""
from reference import Family, keras, np  # first: it chooses what Keras runs on

from keras import initializers

family = Family("initializers", 34)
shape = (300, 200)


def row(name, initializer):
    values = np.asarray(initializer(shape))
    family.add(name, mean=values.mean(), deviation=values.std(), low=values.min(), high=values.max())


row("zeros", initializers.Zeros())
row("ones", initializers.Ones())
row("constant", initializers.Constant(2.5))
row("uniform", initializers.RandomUniform(-0.3, 0.1, seed=1))
row("normal", initializers.RandomNormal(0.5, 0.2, seed=1))
row("truncatedNormal", initializers.TruncatedNormal(0.5, 0.2, seed=1))
for name in ["Glorot", "He", "Lecun"]:
    row(f"{name.lower()}Uniform", getattr(initializers, f"{name}Uniform")(seed=1))
    row(f"{name.lower()}Normal", getattr(initializers, f"{name}Normal")(seed=1))
row("varianceScaling", initializers.VarianceScaling(seed=1))
row("varianceScaling output", initializers.VarianceScaling(3, "fan_out", "uniform", seed=1))
row("varianceScaling average", initializers.VarianceScaling(0.5, "fan_avg", "untruncated_normal", seed=1))
family.add("identity", values=np.asarray(initializers.Identity(2)((3, 4))))
orthogonal = np.asarray(initializers.Orthogonal(1.5, seed=1)((60, 40)))
family.add("orthogonal", products=orthogonal.T @ orthogonal, deviation=orthogonal.std())
family.write()
