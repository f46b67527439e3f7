import Glibc
import Linux
import Loop
import Testing

@Suite("A folder of state")
struct StateFolderTests {
    @Test("keeps what was written last, for its owner only, and nothing else")
    func keeps() throws {
        let scratch = try DirectoryScratch()
        let path = scratch.file("state")
        try File.makeFolder(path, mode: 0o755)
        let found = try onLoop { loop in
            let folder = try FileStateFolder(path, on: loop)
            try await folder.write([1, 2], to: "bonds.json")
            try await folder.write([3], to: "bonds.json")
            try await folder.write([], to: "empty")
            return [
                try await folder.read("bonds.json"), try await folder.read("empty"), try await folder.read("no"),
            ]
        }
        #expect(found == [[3], [], nil])
        #expect(File.mode(of: path) == 0o700)
        #expect(File.mode(of: path + "/bonds.json") == 0o600)
        #expect(try File.names(in: path) == ["bonds.json", "empty"])
    }

    @Test("forgets a file for good, and one that is not there without a word")
    func removes() throws {
        let scratch = try DirectoryScratch()
        let found = try onLoop { loop in
            let folder = try FileStateFolder(scratch.path, on: loop)
            try await folder.write([1], to: "bonds")
            try await folder.remove("bonds")
            try await folder.remove("bonds")
            return try await folder.read("bonds")
        }
        #expect(found == nil)
        #expect(try File.names(in: scratch.path) == [])
    }

    @Test(
        "takes no name that leads elsewhere",
        arguments: [
            "", ".", "..", ".bonds.new", "a/b", "../bonds", "Bonds", "b nds", "b\0", "ä", "/etc/passwd",
            String(repeating: "a", count: 65),
        ])
    func names(_ name: String) throws {
        let scratch = try DirectoryScratch()
        try onLoop { loop in
            let folder = try FileStateFolder(scratch.path, on: loop)
            await #expect(throws: StateError.self) { try await folder.write([1], to: name) }
            await #expect(throws: StateError.self) { _ = try await folder.read(name) }
            await #expect(throws: StateError.self) { try await folder.remove(name) }
        }
        #expect(try File.names(in: scratch.path) == [])
    }

    @Test("takes a file of its largest size, and none above it")
    func size() throws {
        let scratch = try DirectoryScratch()
        let counts = try onLoop { loop in
            let folder = try FileStateFolder(scratch.path, on: loop)
            try await folder.write([UInt8](repeating: 7, count: FileStateFolder.fileBytesMax), to: "a")
            do {
                try await folder.write([UInt8](repeating: 8, count: FileStateFolder.fileBytesMax + 1), to: "a")
                Issue.record("written")
            } catch {
                #expect("\(error)".contains("more than 1048576"))
            }
            let kept = try await folder.read("a")
            return kept?.filter { $0 == 7 }.count
        }
        #expect(counts == FileStateFolder.fileBytesMax)
    }

    @Test("sweeps away what a power cut left half written, and nothing else")
    func leftovers() throws {
        let scratch = try DirectoryScratch()
        for name in ["bonds", ".bonds.new", ".hidden", "new"] { try File.write("old", to: scratch.file(name)) }
        let found = try onLoop { loop in try await FileStateFolder(scratch.path, on: loop).read("bonds") }
        #expect(found == Array("old".utf8))
        #expect(try File.names(in: scratch.path) == [".hidden", "bonds", "new"])
    }

    @Test("keeps the old file when the new one cannot be written, and says what to do")
    func failedWrite() throws {
        let scratch = try DirectoryScratch()
        let (reason, kept) = try onLoop { loop in
            let folder = try FileStateFolder(scratch.path, on: loop)
            try await folder.write([1], to: "bonds")
            try File.makeFolder(scratch.file(".bonds.new"))
            var reason = ""
            do throws(StateError) {
                try await folder.write([2], to: "bonds")
            } catch {
                reason = error.reason
            }
            return (reason, try await folder.read("bonds"))
        }
        #expect(kept == [1])
        #expect(reason.contains("Is a directory") && reason.contains("move it away"), "\(reason)")
        #expect(reason.contains(scratch.path))
    }

    @Test("keeps the old file when the disk is full", .enabled(if: SmallDisk.isPossible, "needs leave to mount"))
    func fullDisk() throws {
        let disk = try SmallDisk()
        let (reason, kept, later) = try onLoop { loop in
            let folder = try FileStateFolder(disk.path + "/state", on: loop)
            try await folder.write([1, 2, 3], to: "bonds")
            var reason = ""
            do throws(StateError) {
                try await folder.write([UInt8](repeating: 9, count: 500_000), to: "bonds")
            } catch {
                reason = error.reason
            }
            let kept = try await folder.read("bonds")
            try await folder.write([4], to: "bonds")
            return (reason, kept, try await folder.read("bonds"))
        }
        #expect(reason.contains("No space left") && reason.contains("free some space"), "\(reason)")
        #expect(kept == [1, 2, 3])
        #expect(later == [4])
        #expect(try File.names(in: disk.path + "/state") == ["bonds"])
    }

    @Test("says why there is none")
    func noFolder() throws {
        try onLoop { loop in
            do throws(StateError) {
                _ = try FileStateFolder("/proc/no/such/folder", on: loop)
                Issue.record("made")
            } catch {
                #expect(error.reason.contains("/proc/no/such/folder"))
            }
        }
    }
}

/// A file system of 64 KiB in memory.
private final class SmallDisk: Sendable {
    private let scratch: DirectoryScratch
    var path: String { scratch.path }

    init() throws {
        scratch = try DirectoryScratch()
        let result = unsafe mount("homeward-test", scratch.path, "tmpfs", 0, "size=64k")
        try #require(result == 0)
    }

    static let isPossible: Bool = {
        do {
            _ = try SmallDisk()
            return true
        } catch {
            return false
        }
    }()

    deinit { _ = unsafe umount2(scratch.path, Int32(MNT_DETACH)) }
}
