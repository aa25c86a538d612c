/// The standard's cases of supported operators that are not imported, and why.
enum Unsupported {
    /// A reason that cases are not imported for.
    struct Reason: Sendable {
        /// What the names of the cases begin with, or contain where it ends with an asterisk before and after.
        let pattern: String
        /// Part of the error.
        let message: String
    }

    /// The reason for a case, if it is not supported.
    static func reason(_ name: String) -> Reason? {
        reasons.first { reason in
            reason.pattern.hasPrefix("*")
                ? name.contains(reason.pattern.dropFirst().dropLast()) : name == "test_" + reason.pattern
        }
    }

    // A tensor has at least one element.
    private static let empty = "without elements"

    static let reasons: [Reason] = [
        // A tensor has at least one element.
        Reason(pattern: "causal_conv_with_state_kernel_size_one_expanded", message: empty),
        Reason(pattern: "constantofshape_int_shape_zero", message: empty),
        Reason(pattern: "*_empty_set*", message: empty),
        Reason(pattern: "reshape_allowzero_reordered", message: empty),
        Reason(pattern: "shape_start_greater_than_end", message: empty),
        Reason(pattern: "slice_start_out_of_bounds", message: "no element"),
        Reason(pattern: "split_zero_size_splits_opset13", message: empty),
        Reason(pattern: "split_zero_size_splits_opset18", message: empty),
        Reason(pattern: "tril_zero", message: empty),
        Reason(pattern: "triu_zero", message: empty),
        // A model that is imported predicts.
        Reason(pattern: "batchnorm_epsilon_training_mode", message: "'training_mode'"),
        Reason(pattern: "batchnorm_example_training_mode", message: "'training_mode'"),
        Reason(pattern: "*training_dropout*", message: "'training_mode'"),
        // Rarely exported.
        Reason(pattern: "scan_sum", message: "(Scan, ai.onnx 8): the operator is not supported"),
        Reason(pattern: "einsum_batch_diagonal", message: "a diagonal is not supported"),
        Reason(pattern: "*_antialias*", message: "'antialias'"),
        Reason(pattern: "*tf_crop_and_resize*", message: "tf_crop_and_resize"),
    ]
}
