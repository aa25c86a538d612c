import HostTensors

/// The kind of value an attribute holds.
public enum AttributeKind: Sendable, Equatable {
    case int, float, bool, string, dtype, ints, intLists, dims, types, tensor, function, code
    /// A bare word out of these.
    case keyword([String])
}

/// One attribute an operation takes.
public struct AttributeSchema: Sendable {
    /// The name, as written in text.
    public var name: String
    /// The kind of value.
    public var kind: AttributeKind
    /// The value when it is not written; nil when it must be.
    public var defaultValue: Attribute?

    /// Declares an attribute.
    public init(_ name: String, _ kind: AttributeKind, default defaultValue: Attribute? = nil) {
        self.name = name
        self.kind = kind
        self.defaultValue = defaultValue
    }
}

/// The operands an operation takes.
public enum OperandSchema: Sendable {
    /// Exactly these, by name.
    case fixed([String])
    /// One or more of the same kind.
    case variadic(String)
}

/// How an operation takes part in fusion; the order is from cheapest to inline to never.
public enum FusionClass: Int, Sendable, Comparable, CaseIterable {
    case elementwise, broadcast, movement, reduce, contraction, opaque
    /// From cheapest to inline to never.
    public static func < (left: FusionClass, right: FusionClass) -> Bool { left.rawValue < right.rawValue }
}

/// What an operation means element by element.
public enum ScalarFacet: Sendable {
    /// Result element i is this scalar operation on operand elements i.
    case elementwise(@Sendable (Attributes) throws -> ScalarOp)
    /// It is not defined element by element.
    case none
}

/// How an operation's gradient is made.
public enum GradientFacet: Sendable {
    /// Emits ordinary operations; gives one cotangent an operand, nil where none flows.
    case rule(@Sendable (inout FunctionBuilder, GradientInput) throws -> [ValueID?])
    /// The body, expanded first, is differentiated (composites only).
    case fromBody
    /// No gradient flows, and why.
    case nonDifferentiable(String)
}

/// What a gradient rule is given.
public struct GradientInput: Sendable {
    /// The operation that is differentiated.
    public var op: GraphOp
    /// The cotangent of each result, nil where none flowed.
    public var cotangents: [ValueID?]
    /// Which operands a cotangent is wanted for; a rule may leave out the others.
    public var wanted: [Bool]
    /// Makes the input of a rule; without `wanted`, all operands' cotangents are.
    public init(op: GraphOp, cotangents: [ValueID?], wanted: [Bool]? = nil) {
        self.op = op
        self.cotangents = cotangents
        self.wanted = wanted ?? op.operands.map { _ in true }
    }
    /// Operand number `at`.
    public func operand(_ at: Int) -> ValueID { op.operands[at] }
    /// Result number 0.
    public var result: ValueID { op.results[0] }
    /// The cotangent of result 0 (rules are only called when at least one flowed).
    public var cotangent: ValueID { cotangents[0]! }
}

/// How an operation is given its meaning.
public enum Meaning: Sendable {
    /// Computed by this reference evaluation on whole tensors.
    case primitive(evaluate: @Sendable (EvaluationInput) throws -> [HostTensor])
    /// Defined by a body in other operations.
    case composite(body: @Sendable (inout FunctionBuilder, GraphOp) throws -> [ValueID])
}

/// What a shape rule is given: types and attributes, with accessors that throw located errors.
public struct InferenceInput: Sendable {
    /// The op's name, for messages.
    public var opName: String
    /// The operands' types.
    public var operands: [TensorType]
    /// The attributes, complete.
    public var attributes: Attributes

    /// Makes the input of a shape rule; `attributes` are complete.
    public init(opName: String, operands: [TensorType], attributes: Attributes) {
        self.opName = opName
        self.operands = operands
        self.attributes = attributes
    }
}

/// What a reference evaluation is given; shapes are constant, so it never sees a symbol.
public struct EvaluationInput: Sendable {
    /// The operands.
    public var operands: [HostTensor]
    /// The attributes, complete, dims already replaced by their values (`.dims` holds constants).
    public var attributes: Attributes
    /// The results' types, with constant shapes.
    public var results: [TensorType]
}

/// One row of the op table: everything that is known of one operation.
public struct OpDefinition: Sendable {
    /// The name in text.
    public var name: String
    /// What it computes, in one sentence.
    public var summary: String
    /// The formula, for the documentation.
    public var formula: String
    /// The operands.
    public var operands: OperandSchema
    /// The element types of its numbers: of operand 0, or of the result of what takes none.
    public var elements: DTypeClass
    /// The attributes, in the order they are printed.
    public var attributes: [AttributeSchema]
    /// The shape rule and verifier: the results' types, or an error that says what does not fit.
    public var infer: @Sendable (InferenceInput) throws -> [TensorType]
    /// The meaning: reference evaluation or body.
    public var meaning: Meaning
    /// The meaning element by element, where it has one.
    public var scalar: ScalarFacet
    /// The rule of its gradient, or why there is none.
    public var gradient: GradientFacet
    /// How it takes part in fusion.
    public var fusion: FusionClass
    /// Operands whose memory result 0 may reuse.
    public var inPlace: [Int]
    /// Floating-point operations of one evaluation.
    public var flops: @Sendable (_ operands: [TensorType], _ results: [TensorType], _ attributes: Attributes) -> Dim

    /// Declares an operation; every facet is required.
    public init(
        name: String, summary: String, formula: String, operands: OperandSchema, elements: DTypeClass,
        attributes: [AttributeSchema],
        infer: @escaping @Sendable (InferenceInput) throws -> [TensorType], meaning: Meaning, scalar: ScalarFacet,
        gradient: GradientFacet, fusion: FusionClass, inPlace: [Int],
        flops: @escaping @Sendable ([TensorType], [TensorType], Attributes) -> Dim
    ) {
        self.name = name
        self.summary = summary
        self.formula = formula
        self.operands = operands
        self.elements = elements
        self.attributes = attributes
        self.infer = infer
        self.meaning = meaning
        self.scalar = scalar
        self.gradient = gradient
        self.fusion = fusion
        self.inPlace = inPlace
        self.flops = flops
    }

    /// Whether it is defined by a body.
    public var isComposite: Bool { if case .composite = meaning { true } else { false } }
}
