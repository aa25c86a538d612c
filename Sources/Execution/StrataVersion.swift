/// The version of Strata, which its programs, its server and benchmark results name.
public enum StrataVersion {
    /// `0.1.0`.
    public static let text = "0.1.0"
}
