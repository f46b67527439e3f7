import DriverKit
import Loop
import Simulation
import Synchronization
import Vitals

/// Sockets of a box, and devices that are put into them.
struct Sockets {
    let connector: ScriptedConnector
    let ports: ScriptedPorts
    let loop: EventLoop

    /// A cable as it says who it is.
    static func cable(
        _ path: String, _ socket: String, number: String? = nil, _ vendor: UInt16 = 0x10C4,
        _ product: UInt16 = 0xEA60
    ) -> PortIdentity {
        PortIdentity(
            path: path, usb: .init(vendor: vendor, product: product, interface: 0, serialNumber: number),
            socket: "pci-0000:00:14.0-usb-\(socket)")
    }

    /// The device is in that socket from then until then; pulled out in the middle of a packet.
    func plug(
        _ device: Gadget, _ port: PortIdentity, from start: Double, until end: Double? = nil
    ) {
        let begin = Instant.boot + .seconds(start)
        let stop = end.map { Instant.boot + .seconds($0) } ?? .never
        plugged.append(port.path, (begin, stop, device))
        let (connector, loop, plugged) = (connector, loop, plugged)
        connector.add(port.path) {
            let there = plugged.there(port.path, at: loop.now)
            guard let (_, stop, device) = there, case .serial(_, let line)? = connector.attempts.last?.address
            else {
                return ScriptedLink(path: port.path, on: loop) { .gone(at: .boot) }
            }
            return device.link(port.path, line, until: stop, on: loop)
        }
        ports.plug(port, at: begin)
        if end != nil { ports.unplug(port.path, at: stop + .milliseconds(20)) }
    }

    private let plugged = Plugged()

    init(connector: ScriptedConnector, ports: ScriptedPorts, loop: EventLoop) {
        self.connector = connector
        self.ports = ports
        self.loop = loop
    }

    private final class Plugged {
        private var all: [String: [(Instant, Instant, Gadget)]] = [:]

        func append(_ path: String, _ one: (Instant, Instant, Gadget)) { all[path, default: []].append(one) }

        func there(_ path: String, at now: Instant) -> (Instant, Instant, Gadget)? {
            all[path]?.last { $0.0 <= now && now < $0.1 }
        }
    }
}

/// A device with a cable: what it says, at which speed, and whether it wants to be asked.
struct Gadget: Sendable {
    var head: UInt8
    var value: UInt8
    var baud: Int
    /// Silent until it is asked, or until that second.
    var speaksFrom: Double = 0
    var waitsForQuestion = false
    /// Between two packets.
    var interval: Duration = .milliseconds(50)
    let heard = Words()

    func link(_ path: String, _ line: SerialSettings, until end: Instant, on loop: EventLoop) -> ScriptedLink {
        // By its own watch, which does not care who opens the port; with none it begins then.
        var at = speaksFrom > 0 ? Instant.boot + .seconds(speaksFrom) : loop.now + interval / 2
        while at < loop.now { at = at + interval }
        let isAsked = !waitsForQuestion
        var hasEnded = false
        // At the wrong speed a line carries something else.
        let packet = line.baud == baud ? Beacon<Red>.packet(head, value) : [0x80, 0x00, 0xFE]
        let (heard, value, interval) = (heard, value, interval)
        return ScriptedLink(
            path: path, on: loop,
            next: {
                guard isAsked, !hasEnded else {
                    defer { hasEnded = true }
                    return end == .never || hasEnded ? nil : .gone(at: end)
                }
                guard at < end else {
                    hasEnded = true
                    return .gone(at: end)
                }
                defer { at = at + interval }
                return .bytes(at + interval < end ? packet : Array(packet.prefix(2)), at: at)
            },
            answer: { bytes, now in
                heard.add(bytes)
                guard waitsForQuestion, line.baud == baud, bytes == [0x3F] else { return [] }
                return (1 ... 40).map { .bytes(Beacon<Red>.packet(head, value), at: now + interval * $0) }
            })
    }
}

/// What a device was told.
final class Words: Sendable {
    private let all = Mutex<[[UInt8]]>([])
    func add(_ bytes: [UInt8]) { all.withLock { $0.append(bytes) } }
    var said: [[UInt8]] { all.withLock(\.self) }
}

/// Oximeters that exist only here and differ in the first byte of a packet: head, value, their exclusive or.
struct Beacon<Kind: BeaconKind>: Driver {
    static var manifest: Manifest {
        Manifest(
            id: Kind.id, family: "Beacon", vendor: "Nobody", models: [Kind.id],
            serial: SerialSettings(baud: Kind.baud), usb: Kind.usb, probe: Kind.asks ? .query : .listen,
            metrics: [.oxygenSaturation], evidence: .example, sources: [])
    }

    private var rest: [UInt8] = []

    init(settings: DriverSettings) {}

    static func packet(_ head: UInt8, _ value: UInt8) -> [UInt8] { [head, value, head ^ value] }

    mutating func begin(_ turn: inout Turn) {
        guard Kind.asks else { return }
        turn.send([0x3F])
        turn.wake(after: .seconds(1))
    }

    mutating func wake(_ turn: inout Turn) { begin(&turn) }

    mutating func receive(_ bytes: Span<UInt8>, from channel: Channel, _ turn: inout Turn) {
        for index in bytes.indices { rest.append(bytes[index]) }
        while rest.count >= 3 {
            if rest[0] == Kind.head, rest[0] ^ rest[1] == rest[2] {
                turn.report(Reading(.oxygenSaturation, Double(rest[1])))
                rest.removeFirst(3)
            } else {
                rest.removeFirst()
                turn.report(.dropped(bytes: 1))
            }
        }
    }
}

protocol BeaconKind: Sendable {
    static var id: String { get }
    static var head: UInt8 { get }
    static var baud: Int { get }
    static var usb: [USBIdentity] { get }
    static var asks: Bool { get }
}

extension BeaconKind {
    static var usb: [USBIdentity] { [USBIdentity(vendor: 0x10C4, product: 0xEA60, isGenericBridge: true)] }
    static var asks: Bool { false }
}

enum Red: BeaconKind {
    static let (id, head, baud) = ("red", UInt8(0xA1), 115_200)
    static func gadget(_ value: UInt8) -> Gadget { Gadget(head: head, value: value, baud: baud) }
}

enum Green: BeaconKind {
    static let (id, head, baud) = ("green", UInt8(0xA2), 19_200)
    static func gadget(_ value: UInt8) -> Gadget { Gadget(head: head, value: value, baud: baud) }
}

/// Speaks only when it is asked.
enum Blue: BeaconKind {
    static let (id, head, baud) = ("blue", UInt8(0xA3), 9600)
    static let asks = true
    static func gadget(_ value: UInt8) -> Gadget {
        Gadget(head: head, value: value, baud: baud, waitsForQuestion: true)
    }
}

/// Asked over the line that Red's devices use.
enum Teal: BeaconKind {
    static let (id, head, baud) = ("teal", UInt8(0xA5), 115_200)
    static let asks = true
}

/// Has a USB identity of its own.
enum Own: BeaconKind {
    static let (id, head, baud) = ("own", UInt8(0xA4), 57_600)
    static let usb = [USBIdentity(vendor: 0x1209, product: 0x0001, isGenericBridge: false)]
    static func gadget(_ value: UInt8) -> Gadget { Gadget(head: head, value: value, baud: baud) }
}
