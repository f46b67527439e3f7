import Testing
import Vitals

@testable import Linux

@Suite struct ClockStates {
    private static let seen = Instant(nanoseconds: 1_000_000_000_000)

    @Test func `come back from their line`() {
        let state = ClockState(isSynchronized: true, errorMicroseconds: 1500, seenAt: Self.seen)
        #expect(state.text == "1 1500 1000000000000\n")
        #expect(ClockState(state.text) == state)
    }

    @Test(arguments: ["", "1", "2 5 5", "1 -5 5", "1 5", "1 5 5 5", "yes 5 5", "1 5 x"])
    func `are not read from anything else`(_ text: String) {
        #expect(ClockState(text) == nil)
    }

    @Test func `grow less certain with age, and are not believed when they are old`() throws {
        let folder = try DirectoryScratch()
        let path = folder.file("state")
        try File.write(ClockState(isSynchronized: true, errorMicroseconds: 1000, seenAt: Self.seen).text, to: path)
        let after = try #require(ClockState.read(path, at: Self.seen + .seconds(10)))
        #expect(after.errorMicroseconds == 1000 + 10 * 500)
        #expect(ClockState.read(path, at: Self.seen + .seconds(61)) == nil)
        #expect(ClockState.read(path, at: Self.seen + .seconds(-1)) == nil)
        #expect(ClockState.read(folder.file("nothing"), at: Self.seen) == nil)
    }
}

@Suite struct `What doctor asks of the system` {
    @Test func `decides by the modes of a file who may use it`() throws {
        let folder = try DirectoryScratch()
        let path = folder.file("port")
        try File.write("", to: path, mode: 0o660)
        var facts = try #require(FileFacts(path))
        (facts.user, facts.group) = (5, 20)
        #expect(facts.mayUse(user: 5, groups: []))
        #expect(facts.mayUse(user: 6, groups: [20]))
        #expect(!facts.mayUse(user: 6, groups: [21]))
        #expect(facts.mayUse(user: 0, groups: []))
        // The owner's bits hold for the owner, whatever the others may.
        facts.mode = 0o066
        #expect(!facts.mayUse(user: 5, groups: [20]))
    }

    @Test func `knows the room on a disk`() throws {
        let space = try DiskSpace(of: "/")
        #expect(space.totalBytes > 0 && space.freeBytes <= space.totalBytes)
        #expect(throws: SystemError.self) { try DiskSpace(of: "/nowhere") }
    }

    @Test func `tells a name that is unknown and a port that is closed`() throws {
        #expect(throws: Reachability.Failure.self) { try Reachability.addresses(of: "nowhere.invalid") }
        #expect(try Reachability.addresses(of: "127.0.0.1") == ["127.0.0.1"])
        let port = try freeLoopbackPort()
        #expect(throws: Reachability.Failure.self) {
            try Reachability.connect("127.0.0.1", port: port, milliseconds: 2000)
        }
    }
}
