import HostTensors

/// The names that the Open Inference Protocol gives element types.
enum Datatype {
    /// The protocol's name of an element type.
    static func name(of dtype: DType) -> String {
        switch dtype {
        case .f64: "FP64"
        case .f32: "FP32"
        case .f16: "FP16"
        case .bf16: "BF16"
        case .i64: "INT64"
        case .i32: "INT32"
        case .i16: "INT16"
        case .i8: "INT8"
        case .u64: "UINT64"
        case .u32: "UINT32"
        case .u16: "UINT16"
        case .u8: "UINT8"
        case .bool: "BOOL"
        }
    }
}
