import Linux
import Loop
import Simulation
import Vitals

/// The oximeter of the demonstration: sends live packets through a pseudo-terminal and answers commands.
final class DemoPlayer {
    let terminal: PseudoTerminal
    private let recording: DemoRecording
    private let loop: EventLoop
    private var device = SimulatedCMS50()
    private var unsent: [UInt8] = []
    /// How far the recording has been played.
    private(set) var second = 0
    private(set) var framesSent = 0

    /// Packets are sent in groups of this many, as a USB bridge delivers them.
    private static let framesPerGroup = 6
    /// A daemon that reads nothing for so long is not coming back.
    private static let roomWithin: Duration = .seconds(10)

    init(_ recording: DemoRecording, on loop: EventLoop) throws(SystemError) {
        self.recording = recording
        self.loop = loop
        terminal = try PseudoTerminal()
    }

    var isDone: Bool { second >= recording.seconds.count }

    /// Plays up to that second of the recording.
    func play(upTo end: Int) async throws(SystemError) {
        var due = loop.now
        while second < min(end, recording.seconds.count) {
            let now = recording.seconds[second]
            device.oxygenSaturation = now.oxygenSaturation
            device.pulseRate = now.pulseRate
            device.perfusionIndexHundredths = now.perfusionIndexHundredths
            let speed = DemoPace.speed(at: second)
            for _ in 0 ..< SimulatedCMS50.framesPerSecond / Self.framesPerGroup {
                try obey()
                for _ in 0 ..< Self.framesPerGroup { unsent += device.nextFrame() }
                try await send()
                due = due + .seconds(Double(Self.framesPerGroup) / Double(SimulatedCMS50.framesPerSecond) / speed)
                if due > loop.now { await loop.sleep(until: due) } else { due = loop.now }
            }
            second += 1
        }
    }

    /// A full line holds the device back: nothing is thrown away here.
    private func send() async throws(SystemError) {
        framesSent += Self.framesPerGroup
        let deadline = loop.now + Self.roomWithin
        while !unsent.isEmpty {
            if let written = try terminal.write(unsent) { unsent.removeFirst(written) }
            guard !unsent.isEmpty else { return }
            guard loop.now < deadline else {
                throw SystemError(call: "write", errno: 110, subject: "\(terminal.path) (the daemon does not read)")
            }
            await loop.sleep(until: loop.now + .milliseconds(5))
        }
    }

    /// Answers the host's commands: packages of nine bytes whose third is the command.
    private func obey() throws(SystemError) {
        let heard = try terminal.read()
        for start in stride(from: 0, to: heard.count, by: 9) where start + 2 < heard.count && heard[start] == 0x7D {
            unsent += device.answer(to: heard[start + 2])
        }
    }
}
