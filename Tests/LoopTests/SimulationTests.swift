import DriverKit
import Loop
import Simulation
import Testing
import Vitals

@Suite("A scripted line")
struct SimulationTests {
    static let address = Address.serial(path: "/dev/a", SerialSettings(baud: 9600))
    static func at(_ seconds: Int) -> Instant { .boot + .seconds(seconds) }

    @Test("sends its bytes at their time, and is silent after them")
    func script() throws {
        let chunks = EventLoop.simulate { loop in
            let connector = ScriptedConnector(on: loop)
            connector.add("/dev/a", script: [(Self.at(1), [1]), (Self.at(5), [2, 3])])
            var lines: [String] = []
            do throws(LinkError) {
                let link = try await connector.connect(to: Self.address)
                for _ in 0 ..< 4 {
                    let chunk = try await link.receive(before: loop.now + .seconds(3))
                    lines.append("\((loop.now - .boot).wholeMilliseconds) \(chunk?.bytes ?? [])")
                }
            } catch {
                lines.append("\(error)")
            }
            return lines
        }
        #expect(chunks == ["1000 [1]", "4000 []", "5000 [2, 3]", "8000 []"])
    }

    @Test("is gone, busy and back as the script says")
    func states() {
        let lines = EventLoop.simulate { loop in
            let connector = ScriptedConnector(on: loop)
            connector.add("/dev/a") {
                var events = [ScriptedEvent.bytes([1], at: Self.at(11)), .gone(at: Self.at(20))][...]
                return ScriptedLink(path: "/dev/a", on: loop, next: { events.popFirst() })
            }
            connector.set("/dev/a", to: .gone)
            connector.set("/dev/a", to: .busy, from: Self.at(5))
            connector.set("/dev/a", to: .present, from: Self.at(10))
            var lines: [String] = []
            for _ in 0 ..< 3 {
                do throws(LinkError) {
                    let link = try await connector.connect(to: Self.address)
                    while let chunk = try await link.receive(before: .never) { lines.append("\(chunk.bytes)") }
                } catch {
                    lines.append("\(error)".split(separator: ":").first.map(String.init) ?? "")
                }
                await loop.sleep(until: loop.now + .seconds(5))
            }
            return lines + ["\(connector.attempts.count)"]
        }
        #expect(
            lines == [
                "/dev/a is not there", "/dev/a is held by another program", "[1]", "/dev/a is not there", "3",
            ])
    }

    @Test("answers what it is asked, and ends a receive when it is closed")
    func answers() {
        let lines = EventLoop.simulate { loop in
            let link = ScriptedLink(on: loop, next: { nil }) { bytes, at in
                [.bytes(bytes.reversed(), at: at + .seconds(1))]
            }
            var lines: [String] = []
            do throws(LinkError) {
                try await link.send([1, 2], to: .serial)
                lines.append("\(try await link.receive(before: .never)?.bytes ?? [])")
                nonisolated(unsafe) let shared = link
                Task(executorPreference: loop) {
                    await loop.sleep(until: loop.now + .seconds(1))
                    unsafe shared.close()
                }
                _ = try await link.receive(before: .never)
            } catch {
                lines.append("\(error)")
            }
            return lines
        }
        #expect(lines == ["[2, 1]", "closed here"])
    }

    @Test("that is hostile does the same for the same seed, and nothing without malice", arguments: 0 ..< 10)
    func hostile(seed: UInt64) {
        func received(_ malice: HostileLink.Malice) -> [UInt8] {
            EventLoop.simulate { loop in
                let script = (1 ... 100).map { (Self.at($0), [UInt8](repeating: UInt8($0), count: 7)) }
                let link = HostileLink(
                    ScriptedLink(on: loop, script: script), on: loop, seed: Seed(seed), malice)
                var bytes: [UInt8] = []
                do throws(LinkError) {
                    while let chunk = try await link.receive(before: loop.now + .seconds(60)) {
                        bytes += chunk.bytes
                    }
                } catch {
                    Issue.record(error)
                }
                return bytes
            } ?? []
        }
        let plain = received(HostileLink.Malice(cut: 0.5, drop: 0, duplicate: 0, flip: 0, delay: 0.5))
        #expect(plain == (1 ... 100).flatMap { [UInt8](repeating: UInt8($0), count: 7) })
        let cruel = HostileLink.Malice(cut: 0.5, drop: 0.2, duplicate: 0.2, flip: 0.2, delay: 0.2)
        let first = received(cruel)
        #expect(first != plain)
        #expect(first == received(cruel))
    }
}
