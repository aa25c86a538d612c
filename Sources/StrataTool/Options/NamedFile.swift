import ArgumentParser
import GraphIR
import HostTensors

/// An argument of the form `NAME=FILE`.
struct NamedFile: ExpressibleByArgument {
    let name: String
    let path: String

    init?(argument: String) {
        guard let equals = argument.firstIndex(of: "="), equals != argument.startIndex else { return nil }
        name = String(argument[..<equals])
        path = String(argument[argument.index(after: equals)...])
        if path.isEmpty { return nil }
    }
}

extension NamedFile {
    /// The npy file's tensor, with the elements of the input's type where they can be converted to them.
    ///
    /// A tensor of no input, whose type is nil, is left to those who know all inputs. Throws a `Failure` that names the option where
    /// numbers would become others, and a `FileError`.
    func tensor(for type: TensorType?) throws -> HostTensor {
        let tensor = try NPY.read(path: path)
        guard let type else { return tensor }
        guard let converted = tensor.keeping(numbersAs: type.dtype) else {
            throw Failure(
                "--input \(name)=\(path): expected \(type), got \(tensor.typeText), whose elements \(type.dtype) can't hold; "
                    + (type.dtype == .bf16 ? "give numbers as numpy.float32" : "convert the array with astype first"))
        }
        return converted
    }
}

extension HostTensor {
    /// The same numbers with elements of another type, reals rounded; nil where one of them would be another number.
    fileprivate func keeping(numbersAs target: DType) -> HostTensor? {
        if target == dtype { return self }
        guard target != .bool, target.isFloat || !dtype.isFloat else { return nil }
        // What npy files hold as 16 bits may be the bits of bf16, and may be numbers.
        if target == .bf16, dtype == .u16 { return nil }
        let converted = converted(to: target)
        let isKept = zip(doubles(), converted.doubles()).allSatisfy { number, other in
            target.isFloat ? number.isFinite == other.isFinite : number == other
        }
        return isKept ? converted : nil
    }
}
