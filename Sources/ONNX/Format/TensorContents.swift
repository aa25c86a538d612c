import Foundation
import HostTensors

extension DType {
    /// The element type that ONNX gives this number; nil for strings, complex numbers and types of less than a byte.
    init?(onnx number: Int) {
        guard let kind = Onnx_TensorProto.DataType(rawValue: number) else { return nil }
        switch kind {
        case .float: self = .f32
        case .double: self = .f64
        case .float16: self = .f16
        case .bfloat16: self = .bf16
        case .int64: self = .i64
        case .int32: self = .i32
        case .int16: self = .i16
        case .int8: self = .i8
        case .uint64: self = .u64
        case .uint32: self = .u32
        case .uint16: self = .u16
        case .uint8: self = .u8
        case .bool: self = .bool
        default: return nil
        }
    }

    /// ONNX' name of the element type of that number, such as `FLOAT8E4M3FN`.
    static func onnxName(_ number: Int) -> String {
        Onnx_TensorProto.DataType(rawValue: number).map { "\($0)".uppercased() } ?? "type \(number)"
    }
}

/// Reads tensors that are stored in a model or in a file beside it.
struct TensorContents {
    /// The model's file, as errors name it.
    let path: String
    /// Where files with contents are, with a slash at its end.
    let folder: String

    /// The tensor; throws a `FileError` that names it when its contents do not fit its type or cannot be read.
    func tensor(_ proto: Onnx_TensorProto, name: String? = nil) throws -> HostTensor {
        let label = "tensor '\(name ?? proto.name)'"
        guard let dtype = DType(onnx: Int(proto.dataType)) else {
            throw failure(
                label, expected: "elements of \(DType.allCases.map(\.rawValue).joined(separator: ", "))",
                actual: DType.onnxName(Int(proto.dataType)), remedy: "export the model with other element types")
        }
        let shape = proto.dims.map { Int($0) }
        do {
            // A shape without elements may have sizes that do not multiply.
            for axes in [shape, shape.filter { $0 != 0 }] { _ = try HostTensor.elementCount(of: axes, dtype: dtype) }
            if proto.dataLocation == .external { return try external(proto, dtype, shape, label) }
            if proto.hasRawData {
                return try proto.rawData.withUnsafeBytes { try HostTensor(copying: $0, dtype: dtype, shape: shape) }
            }
            return try typed(proto, dtype, shape)
        } catch let error as TensorError {
            throw failure(
                label, expected: error.expected, actual: error.actual, remedy: "the file is damaged; export it again")
        }
    }

    /// Contents in the field of their type. Small types are stored as `int32`, floats of 16 bits by their bits.
    private func typed(_ proto: Onnx_TensorProto, _ dtype: DType, _ shape: [Int]) throws -> HostTensor {
        switch dtype {
        case .f32: return try HostTensor(proto.floatData, shape: shape)
        case .f64: return try HostTensor(proto.doubleData, shape: shape)
        case .i64: return try HostTensor(proto.int64Data, shape: shape)
        case .u64: return try HostTensor(proto.uint64Data, shape: shape)
        case .u32: return try HostTensor(proto.uint64Data, shape: shape).converted(to: .u32)
        case .f16, .bf16:
            let bits = proto.int32Data.flatMap { withUnsafeBytes(of: UInt16(truncatingIfNeeded: $0)) { Array($0) } }
            return try HostTensor(bytes: bits, dtype: dtype, shape: shape)
        default: return try HostTensor(proto.int32Data, shape: shape).converted(to: dtype)
        }
    }

    private func external(
        _ proto: Onnx_TensorProto, _ dtype: DType, _ shape: [Int], _ label: String
    ) throws -> HostTensor {
        let entries = Dictionary(proto.externalData.map { ($0.key, $0.value) }, uniquingKeysWith: { $1 })
        guard let location = entries["location"], !location.hasPrefix("/"),
            !location.split(separator: "/").contains("..")
        else {
            throw failure(
                label, expected: "a 'location' below the model's folder",
                actual: entries["location"].map { "\"\($0)\"" } ?? "none",
                remedy: "save the model with its weights beside it")
        }
        let file = try FileWindow(path: folder + location)
        let needed = try HostTensor.elementCount(of: shape, dtype: dtype) * dtype.byteCount
        let (offset, count) = (Int(entries["offset"] ?? "0") ?? -1, Int(entries["length"] ?? "\(needed)") ?? -1)
        guard count == needed, offset >= 0, offset <= file.byteCount, needed <= file.byteCount - offset else {
            throw FileError(
                path: folder + location, place: .field(label, byte: max(offset, 0)),
                expected: "\(needed) bytes of \(dtype) \(shape)",
                actual: "a file of \(file.byteCount) bytes, of which \(count) from \(offset)",
                remedy: "copy the file again from where the model was exported")
        }
        return try HostTensor(bytes: try file.read(at: offset, count: count), dtype: dtype, shape: shape)
    }

    private func failure(_ label: String, expected: String, actual: String, remedy: String) -> FileError {
        FileError(path: "\(path): \(label)", place: .wholeFile, expected: expected, actual: actual, remedy: remedy)
    }
}
