import Glibc
import Loop
import Synchronization
import Testing
import Vitals

@testable import Linux

@Suite("The local socket", .serialized)
struct LocalSocketTests {
    @Test("carries lines both ways, and says who asks")
    func lines() throws {
        try withDoor { path, listener, loop in
            let client = try LocalSocketClient.connect(path: path, on: loop)
            let server = try #require(await listener.accept())
            #expect(server.peer == "uid \(getuid())" + (Accounts.userName(of: getuid()).map { " (\($0))" } ?? ""))
            #expect(client.sendLine(Array("one".utf8)))
            #expect(client.sendLine([]))
            #expect(client.sendLine(Array("three".utf8)))
            for expected in ["one", "", "three"] {
                #expect(await server.receiveLine(before: loop.now + .seconds(2)) == Array(expected.utf8))
            }
            #expect(await server.receiveLine(before: loop.now + .milliseconds(5)) == nil)
            #expect(server.isOpen)
            #expect(server.sendLine(Array("answer".utf8)))
            server.close()
            #expect(!server.isOpen)
            #expect(await client.receiveLine(before: loop.now + .seconds(2)) == Array("answer".utf8))
            #expect(await client.receiveLine(before: loop.now + .seconds(2)) == nil)
            #expect(!client.isOpen)
        }
    }

    @Test("wakes the one who waits for a line: when it comes, when the client goes, when it is closed")
    func waiting() throws {
        try withDoor { path, listener, loop in
            nonisolated(unsafe) let client = try LocalSocketClient.connect(path: path, on: loop)
            nonisolated(unsafe) let server = try #require(await listener.accept())
            Task(executorPreference: loop) {
                await loop.sleep(until: loop.now + .milliseconds(10))
                _ = unsafe client.sendLine([0x41])
                await loop.sleep(until: loop.now + .milliseconds(10))
                unsafe client.close()
            }
            #expect(unsafe await server.receiveLine(before: .never) == [0x41])
            #expect(unsafe await server.receiveLine(before: .never) == nil)
            #expect(unsafe !server.isOpen)
            let other = try LocalSocketClient.connect(path: path, on: loop)
            nonisolated(unsafe) let second = try #require(await listener.accept())
            Task(executorPreference: loop) {
                await loop.sleep(until: loop.now + .milliseconds(10))
                unsafe second.close()
            }
            #expect(unsafe await second.receiveLine(before: .never) == nil)
            other.close()
        }
    }

    @Test("ends a client whose line does not end", arguments: [false, true])
    func longLine(_ isEnded: Bool) throws {
        try withDoor { path, listener, loop in
            let client = try LocalSocketClient.connect(path: path, on: loop)
            let server = try #require(await listener.accept())
            let most = [UInt8](repeating: 0x41, count: LocalSocketLine.lineBytesMax)
            #expect(client.sendLine(most))
            #expect(await server.receiveLine(before: loop.now + .seconds(2)) == most)
            let raw = try #require(client as? LocalSocketLine)
            #expect(raw.sendLine(most + [0x42] + (isEnded ? [] : [UInt8](repeating: 0x43, count: 40_000))))
            #expect(await server.receiveLine(before: loop.now + .seconds(2)) == nil)
            #expect(!server.isOpen)
            #expect(!server.sendLine([1]))
        }
    }

    @Test("refuses what a slow client does not take, and loses nothing of what it took")
    func slowClient() throws {
        try withDoor { path, listener, loop in
            let client = try LocalSocketClient.connect(path: path, on: loop)
            let server = try #require(await listener.accept())
            let line = [UInt8](repeating: 0x61, count: 999)
            var taken = 0
            while taken < 10_000, server.sendLine(line) { taken += 1 }
            #expect(taken >= LocalSocketLine.unsentBytesMax / 1000 && taken < 10_000)
            #expect(server.isOpen)
            server.close()
            var received = 0
            while let next = await client.receiveLine(before: loop.now + .seconds(2)) {
                #expect(next == line)
                received += 1
            }
            #expect(received == taken)
        }
    }

    @Test("notices at the next line that the client is gone")
    func goneClient() throws {
        try withDoor { path, listener, loop in
            let client = try LocalSocketClient.connect(path: path, on: loop)
            let server = try #require(await listener.accept())
            client.close()
            #expect(!server.sendLine([1]))
            #expect(!server.isOpen)
            #expect(await server.receiveLine(before: .never) == nil)
        }
    }

    @Test("answers a client that has only ended its own side")
    func halfClosed() throws {
        try withDoor { path, listener, loop in
            let number = try rawClient(path)
            defer { _ = close(number) }
            _ = unsafe write(number, "ask\n", 4)
            _ = shutdown(number, Int32(SHUT_WR))
            let server = try #require(await listener.accept())
            #expect(await server.receiveLine(before: .never) == Array("ask".utf8))
            #expect(await server.receiveLine(before: .never) == nil)
            #expect(!server.isOpen)
            #expect(server.sendLine(Array("answer".utf8)))
            server.close()
            var bytes = [UInt8](repeating: 0, count: 100)
            #expect(unsafe read(number, &bytes, 100) == 7)
        }
    }

