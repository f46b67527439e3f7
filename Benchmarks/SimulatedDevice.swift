import Linux
import Loop
import Simulation
import Vitals

/// An oximeter on a pseudo-terminal that sends each frame when it is due.
actor SimulatedDevice: LoopActor {
    enum Kind: String, Sendable { case cms50 = "contec-cms50-v7", bci = "berrymed-bci", format8, format7 }

    nonisolated let kind: Kind
    nonisolated let loop: EventLoop
    /// Where the daemon finds it.
    nonisolated let path: String
    private let terminal: PseudoTerminal
    private var contec = SimulatedCMS50()
    private var number = 0
    /// Frames between changes from a good saturation to a bad one and back; `nil`: always good.
    private var alternatesEvery: Int?
    private var isStopped = false

    init(_ kind: Kind, on loop: EventLoop) throws(SystemError) {
        self.kind = kind
        self.loop = loop
        terminal = try PseudoTerminal()
        path = terminal.path
    }

    /// The four kinds of one home.
    static func home(on loop: EventLoop) throws(SystemError) -> [SimulatedDevice] {
        var devices: [SimulatedDevice] = []
        for kind: Kind in [.cms50, .cms50, .cms50, .cms50, .bci, .bci, .format8, .format7] {
            devices.append(try SimulatedDevice(kind, on: loop))
        }
        return devices
    }

    /// As `devices` of the configuration wants it.
    nonisolated func setup(_ index: Int) -> String {
        let driver = kind == .format7 || kind == .format8 ? "nonin-serial" : kind.rawValue
        return """
            { id: "oximeter-\(index)", driver: "\(driver)", port: "\(path)", patient: "p-\(index)" },
            """
    }

    func alternate(everyFrames count: Int?) { alternatesEvery = count }
    func stop() { isStopped = true }

    func play() async {
        var due = loop.now
        while !isStopped {
            // A full line loses the frame, as a real one would.
            obey()
            _ = try? terminal.write(nextFrame())
            number += 1
            due = due + .microseconds(1_000_000 / framesPerSecond)
            if due > loop.now { await loop.sleep(until: due) } else { due = loop.now }
        }
    }

    private var framesPerSecond: Int64 {
        switch kind {
        case .cms50: 60
        case .bci: 100
        case .format8: 1
        case .format7: 75
        }
    }

    private func nextFrame() -> [UInt8] {
        let second = number / Int(framesPerSecond)
        switch kind {
        case .cms50:
            contec.oxygenSaturation = Stream.oxygen(second)
            contec.pulseRate = Stream.pulse(second)
            return contec.nextFrame()
        case .bci: return Stream.bciFrame(number, oxygen: saturation(second))
        case .format8: return Stream.noninShortFrame(number)
        case .format7:
            let packet = Stream.noninPacket(number / 25, isFormat2: false)
            return Array(packet[(number % 25 * 5) ..< (number % 25 * 5 + 5)])
        }
    }

    private func saturation(_ second: Int) -> UInt8 {
        guard let alternatesEvery else { return Stream.oxygen(second) }
        return number / alternatesEvery % 2 == 0 ? 97 : 80
    }

    private func obey() {
        guard kind == .cms50, let heard = try? terminal.read() else { return }
        for start in stride(from: 0, to: heard.count, by: 9) where start + 2 < heard.count && heard[start] == 0x7D {
            _ = try? terminal.write(contec.answer(to: heard[start + 2]))
        }
    }
}
