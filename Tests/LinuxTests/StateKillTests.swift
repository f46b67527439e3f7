import Glibc
import Linux
import Loop
import Testing

/// The child's half: writes one generation after the other, until it is killed.
@Suite(.enabled(if: stateFolderToWrite != nil, "only as the child of the suite below"))
struct StateWriterForKill {
    @Test func writes() throws {
        let path = try #require(stateFolderToWrite)
        try onLoop { loop in
            let folder = try FileStateFolder(path, on: loop)
            for generation in 0 ..< 100_000 {
                try await folder.write([UInt8](repeating: UInt8(generation % 251), count: 50_000), to: "bonds")
            }
        }
    }
}

private let stateFolderToWrite = Environment.value(of: "HOMEWARD_TEST_STATE_FOLDER")

@Suite("A folder of state whose writer is killed")
struct StateKillTests {
    @Test(
        "holds an old file or a new one, and never a part",
        .enabled(if: Program.path.hasSuffix(".xctest"), "the tests do not run as a program of their own"))
    func killed() throws {
        let scratch = try DirectoryScratch()
        for round in 0 ..< 6 {
            let child = try ChildProcess(
                Program.path, ["--testing-library", "swift-testing", "--filter", "StateWriterForKill"],
                environment: Environment.all + ["HOMEWARD_TEST_STATE_FOLDER=\(scratch.path)"], output: .nowhere,
                errors: .nowhere)
            for _ in 0 ..< 5000 where !File.exists(scratch.file("bonds")) { usleep(1000) }
            usleep(UInt32(20_000 + round * 3777))
            child.kill(SIGKILL)
            #expect(child.waitForEnding(atMost: .seconds(5)) == .signal(SIGKILL))
            let bytes = try File.read(scratch.file("bonds"))
            #expect(bytes.count == 50_000 && Set(bytes).count == 1)
            _ = try onLoop { loop in try await FileStateFolder(scratch.path, on: loop).read("bonds") }
            #expect(try File.names(in: scratch.path) == ["bonds"])
            try File.remove(scratch.file("bonds"))
        }
    }
}
