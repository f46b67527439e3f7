import Glibc
import Linux
import Testing

@Suite("The journal")
struct JournalTests {
    /// What is written to a journal made for a pipe.
    private func written(
        limit: Journal.Level = .debug, hasPriorities: Bool? = true, _ body: (Journal) -> Void
    ) throws -> String {
        let pipe = try Pipe()
        defer { pipe.close() }
        body(Journal(limit: limit, descriptor: pipe.write, hasPriorities: hasPriorities))
        pipe.put()
        var bytes = [UInt8](repeating: 0, count: 65_536)
        let count = unsafe read(pipe.read, &bytes, bytes.count)
        return String(decoding: bytes[..<(count - 1)], as: UTF8.self)
    }

    @Test("gets a level that it understands before each line")
    func priorities() throws {
        let text = try written { journal in
            journal.error("a")
            journal.warning("b")
            journal.notice("c")
            journal.info("d")
            journal.debug("e")
        }
        #expect(text == "<3>a\n<4>b\n<5>c\n<6>d\n<7>e\n")
    }

    @Test("says the level in words when a person reads it")
    func words() throws {
        #expect(try written(hasPriorities: nil) { $0.warning("port gone") } == "warning: port gone\n")
    }

    @Test("is known by JOURNAL_STREAM, which must name the same file")
    func stream() throws {
        let pipe = try Pipe()
        defer { pipe.close() }
        var status = stat()
        _ = unsafe fstat(pipe.write, &status)
        _ = unsafe setenv("JOURNAL_STREAM", "\(status.st_dev):\(status.st_ino)", 1)
        defer { _ = unsafe unsetenv("JOURNAL_STREAM") }
        Journal(descriptor: pipe.write).info("x")
        var bytes = [UInt8](repeating: 0, count: 100)
        let count = unsafe read(pipe.read, &bytes, bytes.count)
        #expect(String(decoding: bytes[..<count], as: UTF8.self) == "<6>x\n")
        #expect(try written(hasPriorities: nil) { $0.info("x") } == "info: x\n")
    }

    @Test("keeps a line a line, whatever a device sends")
    func escaping() throws {
        let text = try written { $0.info("a\nb\u{1B}[31m\u{85}\u{202E}\tü") }
        #expect(text == "<6>a\\nb\\u{1B}[31m\\u{85}\\u{202E}\\tü\n")
    }

    @Test("cuts what is too long, between characters")
    func bounded() throws {
        let text = try written { $0.info(String(repeating: "ü", count: 5000)) }
        #expect(text.utf8.count <= Journal.lineBytesMax + 4)
        #expect(text.hasSuffix("ü…\n"))
    }

    @Test("leaves out what is below its limit")
    func limit() throws {
        let text = try written(limit: .notice) { journal in
            journal.info("no")
            journal.notice("yes")
        }
        #expect(text == "<5>yes\n")
        #expect(Journal.Level(name: "debug") == .debug)
        #expect(Journal.Level(name: "loud") == nil)
    }
}
