// The runtime's status codes are an anonymous C enumeration, imported as plain integers.
extension BinaryInteger {
    /// The status as calls return it.
    var status: Int32 { Int32(self) }
}
