import DriverKit
import Glibc
import Linux
import Loop
import Testing
import Vitals

@Suite("A serial port", .serialized)
struct SerialPortTests {
    static let settings = SerialSettings(baud: 19_200)

    @Test("gives the bytes of the line, every value of them, with the time of their coming")
    func allBytes() throws {
        let received = try onLoop { loop in
            let line = try PseudoTerminal()
            let port = try SerialPort(path: line.path, Self.settings, on: loop)
            let bytes = (0 ... 255).map { UInt8($0) } + [0xFF, 0xFF, 0, 0, 0xFF, 0, 0x41, 0xFF]
            let start = loop.now
            _ = try line.write(bytes)
            var got: [UInt8] = []
            while got.count < bytes.count, let chunk = try await port.receive(before: loop.now + .seconds(2)) {
                #expect(chunk.at >= start && chunk.at <= loop.now)
                #expect(chunk.channel == .serial)
                got += chunk.bytes
            }
            port.close()
            return (got, bytes)
        }
        #expect(received.0 == received.1)
    }

    @Test(
        "takes the settings of every driver, also on a line without hardware",
        arguments: [4800, 9600, 115_200, 921_600])
    func settings(baud: Int) throws {
        try onLoop { loop in
            let line = try PseudoTerminal()
            for parity in SerialSettings.Parity.allCases {
                for bits in [7, 8] {
                    let settings = SerialSettings(baud: baud, dataBits: bits, parity: parity, stopBits: 2)
                    try SerialPort(path: line.path, settings, on: loop).close()
                }
            }
        }
    }

    @Test("refuses a speed that is not a standard one, and says so")
    func oddSpeed() throws {
        try onLoop { loop in
            let line = try PseudoTerminal()
            do throws(LinkError) {
                _ = try SerialPort(path: line.path, SerialSettings(baud: 12_345), on: loop)
                Issue.record("opened")
            } catch {
                #expect(error.description.contains("12345 baud is not a standard speed"))
            }
        }
    }

    @Test("tells silence from a line that is gone")
    func silentThenGone() throws {
        try onLoop { loop in
            let line = try PseudoTerminal()
            let port = try SerialPort(path: line.path, Self.settings, on: loop)
            let deadline = loop.now + .milliseconds(20)
            #expect(try await port.receive(before: deadline) == nil)
            #expect(loop.now >= deadline)
            line.hangUp()
            let path = line.path
            await #expect(throws: LinkError.gone(path)) { try await port.receive(before: loop.now + .seconds(2)) }
            await #expect(throws: LinkError.gone(path)) { try await port.receive(before: loop.now + .seconds(2)) }
        }
    }

    @Test("notices while it waits that the line goes away")
    func goneWhileWaiting() throws {
        try onLoop { loop in
            let line = try PseudoTerminal()
            let port = try SerialPort(path: line.path, Self.settings, on: loop)
            let path = line.path
            let pulled = loop.now + .milliseconds(20)
            // Everything of this test is on the one loop.
            nonisolated(unsafe) let shared = line
            Task(executorPreference: loop) {
                await loop.sleep(until: pulled)
                unsafe shared.hangUp()
            }
            await #expect(throws: LinkError.gone(path)) { try await port.receive(before: loop.now + .seconds(5)) }
            #expect(loop.now - pulled < .seconds(1))
        }
    }

    @Test("does not keep the processor busy when a gone line is left open")
    func noBusyLoopOnHangUp() throws {
        let turns = try onLoop { loop in
            let line = try PseudoTerminal()
            let port = try SerialPort(path: line.path, Self.settings, on: loop)
            line.hangUp()
            let before = loop.turns
            await loop.sleep(until: loop.now + .milliseconds(50))
            let turns = loop.turns - before
            port.close()
            return turns
        }
        #expect(turns < 10)
    }

    @Test("gives what came in time also when it is asked after the deadline")
    func lateQuestion() throws {
        let bytes = try onLoop { loop in
            let line = try PseudoTerminal()
            let port = try SerialPort(path: line.path, Self.settings, on: loop)
            _ = try line.write([1, 2, 3])
            return try await port.receive(before: loop.now - .seconds(1))?.bytes
        }
        #expect(bytes == [1, 2, 3])
    }

