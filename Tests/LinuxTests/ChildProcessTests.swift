import Glibc
import Linux
import Loop
import Testing
import Vitals

@Suite("A child process")
struct ChildProcessTests {
    @Test("tells its status and what it wrote")
    func output() throws {
        let child = try ChildProcess(
            "/bin/sh", ["-c", "echo \"$WORD\"; echo two >&2; exit 7"], environment: ["WORD=one"], output: .pipe,
            errors: .pipe)
        #expect(child.waitForEnding(atMost: .seconds(5)) == .status(7))
        #expect(String(decoding: try #require(try child.readOutput()), as: UTF8.self) == "one\ntwo\n")
        #expect(try child.readOutput() == nil)
        #expect(child.ending == .status(7))
    }

    @Test("is ended by a signal, and begins with none of ours blocked or ignored")
    func signals() throws {
        let child = try ChildProcess("/bin/sleep", ["60"])
        #expect(child.waitForEnding(atMost: .milliseconds(20)) == nil)
        child.terminate()
        #expect(child.waitForEnding(atMost: .seconds(5)) == .signal(SIGTERM))
        child.kill(SIGKILL)
        let grep = try ChildProcess("/bin/grep", ["-E", "Sig(Blk|Ign)", "/proc/self/status"], output: .pipe)
        #expect(grep.waitForEnding(atMost: .seconds(5)) == .status(0))
        let text = String(decoding: try #require(try grep.readOutput()), as: UTF8.self)
        let masks = text.split(separator: "\n").compactMap { UInt64($0.suffix(16), radix: 16) }
        // The C library keeps 32 and 33 for itself.
        #expect(masks.count == 2 && masks.allSatisfy { $0 & 0x7FFF_FFFF == 0 }, "\(text)")
    }

    @Test("is waited for on a loop")
    func onALoop() throws {
        let ending = try onLoop { loop in
            let child = try ChildProcess("sleep", ["0.05"])
            #expect(try await child.ending(before: loop.now + .milliseconds(5), on: loop) == nil)
            return try await child.ending(before: loop.now + .seconds(5), on: loop)
        }
        #expect(ending == .status(0))
    }

    @Test("does not outlive its owner")
    func killedWithOwner() throws {
        var child: ChildProcess? = try ChildProcess("/bin/sleep", ["60"])
        let process = try #require(child?.processID)
        #expect(kill(process, 0) == 0)
        child = nil
        #expect(kill(process, 0) == -1)
    }

    @Test("is missed with the reason")
    func missing() throws {
        #expect(throws: SystemError(call: "posix_spawn", errno: ENOENT, subject: "/no/such/program")) {
            _ = try ChildProcess("/no/such/program")
        }
    }

    @Test("writes to a file, in a folder of ours")
    func file() throws {
        let scratch = try DirectoryScratch()
        let child = try ChildProcess(
            "/bin/sh", ["-c", "pwd"], folder: scratch.path, output: .file(scratch.file("log")), errors: .nowhere)
        #expect(child.waitForEnding(atMost: .seconds(5)) == .status(0))
        #expect(try File.readText(scratch.file("log")) == scratch.path + "\n")
    }
}
