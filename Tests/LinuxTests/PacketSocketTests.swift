import DriverKit
import Glibc
import Loop
import Testing
import Vitals

@testable import Linux

@Suite("A socket of packets", .serialized)
struct PacketSocketTests {
    @Test("gives each packet as it was sent, with the time of its coming")
    func packets() throws {
        try withPair { socket, far, loop async throws in
            let start = loop.now
            let packets: [[UInt8]] = [[1], [2, 3], [UInt8](repeating: 4, count: 23), [5]]
            for packet in packets { put(packet, far) }
            for packet in packets {
                let chunk = try #require(try await socket.receive(before: loop.now + .seconds(2)))
                #expect(chunk.bytes == packet && chunk.channel == socket.channels[0])
                #expect(chunk.at >= start && chunk.at <= loop.now)
            }
            #expect(try await socket.receive(before: loop.now + .milliseconds(5)) == nil)
            put([6], far)
            #expect(try await socket.receive(before: start)?.bytes == [6])
            #expect(try await socket.receive(before: start) == nil)
        }
    }

    @Test("sends packets whole")
    func sends() throws {
        try withPair { socket, far, loop async throws in
            try await socket.send([1, 2, 3], to: socket.channels[0])
            try await socket.send([4], to: socket.channels[0])
            #expect(take(far) == [1, 2, 3])
            #expect(take(far) == [4])
        }
    }

    @Test("takes the longest packet, and calls a longer one a breach of the protocol")
    func tooLong() throws {
        try withPair { socket, far, loop async throws in
            let longest = [UInt8](repeating: 7, count: 23)
            for packet in [longest, longest + [8], longest + longest + longest] { put(packet, far) }
            #expect(try await socket.receive(before: .never)?.bytes == longest)
            for _ in 0 ..< 2 {
                await expect(.protocolError) { _ = try await socket.receive(before: .never) }
            }
        }
    }

    @Test("gives what came before the end, and then says for ever that the link is lost")
    func end() throws {
        try withPair { socket, far, loop async throws in
            put([1], far)
            put([2], far)
            _ = shutdown(far, Int32(SHUT_RDWR))
            #expect(try await socket.receive(before: .never)?.bytes == [1])
            #expect(try await socket.receive(before: .never)?.bytes == [2])
            for _ in 0 ..< 2 { await expect(.linkLost) { _ = try await socket.receive(before: .never) } }
            await expect(.linkLost) { try await socket.send([1], to: socket.channels[0]) }
        }
    }

    @Test("ends a receive that waits when it is closed, and stays closed")
    func closed() throws {
        try withPair { socket, _, loop async throws in
            nonisolated(unsafe) let shared = socket
            Task(executorPreference: loop) {
                await loop.sleep(until: loop.now + .milliseconds(10))
                unsafe shared.close()
            }
            await #expect(throws: LinkError.closed) { try await socket.receive(before: .never) }
            await #expect(throws: LinkError.closed) { try await socket.receive(before: .never) }
            await #expect(throws: LinkError.closed) { try await socket.send([1], to: socket.channels[0]) }
            socket.close()
        }
    }

    // MARK: Parts

    private func withPair(
        _ work: @escaping @Sendable (PacketSocket, Int32, EventLoop) async throws -> Void
    ) throws {
        try onLoop { loop in
            var ends: [Int32] = [-1, -1]
            let result = unsafe socketpair(AF_UNIX, Int32(SOCK_SEQPACKET.rawValue), 0, &ends)
            try #require(result == 0)
            _ = fcntl(ends[0], F_SETFL, O_NONBLOCK)
            let manner = PacketSocket.Manner(
                name: "a device", channel: Channel("test"), packetBytesMax: 23, switches: RadioSwitches())
            let near = FileDescriptor(owning: ends[0])
            let far = FileDescriptor(owning: ends[1])
            try await work(PacketSocket(near, manner, at: .connected, on: loop), far.number, loop)
            far.close()
        }
    }

    private func expect(_ problem: BluetoothProblem, _ work: () async throws -> Void) async {
        do {
            try await work()
            Issue.record("it worked, and should have been \(problem)")
        } catch {
            guard case .bluetooth(problem, _)? = error as? LinkError else {
                Issue.record("\(error) is not \(problem)")
                return
            }
        }
    }

    private func put(_ packet: [UInt8], _ socket: Int32) { _ = unsafe write(socket, packet, packet.count) }

    private func take(_ socket: Int32) -> [UInt8] {
        var bytes = [UInt8](repeating: 0, count: 100)
        let count = unsafe recv(socket, &bytes, bytes.count, Int32(MSG_DONTWAIT))
        return Array(bytes.prefix(max(0, count)))
    }
}
