/// The C functions that a library compiled under a name exports, found once.
struct ArtifactFunctions: Sendable {
    /// How a context is made: the C structure `NAME_options`.
    struct Options {
        var size: UInt32
        var threads: Int32
        var variant: Int32
        var errorBytes: UInt32
        var error: UnsafeMutablePointer<CChar>?
    }

    typealias Context = OpaquePointer
    typealias Create =
        @convention(c) (UnsafeRawPointer, UnsafeMutablePointer<Context?>) -> Int32
    typealias Destroy = @convention(c) (Context) -> Void
    typealias Text = @convention(c) (Context) -> UnsafePointer<CChar>?
    typealias Count = @convention(c) (Context) -> Int32
    typealias Call =
        @convention(c) (
            Context, UnsafePointer<CChar>, UnsafePointer<Int64>?, UnsafePointer<UnsafeRawPointer?>?,
            UnsafePointer<UnsafeMutableRawPointer?>?
        ) -> Int32
    typealias Get =
        @convention(c) (Context, UnsafePointer<CChar>, UnsafeMutableRawPointer?, Int) -> Int32
    typealias Set =
        @convention(c) (Context, UnsafePointer<CChar>, UnsafeRawPointer?, Int) -> Int32
    typealias Invoke =
        @convention(c) (
            Context, Int32, UnsafePointer<Int64>?, UnsafePointer<UnsafeMutableRawPointer?>?
        ) -> Int32
    typealias Record = @convention(c) (Context, UnsafeMutableRawPointer?) -> Int32
    typealias Information = @convention(c) () -> UnsafePointer<CChar>
    typealias WorkspaceBytes =
        @convention(c) (
            Context, UnsafePointer<CChar>, UnsafePointer<Int64>?, UnsafeMutablePointer<Int64>
        ) -> Int32
    typealias Load = @convention(c) (Context, UnsafePointer<CChar>) -> Int32
    typealias Image = @convention(c) (Context, UnsafePointer<CChar>, UnsafePointer<CChar>?) -> Int32

    /// What the functions are in.
    private let library: SharedLibrary
    let information: Information
    let create: Create
    let destroy: Destroy
    let error: Text
    let variant: Text
    let threads: Count
    let workspaceBytes: WorkspaceBytes
    let call: Call
    let invoke: Invoke
    let get: Get
    let set: Set
    let load: Load
    let saveImage: Image
    let mapImage: Image
    /// Only in a library that records kernels.
    let record: Record?

    init(in library: SharedLibrary, name: String) throws {
        self.library = library
        information = try library.function("\(name)_info", as: Information.self)
        create = try library.function("\(name)_create", as: Create.self)
        destroy = try library.function("\(name)_destroy", as: Destroy.self)
        error = try library.function("\(name)_error", as: Text.self)
        variant = try library.function("\(name)_variant", as: Text.self)
        threads = try library.function("\(name)_threads", as: Count.self)
        workspaceBytes = try library.function("\(name)_workspace_bytes", as: WorkspaceBytes.self)
        call = try library.function("\(name)_call", as: Call.self)
        invoke = try library.function("\(name)_invoke", as: Invoke.self)
        get = try library.function("\(name)_get", as: Get.self)
        set = try library.function("\(name)_set", as: Set.self)
        load = try library.function("\(name)_load", as: Load.self)
        saveImage = try library.function("\(name)_save_image", as: Image.self)
        mapImage = try library.function("\(name)_map_image", as: Image.self)
        record = try? library.function("\(name)_record", as: Record.self)
    }
}
