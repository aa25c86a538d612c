import HostTensors

/// Writes small ONNX models, field by field, for tests.
struct ModelBytes {
    private var graph = ProtobufWriter()
    private var functions: [[UInt8]] = []
    private var opset: UInt64

    init(opset: UInt64 = 17) { self.opset = opset }

    /// A node; attributes are whole numbers (or lists of several), lists of whole numbers, numbers, and lists of numbers.
    mutating func node(
        _ kind: String, _ inputs: [String], _ outputs: [String], name: String = "", domain: String = "",
        ints: [(String, [Int64])] = [], lists: [(String, [Int64])] = [], float: [(String, Float)] = [],
        floats: [(String, [Float])] = []
    ) {
        graph.add(1) { node in
            for input in inputs { node.add(1, text: input) }
            for output in outputs { node.add(2, text: output) }
            node.add(3, text: name)
            node.add(4, text: kind)
            for (name, values) in ints {
                node.add(5) { attribute in
                    attribute.add(1, text: name)
                    attribute.add(20, varint: values.count == 1 ? 2 : 7)
                    if let only = values.first, values.count == 1 { attribute.add(3, varint: UInt64(bitPattern: only)) }
                    if values.count > 1 { for value in values { attribute.add(8, varint: UInt64(bitPattern: value)) } }
                }
            }
            for (name, values) in lists {
                node.add(5) { attribute in
                    attribute.add(1, text: name)
                    for value in values { attribute.add(8, varint: UInt64(bitPattern: value)) }
                    attribute.add(20, varint: 7)
                }
            }
            for (name, value) in float {
                node.add(5) { attribute in
                    attribute.add(1, text: name)
                    attribute.add(2, float: value)
                    attribute.add(20, varint: 1)
                }
            }
            for (name, values) in floats {
                node.add(5) { attribute in
                    attribute.add(1, text: name)
                    for value in values { attribute.add(7, float: value) }
                    attribute.add(20, varint: 6)
                }
            }
            if !domain.isEmpty { node.add(7, text: domain) }
        }
    }

    /// A loop whose body doubles what it carries, and also gives what that was.
    mutating func loop(_ inputs: [String], _ outputs: [String]) {
        var body = ModelBytes(opset: opset)
        for name in ["number", "goesOn", "carried"] { body.input(name, []) }
        body.node("Add", ["carried", "carried"], ["twice"])
        body.node("Identity", ["carried"], ["before"])
        for name in ["goesOn", "twice", "before"] { body.output(name) }
        graph.add(1) { node in
            for input in inputs { node.add(1, text: input) }
            for output in outputs { node.add(2, text: output) }
            node.add(4, text: "Loop")
            node.add(5) { attribute in
                attribute.add(1, text: "body")
                attribute.add(6, bytes: body.graph.bytes)
                attribute.add(20, varint: 5)
            }
        }
    }

    /// An initializer of f32.
    mutating func weight(_ name: String, _ shape: [Int], _ values: [Float]) {
        graph.add(5) { tensor in
            for size in shape { tensor.add(1, varint: UInt64(size)) }
            tensor.add(2, varint: 1)
            tensor.add(8, text: name)
            for value in values { tensor.add(4, float: value) }
        }
    }

    /// An initializer of i64 of one axis.
    mutating func numbers(_ name: String, _ values: [Int64]) {
        graph.add(5) { tensor in
            tensor.add(1, varint: UInt64(values.count))
            tensor.add(2, varint: 7)
            for value in values { tensor.add(7, varint: UInt64(bitPattern: value)) }
            tensor.add(8, text: name)
        }
    }

    /// An initializer of f32 whose contents are in another file.
    mutating func external(_ name: String, _ shape: [Int], file: String, offset: Int) {
        graph.add(5) { tensor in
            for size in shape { tensor.add(1, varint: UInt64(size)) }
            tensor.add(2, varint: 1)
            tensor.add(8, text: name)
            for (key, value) in [("location", file), ("offset", "\(offset)")] {
                tensor.add(13) { entry in
                    entry.add(1, text: key)
                    entry.add(2, text: value)
                }
            }
            tensor.add(14, varint: 1)
        }
    }

    /// An input; a size may be a number, a name, or neither.
    mutating func input(_ name: String, _ shape: [String], dtype: UInt64 = 1) { value(11, name, shape, dtype) }
    /// An output of f32, whose shape is not said.
    mutating func output(_ name: String) { graph.add(12) { $0.add(1, text: name) } }

    private mutating func value(_ field: Int, _ name: String, _ shape: [String], _ dtype: UInt64) {
        graph.add(field) { info in
            info.add(1, text: name)
            info.add(2) { type in
                type.add(1) { tensor in
                    tensor.add(1, varint: dtype)
                    tensor.add(2) { sizes in
                        for size in shape {
                            sizes.add(1) { dim in
                                if let number = UInt64(size) {
                                    dim.add(1, varint: number)
                                } else if !size.isEmpty {
                                    dim.add(2, text: size)
                                }
                            }
                        }
                    }
                }
            }
        }
    }

    /// A function `local.NAME` of one tensor with an attribute `axis`, which it hands on to one node of an operator.
    mutating func function(_ name: String, calling kind: String, in domain: String = "") {
        var function = ProtobufWriter()
        function.add(1, text: name)
        function.add(4, text: "given")
        function.add(5, text: "result")
        function.add(6, text: "axis")
        function.add(7) { node in
            node.add(1, text: "given")
            node.add(2, text: "result")
            node.add(4, text: kind)
            node.add(5) { attribute in
                attribute.add(1, text: "axis")
                attribute.add(20, varint: 2)
                attribute.add(21, text: "axis")
            }
            node.add(7, text: domain)
        }
        function.add(9) { $0.add(2, varint: opset) }
        function.add(10, text: "local")
        functions.append(function.bytes)
    }

    /// The file's bytes.
    var bytes: [UInt8] {
        var model = ProtobufWriter()
        model.add(1, varint: 8)
        model.add(7, bytes: graph.bytes)
        model.add(8) { $0.add(2, varint: opset) }
        for function in functions { model.add(25, bytes: function) }
        return model.bytes
    }
}
