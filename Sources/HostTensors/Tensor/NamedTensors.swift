import OrderedCollections

/// Host tensors by name, in order.
public typealias NamedTensors = OrderedDictionary<String, HostTensor>
