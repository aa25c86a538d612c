import CLLVM

/// Memory that was freed and that the C library keeps for later.
public enum FreeMemory {
    /// Gives it back to the system: after much of it was used for a while, as by compiling or by loading weights.
    public static func release() { strata_release_free_memory() }
}
