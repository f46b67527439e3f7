import Agent
import Bluetooth
import Delivery
import DriverKit
import Loop
import Simulation
import Synchronization
import Vitals

extension Stage {
    static let address = BluetoothAddress(bits: 0xC4B5_0011_2233, kind: .random)

    /// A bedside oximeter in the air, and a technician who comes.
    static func technician(
        seconds: Int = 200, saturation: @escaping Signal = { _ in 97 },
        _ visit: @escaping @Sendable (Visit) async -> Void
    ) -> Stage {
        var stage = Stage()
        stage.seconds = seconds
        stage.air = { radio in
            radio.add(
                SimulatedRadio.Device(address, name: "Bedside 0042") { loop in
                    ScriptedLink.bedside("air", on: loop, until: seconds, saturation)
                })
        }
        stage.technician = visit
        return stage
    }

    /// The device is not heard meanwhile, and its link breaks.
    mutating func goesAway(from start: Int, until end: Int) {
        let seconds = seconds
        let before = air
        air = { radio in
            before?(radio)
            radio.change(Stage.address) { device in
                let link = device.link
                device.isThere = { $0 < .boot + .seconds(start) || $0 >= .boot + .seconds(end) }
                device.link = { loop in
                    guard loop.now < .boot + .seconds(start) else { return link(loop) }
                    return Pulled(
                        ScriptedLink.bedside("air", on: loop, until: seconds) { _ in 97 },
                        at: .boot + .seconds(start), loop)
                }
            }
        }
    }
}

extension Stage.Visit {
    /// Everything that was answered.
    func ask(_ request: String, peer: String = "uid 1000 (technician)") async -> [String] {
        await door.connect([request], peer: peer).end()
    }

    /// The code of the error with which it ended, or `done`.
    func outcome(_ request: String) async -> String {
        let last = await ask(request).last ?? "nothing"
        return last == #"{"done":true}"# ? "done" : field("code", in: last)
    }

    func pairBedside() async -> [String] { await ask(#"{"command":"pair","address":"C4:B5:00:11:22:33"}"#) }
}

extension Stage.Record {
    /// For each message of a metric's readings the second in which it was accepted, and whose it is.
    func topicsBySecond(_ metric: String) -> [(Int, String)] {
        entries.flatMap { entry -> [(Int, String)] in
            guard case .accepted(let drafts, _, let at) = entry else { return [] }
            return drafts.filter { $0.schema == "reading" && $0.topic.hasSuffix("/\(metric)") }.map { draft in
                (
                    Int(at.nanoseconds / 1_000_000_000),
                    String(draft.topic.dropLast("/reading/\(metric)".count))
                )
            }
        }
    }

    /// All that left the box.
    var everything: String {
        entries.map { entry in
            switch entry {
            case .accepted(let drafts, _, _): drafts.map { "\($0.topic) \($0.text)" }.joined(separator: "\n")
            case .state(let topic, _, let body, _): "\(topic) \(String(decoding: body, as: UTF8.self))"
            }
        }.joined(separator: "\n")
    }
}
