import FoundationEssentials
import HostTensors

/// Fashion-MNIST: 60,000 + 10,000 grey images of 28 × 28 pixels in 10 classes (Xiao, Rasul and Vollgraf, 2017).
public enum FashionMNIST {
    /// Where Debian's package puts the files.
    public static let packagedFolder = "/usr/share/datasets/fashion-mnist"

    /// The names of the classes, by label.
    public static let classNames = [
        "T-shirt/top", "Trouser", "Pullover", "Dress", "Coat", "Sandal", "Shirt", "Sneaker", "Bag", "Ankle boot",
    ]

    /// The training and test images, f32[N, 28, 28, 1] in 0...1 (pixel / 255), with labels i32[N].
    ///
    /// Throws an `ExecutionError` that says how to install the data when a file is missing, and a `FileError` when one
    /// is damaged.
    public static func load(_ folder: String = packagedFolder) throws -> (training: Dataset, test: Dataset) {
        (try load(folder, prefix: "train"), try load(folder, prefix: "t10k"))
    }

    private static func load(_ folder: String, prefix: String) throws -> Dataset {
        let images = try read("\(folder)/\(prefix)-images-idx3-ubyte")
        let labels = try read("\(folder)/\(prefix)-labels-idx1-ubyte")
        guard images.dtype == .u8, images.rank == 3 else {
            throw ExecutionError(
                place: "\(folder)/\(prefix)-images-idx3-ubyte", expected: "u8 images of three axes",
                actual: images.typeText, remedy: "this is not the Fashion-MNIST data set")
        }
        return try Dataset(
            features: try scaled(images).reshaped(images.shape + [1]), labels: labels.converted(to: .i32),
            featureName: "image")
    }

    private static func scaled(_ images: HostTensor) throws -> HostTensor {
        var result = HostTensor(zeros: images.shape, dtype: .f32)
        try images.withScalars(as: UInt8.self) { pixels in
            try result.withMutableScalars(as: Float.self) { scaled in
                for at in 0..<pixels.count { scaled[at] = Float(pixels[at]) / 255 }
            }
        }
        return result
    }

    private static func read(_ path: String) throws -> HostTensor {
        for candidate in [path + ".gz", path] where FileManager.default.fileExists(atPath: candidate) {
            return try IDX.read(path: candidate)
        }
        throw ExecutionError(
            place: path + ".gz", expected: "the Fashion-MNIST data set", actual: "no such file",
            remedy: "install it with: apt-get install dataset-fashion-mnist")
    }
}
