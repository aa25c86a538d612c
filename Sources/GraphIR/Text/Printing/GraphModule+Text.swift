extension GraphModule: CustomStringConvertible {
    /// The canonical text; large constants by hash.
    public var description: String { text(constants: .sideFile) }

    /// The canonical text: `GraphModule(text:)` of it equals `canonicalized()`, byte for byte stable.
    public func text(constants: ConstantStyle = .inline) -> String {
        let places = PlaceNames(functions)
        var text = "module v1 \(symbol(name)) {\n"
        for dim in dims {
            text += "  dim \(dim.name) in \(dim.range.lowerBound)...\(dim.range.upperBound)"
            text += dim.multiple == 1 ? "\n" : " multiple \(dim.multiple)\n"
        }
        for state in states {
            text += "  state %\(state.identifier) : \(state.type) \(state.role.rawValue) "
            text += StringText.quoted(state.path) + "\n"
        }
        for code in customCodes { text += code.declaration(indent: "  ") }
        for function in functions {
            var printer = FunctionPrinter(
                function: function.canonicalized(), states: states, constants: constants, places: places, indent: "  ")
            printer.printFunction()
            text += printer.text
        }
        for (name, place) in places.places { text += "  #\(name) = \(PlaceNames.definition(place))\n" }
        return text + "}\n"
    }
}

extension GraphFunction {
    /// The text of this function alone, followed by the places it names; `states` are those of its module.
    public func text(states: [StateDeclaration], constants: ConstantStyle = .inline) -> String {
        let places = PlaceNames([self])
        var printer = FunctionPrinter(
            function: canonicalized(), states: states, constants: constants, places: places, indent: "")
        printer.printFunction()
        return printer.text
            + places.places.map { "#\($0.name) = \(PlaceNames.definition($0.place))\n" }.joined()
    }
}

extension GraphFunction {
    /// The text of a body in an operation.
    func bodyText(constants: ConstantStyle) -> String {
        var printer = FunctionPrinter(
            function: self, states: [], constants: constants, places: PlaceNames([self]), indent: "")
        printer.printBody()
        return printer.text
    }
}

/// A module's or function's name: `@train`, quoted if it is not an identifier.
private func symbol(_ name: String) -> String {
    "@" + (Identifier.isValid(name) ? name : StringText.quoted(name))
}

/// Writes one function.
private struct FunctionPrinter {
    let function: GraphFunction
    let states: [StateDeclaration]
    let constants: ConstantStyle
    let places: PlaceNames
    let indent: String
    var text = ""

    mutating func printFunction() {
        text += "\(indent)func \(symbol(function.name))"
        printBody()
        text += "\n"
    }

    /// Inputs in brackets, and what is computed of them in braces.
    mutating func printBody() {
        let names = ValueNames(function, states: states)
        let inputs = function.inputs.map { "\(names[$0.value]): \(type($0.value)) \(StringText.quoted($0.name))" }
        text += "(\(inputs.joined(separator: ", "))) {\n"
        for op in function.ops { printOp(op, names) }
        for update in function.updates {
            let state = states.indices.contains(update.state) ? states[update.state].identifier : "?\(update.state)"
            text += "\(indent)  update %\(state) = \(names[update.value])\n"
        }
        for output in function.outputs {
            text += "\(indent)  output \(names[output.value]) : \(type(output.value)) "
            text += StringText.quoted(output.name) + "\n"
        }
        text += "\(indent)}"
    }

    private mutating func printOp(_ op: GraphOp, _ names: ValueNames) {
        text += "\(indent)  \(op.results.map { names[$0] }.joined(separator: ", ")) = \(op.name)"
        if !op.operands.isEmpty { text += " " + op.operands.map { names[$0] }.joined(separator: ", ") }
        let definition = OpTable.rows[op.name]
        for (name, value) in op.attributes {
            let schema = definition?.attributes.first { $0.name == name }
            if let usual = schema?.defaultValue, usual == value { continue }
            guard case .function(let body) = value else {
                text += " \(name) \(value.text(constants: constants))"
                continue
            }
            var printer = FunctionPrinter(
                function: body, states: [], constants: constants, places: places, indent: indent + "  ")
            printer.printBody()
            text += " \(name) \(printer.text)"
        }
        text += " : \(op.results.map(type).joined(separator: ", "))"
        if let place = op.place { text += "   #\(places[place])" }
        text += "\n"
    }

    private func type(_ value: ValueID) -> String {
        function.values.indices.contains(value.index) ? function.type(of: value).description : "?"
    }
}