    @Test("drops what was sent before it was opened")
    func staleInput() throws {
        let bytes = try onLoop { loop in
            let line = try PseudoTerminal()
            _ = try line.write([9, 9, 9])
            #expect(line.comesToHold(3))
            let port = try SerialPort(path: line.path, Self.settings, on: loop)
            _ = try line.write([1])
            return try await port.receive(before: loop.now + .seconds(2))?.bytes
        }
        #expect(bytes == [1])
    }

    @Test("is busy for a second reader, and free again when it is closed")
    func busy() throws {
        try onLoop { loop in
            let line = try PseudoTerminal()
            let port = try SerialPort(path: line.path, Self.settings, on: loop)
            let path = line.path
            #expect(throws: LinkError.busy(path)) { try SerialPort(path: path, Self.settings, on: loop) }
            port.close()
            try SerialPort(path: path, Self.settings, on: loop).close()
        }
    }

    @Test("ends a receive that waits when it is closed, and stays closed")
    func closeDuringReceive() throws {
        try onLoop { loop in
            let line = try PseudoTerminal()
            nonisolated(unsafe) let port = try SerialPort(path: line.path, Self.settings, on: loop)
            Task(executorPreference: loop) {
                await loop.sleep(until: loop.now + .milliseconds(20))
                unsafe port.close()
            }
            await #expect(throws: LinkError.closed) { try unsafe await port.receive(before: .never) }
            await #expect(throws: LinkError.closed) { try unsafe await port.receive(before: .never) }
            await #expect(throws: LinkError.closed) { try unsafe await port.send([1], to: .serial) }
            unsafe port.close()
            withExtendedLifetime(line) {}
        }
    }

    @Test("sends while it receives")
    func sendWhileReceiving() throws {
        try onLoop { loop in
            nonisolated(unsafe) let line = try PseudoTerminal()
            let port = try unsafe SerialPort(path: line.path, Self.settings, on: loop)
            try await port.send([0x7D, 0x81, 0xFF], to: .serial)
            let asked = try unsafe line.read()
            #expect(asked == [0x7D, 0x81, 0xFF])
            Task(executorPreference: loop) {
                await loop.sleep(until: loop.now + .milliseconds(10))
                _ = try unsafe line.write([0xFF])
            }
            #expect(try await port.receive(before: loop.now + .seconds(2))?.bytes == [0xFF])
        }
    }

    @Test("gives up sending to a device that takes nothing")
    func sendTimeout() throws {
        try onLoop { loop in
            let line = try PseudoTerminal()
            let port = try SerialPort(path: line.path, Self.settings, on: loop)
            let start = loop.now
            do throws(LinkError) {
                try await port.send([UInt8](repeating: 7, count: 1 << 20), to: .serial)
                Issue.record("sent")
            } catch {
                guard case .system("write", ETIMEDOUT, _) = error else { throw error }
            }
            #expect(loop.now - start >= SerialPort.sendLimit)
            withExtendedLifetime(line) {}
        }
    }

    @Test("leaves the line set as it found it")
    func restored() throws {
        try onLoop { loop in
            let line = try PseudoTerminal()
            let speed = { () -> speed_t in
                let slave = try FileDescriptor.open(line.path, O_RDWR | O_NOCTTY)
                var settings = termios()
                _ = unsafe tcgetattr(slave.number, &settings)
                return unsafe cfgetospeed(&settings)
            }
            let before = try speed()
            let port = try SerialPort(path: line.path, SerialSettings(baud: 4800), on: loop)
            #expect(try speed() == speed_t(B4800))
            port.close()
            #expect(try speed() == before)
        }
    }

    @Test("says what is wrong with a path that is no port")
    func notAPort() throws {
        try onLoop { loop in
            #expect(throws: LinkError.gone("/dev/no-such-port")) {
                try SerialPort(path: "/dev/no-such-port", Self.settings, on: loop)
            }
            do throws(LinkError) {
                _ = try SerialPort(path: "/dev/null", Self.settings, on: loop)
                Issue.record("opened")
            } catch {
                guard case .system("tcgetattr", ENOTTY, let what) = error else { throw error }
                #expect(what.contains("not a serial port"))
            }
        }
    }

    @Test("is opened by its address, and has no errors at first")
    func connector() throws {
        try onLoop { loop in
            let line = try PseudoTerminal()
            let link = try await SerialConnector(on: loop).connect(to: .serial(path: line.path, Self.settings))
            #expect(link.lineErrors == LineErrors())
            link.close()
            #expect(link.lineErrors == LineErrors())
        }
    }
}