    @Test("takes a few at a time, and tells the others why not")
    func crowd() throws {
        try withDoor { path, listener, loop in
            var clients: [any CommandLineLink] = []
            var servers: [any CommandLineLink] = []
            for _ in 0 ..< LocalSocketListener.connectionsMax {
                clients.append(try LocalSocketClient.connect(path: path, on: loop))
                servers.append(try #require(await listener.accept()))
            }
            let tooMany = try LocalSocketClient.connect(path: path, on: loop)
            nonisolated(unsafe) let waiting = listener
            let last = Note()
            Task(executorPreference: loop) {
                let line = unsafe await waiting.accept()
                last.text.withLock { $0 = line?.peer }
                line?.close()
            }
            let answer = await tooMany.receiveLine(before: loop.now + .seconds(2)) ?? []
            #expect(String(decoding: answer, as: UTF8.self) == LocalSocketListener.refusedCrowd)
            #expect(await tooMany.receiveLine(before: loop.now + .seconds(2)) == nil)
            servers[3].close()
            let next = try LocalSocketClient.connect(path: path, on: loop)
            #expect(await next.receiveLine(before: loop.now + .seconds(2)) == nil)
            #expect(last.text.withLock { $0 } == servers[0].peer)
        }
    }

    @Test("is for its owner and its group, and replaces one that a killed process left")
    func file() throws {
        let scratch = try DirectoryScratch()
        let path = scratch.file("socket")
        try onLoop { loop in
            #expect(socketLeftBehind(path))
            #expect(throws: LocalSocketError.notRunning(path: path)) {
                try LocalSocketClient.connect(path: path, on: loop)
            }
            let listener = try LocalSocketListener(path: path, on: loop)
            #expect(File.mode(of: path) == 0o660)
            #expect(throws: LocalSocketError.taken(path: path)) { try LocalSocketListener(path: path, on: loop) }
            listener.close()
            #expect(!File.exists(path))
            #expect(await listener.accept() == nil)
            try File.write("precious", to: path)
            #expect(throws: LocalSocketError.notASocket(path: path)) {
                try LocalSocketListener(path: path, on: loop)
            }
            #expect(try File.readText(path) == "precious")
        }
    }

    @Test("says what to do when nobody is there")
    func absent() throws {
        try onLoop { loop in
            let path = "/tmp/no-such-folder/homeward.sock"
            #expect(throws: LocalSocketError.notRunning(path: path)) {
                try LocalSocketClient.connect(path: path, on: loop)
            }
            #expect("\(LocalSocketError.notRunning(path: path))".contains("systemctl start homeward"))
            do throws(LocalSocketError) {
                _ = try LocalSocketListener(path: "/tmp/" + String(repeating: "x", count: 200), on: loop)
                Issue.record("made")
            } catch {
                #expect("\(error)".contains("File name too long"))
            }
        }
    }

    static let canBeAnother = getuid() == 0 && File.exists("/usr/bin/setpriv") && File.exists("/usr/bin/python3")

    @Test(
        "sends a user away who is not in the group, whatever the file allows",
        .enabled(if: canBeAnother, "needs root, setpriv and python3"))
    func strangers() throws {
        try withDoor { path, listener, loop in
            _ = unsafe chmod(String(path.prefix { $0 != "#" }.dropLast("/socket".utf8.count)), 0o755)
            _ = unsafe chmod(path, 0o666)
            let script =
                "import socket,sys; s=socket.socket(socket.AF_UNIX); s.connect(sys.argv[1]); "
                + "print(s.recv(1000).decode())"
            let child = try ChildProcess(
                "/usr/bin/setpriv",
                ["--reuid=65534", "--regid=65534", "--clear-groups", "/usr/bin/python3", "-c", script, path],
                output: .pipe)
            nonisolated(unsafe) let shared = listener
            Task(executorPreference: loop) { _ = unsafe await shared.accept() }
            #expect(try await child.ending(before: loop.now + .seconds(8), on: loop) == .status(0))
            let said = String(decoding: try child.readOutput() ?? [], as: UTF8.self)
            #expect(said == LocalSocketListener.refusedUser + "\n\n")
        }
    }

    // MARK: Parts

    private func withDoor(
        _ work: @escaping @Sendable (String, LocalSocketListener, EventLoop) async throws -> Void
    ) throws {
        let scratch = try DirectoryScratch()
        let path = scratch.file("socket")
        try onLoop { loop in
            let listener = try LocalSocketListener(path: path, on: loop)
            try await work(path, listener, loop)
            listener.close()
        }
    }
}

private final class Note: Sendable {
    let text = Mutex<String?>(nil)
}

private func address(_ path: String) -> sockaddr_un {
    var address = sockaddr_un()
    address.sun_family = sa_family_t(AF_UNIX)
    unsafe withUnsafeMutableBytes(of: &address.sun_path) { target in
        for (index, byte) in path.utf8.enumerated() { unsafe target[index] = byte }
    }
    return address
}

private func rawClient(_ path: String) throws -> Int32 {
    let number = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0)
    var address = address(path)
    let result = unsafe withUnsafePointer(to: &address) { pointer in
        unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
            unsafe connect(number, $0, socklen_t(MemoryLayout<sockaddr_un>.size))
        }
    }
    try #require(result == 0)
    return number
}

/// Bound, and closed without being removed.
private func socketLeftBehind(_ path: String) -> Bool {
    let number = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0)
    defer { _ = close(number) }
    var address = address(path)
    return unsafe withUnsafePointer(to: &address) { pointer in
        unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
            unsafe bind(number, $0, socklen_t(MemoryLayout<sockaddr_un>.size))
        }
    } == 0
}
