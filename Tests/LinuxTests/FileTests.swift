import Glibc
import Linux
import Testing

@Suite("Files")
struct FileTests {
    @Test("are replaced as a whole, with the mode asked for, and leave nothing behind")
    func atomicWrite() throws {
        let scratch = try DirectoryScratch()
        let path = scratch.file("state")
        try File.write("one", to: path, mode: 0o640)
        try File.write("two", to: path, mode: 0o600)
        #expect(try File.readText(path) == "two")
        #expect(File.mode(of: path) == 0o600)
        #expect(try File.names(in: scratch.path) == ["state"])
    }

    @Test("that cannot be written leave the old one as it was")
    func failedWrite() throws {
        let scratch = try DirectoryScratch()
        try File.makeFolder(scratch.file("folder"))
        #expect(throws: SystemError.self) { try File.write("x", to: scratch.file("folder")) }
        #expect(throws: SystemError(call: "open", errno: ENOENT, subject: "/no/such/file")) {
            try File.read("/no/such/file")
        }
        #expect(try File.names(in: scratch.path) == ["folder"])
    }

    @Test("that are too long are refused")
    func bound() throws {
        let scratch = try DirectoryScratch()
        try File.write([UInt8](repeating: 1, count: 1000), to: scratch.file("long"))
        #expect(try File.read(scratch.file("long"), bytesMax: 1000).count == 1000)
        #expect(throws: SystemError(call: "read", errno: EFBIG, subject: scratch.file("long"))) {
            try File.read(scratch.file("long"), bytesMax: 999)
        }
    }

    @Test("of a scratch folder go with it, and nothing that a link names")
    func scratch() throws {
        let outside = try DirectoryScratch()
        try File.write("keep", to: outside.file("kept"))
        var scratch: DirectoryScratch? = try DirectoryScratch()
        let path = try #require(scratch?.path)
        try File.makeFolder(path + "/folder")
        try File.write("x", to: path + "/folder/file")
        _ = unsafe symlink(outside.path, path + "/link")
        scratch = nil
        #expect(!File.exists(path))
        #expect(File.exists(outside.file("kept")))
    }

    @Test("that were removed may be removed again")
    func remove() throws {
        let scratch = try DirectoryScratch()
        try File.write("x", to: scratch.file("x"))
        try File.remove(scratch.file("x"))
        try File.remove(scratch.file("x"))
        #expect(!File.exists(scratch.file("x")))
    }
}
