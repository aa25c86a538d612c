/// Which axis is which in a convolution: the reading of a layout such as `NHWC,HWIO,NHWC`.
///
/// Input and result name batch `N`, channel `C` and spatial axes; the kernel names `I`, `O` and the same spatial axes.
/// The spatial letters are any of `D H W`; strides, padding and dilations are given in the order they have in the input.
public struct ConvLayout: Sendable, Hashable {
    /// The axes of the input.
    public let input: [Character]
    /// The axes of the kernel.
    public let kernel: [Character]
    /// The axes of the result.
    public let result: [Character]
    /// The spatial letters, in the input's order.
    public let spatial: [Character]

    /// Reads a layout; throws an error that says which letter is missing, unknown or doubled.
    public init(_ text: String) throws {
        let parts = text.split(separator: ",", omittingEmptySubsequences: false).map(Array.init)
        guard parts.count == 3 else {
            throw GraphError(
                "layout '\(text)' must name input, kernel and result axes", remedy: "for example NHWC,HWIO,NHWC")
        }
        (input, kernel, result) = (parts[0], parts[1], parts[2])
        spatial = input.filter { "DHW".contains($0) }
        let expected = [(["N", "C"], input), (["I", "O"], kernel), (["N", "C"], result)]
        for (index, (roles, letters)) in expected.enumerated() {
            let all = Set(roles.map(Character.init)).union(spatial)
            guard Set(letters) == all, letters.count == all.count else {
                throw GraphError(
                    "layout '\(text)': part \(index + 1) '\(String(letters))' must have each of "
                        + "\((roles + spatial.map(String.init)).joined(separator: " ")) once")
            }
        }
    }

    /// The axis of a letter in the input.
    public func inputAxis(_ letter: Character) -> Int { input.firstIndex(of: letter) ?? 0 }
    /// The axis of a letter in the kernel.
    public func kernelAxis(_ letter: Character) -> Int { kernel.firstIndex(of: letter) ?? 0 }
    /// The axis of a letter in the result.
    public func resultAxis(_ letter: Character) -> Int { result.firstIndex(of: letter) ?? 0 }

    /// The layout of the convolution that gives the input's cotangent from the result's.
    var forInputGradient: String { Self.text(result, Self.swapped(kernel, "I", "O"), input) }

    /// The layout of the convolution that gives the kernel's cotangent: batch is contracted, channels take its place.
    var forKernelGradient: String {
        let asKernel = result.map { $0 == "N" ? "I" : $0 == "C" ? "O" : $0 }
        let asResult = kernel.map { $0 == "I" ? "N" : $0 == "O" ? "C" : $0 }
        return Self.text(Self.swapped(input, "N", "C"), asKernel, asResult)
    }

    private static func swapped(_ letters: [Character], _ one: Character, _ other: Character) -> [Character] {
        letters.map { $0 == one ? other : $0 == other ? one : $0 }
    }

    private static func text(_ parts: [Character]...) -> String { parts.map { String($0) }.joined(separator: ",") }
}
