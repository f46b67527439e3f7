import DriverKit
import Loop
import Vitals

/// Finds out whose device is behind a port: listens first, with each setting of the line and all drivers' ears at
/// once; then asks, by the drivers that may, what changes and erases nothing, and listens on with all ears. Decided
/// by valid frames.
final class PortProbe {
    /// What was found, with the line as it was left.
    struct Finding {
        let driver: any Driver.Type
        /// `nil`: the line is to be opened anew, with the driver's own settings.
        var link: (any Link)?
        /// What the device has said and nobody has taken.
        var heard: [Chunk] = []
    }

    /// Nothing comes for so long: it does not stream, or not with this setting.
    static let silenceFirst: Duration = .milliseconds(300)
    /// The same when there is time: some say a word a second.
    static let silencePatient: Duration = .milliseconds(1500)
    /// One setting is listened to for so long at most.
    static let listenMax: Duration = .seconds(4)
    /// In haste, bytes that no driver understands are given no longer: another setting is likelier to be right.
    static let noiseMax: Duration = .milliseconds(600)
    /// So many bytes that no driver understands are enough.
    static let noiseBytesMax = 256
    /// What the probe keeps for the session.
    static let heardBytesMax = 16 * 1024
    static let answerFirst: Duration = .milliseconds(1200)
    static let answerPatient: Duration = .seconds(10)
    static let askMax: Duration = .seconds(20)
    /// A device that was asked is given so long to fall silent.
    static let hushMax: Duration = .milliseconds(300)

    private let port: PluggedPort
    private let connector: any Connector
    private let loop: EventLoop
    /// The likeliest first.
    private let candidates: [any Driver.Type]
    /// Those whose manifest names the cable, and who may ask.
    private let askers: [any Driver.Type]
    private(set) var heardBytes = 0

    init(
        _ port: PluggedPort, candidates: [any Driver.Type], askers: [any Driver.Type], connector: any Connector,
        on loop: EventLoop
    ) {
        self.port = port
        self.candidates = candidates
        self.askers = askers
        self.connector = connector
        self.loop = loop
    }

    /// Everything once. `nil`: no driver knows it, or the port is no longer there.
    func round(isPatient: Bool, asks: Bool) async throws(LinkError) -> Finding? {
        for line in lines {
            if let found = try await listen(line, isPatient: isPatient) { return found }
            guard port.isThere else { return nil }
        }
        guard asks else { return nil }
        for driver in askers {
            if let found = try await ask(driver, isPatient: isPatient) { return found }
            guard port.isThere else { return nil }
        }
        return nil
    }

    /// There is one way to listen and nothing to ask: nothing is won by haste.
    var isSimple: Bool { askers.isEmpty && lines.count == 1 }

    /// Each distinct setting, in the order of the candidates. Where there is no line, one is as good as another.
    private var lines: [SerialSettings] {
        var lines: [SerialSettings] = []
        for candidate in candidates {
            if let line = candidate.manifest.serial, !lines.contains(line) { lines.append(line) }
        }
        return port.identity.isWithoutLine ? Array(lines.prefix(1)) : lines
    }

    // MARK: Listening

    private func listen(_ line: SerialSettings, isPatient: Bool) async throws(LinkError) -> Finding? {
        let link = try await port.open(line, by: connector)
        var isFound = false
        defer { if !isFound { port.close() } }
        var judges = judges(of: line)
        var heard: [Chunk] = []
        let silence = isPatient ? Self.silencePatient : Self.silenceFirst
        let last = loop.now + Self.listenMax
        var end = loop.now + silence
        var count = 0
        while loop.now < end, port.isThere {
            let wake = judges.map(\.wakeAt).min() ?? .never
            let chunk = try await link.receive(before: min(end, wake))
            for index in judges.indices { judges[index].wake(at: loop.now) }
            guard let chunk else { continue }
            heard.append(chunk)
            count += chunk.bytes.count
            for index in judges.indices { judges[index].receive(chunk.bytes, at: chunk.at) }
            if best(of: judges, atLeast: .certain, line) != nil || count > Self.heardBytesMax { break }
            let isLikely = best(of: judges, atLeast: .likely, line) != nil
            end = min(last, loop.now + (isLikely ? Self.silenceFirst : silence))
            guard !isLikely else { continue }
            if count > Self.noiseBytesMax { break }
            if !isPatient { end = min(end, (heard.first?.at ?? loop.now) + Self.noiseMax) }
        }
        heardBytes += count
        guard let verdict = best(of: judges, line) else { return nil }
        isFound = true
        return Finding(driver: verdict.type, link: link, heard: heard)
    }

    /// The ears of those who can understand something with this setting.
    private func judges(of line: SerialSettings) -> [ProbeJudge] {
        candidates.filter { port.identity.isWithoutLine || $0.manifest.serial == line }.map { ProbeJudge($0) }
    }

    /// A certain one before a likely one.
    private func best(of judges: [ProbeJudge], _ line: SerialSettings) -> ProbeJudge? {
        best(of: judges, atLeast: .certain, line) ?? best(of: judges, atLeast: .likely, line)
    }

    /// Two can understand the same bytes: then the one whose line it is, then the one that understands more, then
    /// the first.
    private func best(
        of judges: [ProbeJudge], atLeast least: ProbeJudge.Verdict, _ line: SerialSettings
    ) -> ProbeJudge? {
        var best: (judge: ProbeJudge, rank: (Int, Int))?
        for judge in judges where judge.verdict(at: loop.now) >= least {
            let rank = (judge.type.manifest.serial == line ? 1 : 0, judge.score)
            if let known = best, known.rank >= rank { continue }
            best = (judge, rank)
        }
        return best?.judge
    }

    // MARK: Asking

    private func ask(_ driver: any Driver.Type, isPatient: Bool) async throws(LinkError) -> Finding? {
        guard let line = driver.manifest.serial else { return nil }
        let link = try await port.open(line, by: connector)
        var isFound = false
        defer { if !isFound { port.close() } }
        var asked = ProbeJudge(driver)
        // One that says a word a second may say it now.
        var others = judges(of: line).filter { $0.type.manifest.id != driver.manifest.id }
        var heard: [Chunk] = []
        let silence = isPatient ? Self.answerPatient : Self.answerFirst
        let last = loop.now + Self.askMax
        var end = loop.now + silence
        var count = 0
        try await send(asked.begin(at: loop.now), link)
        while loop.now < end, port.isThere {
            let chunk = try await link.receive(before: min(end, asked.wakeAt))
            try await send(asked.wake(at: loop.now), link)
            for index in others.indices { others[index].wake(at: loop.now) }
            guard let chunk else { continue }
            heard.append(chunk)
            count += chunk.bytes.count
            try await send(asked.receive(chunk.bytes, at: chunk.at), link)
            // An answer to its own question needs no more.
            if asked.verdict(at: loop.now) >= .likely { break }
            for index in others.indices { others[index].receive(chunk.bytes, at: chunk.at) }
            if best(of: others, atLeast: .certain, line) != nil || count > Self.heardBytesMax { break }
            let isLikely = best(of: others, atLeast: .likely, line) != nil
            end = min(last, loop.now + (isLikely ? Self.silenceFirst : silence))
            if count > Self.noiseBytesMax, !isLikely, asked.verdict(at: loop.now) == .foreign { break }
        }
        heardBytes += count
        guard asked.verdict(at: loop.now) >= .likely else {
            // To a device that has not answered nothing more is said.
            guard let other = best(of: others, line) else { return nil }
            isFound = true
            return Finding(driver: other.type, link: link, heard: heard)
        }
        try await send(asked.end(at: loop.now), link)
        try await hush(link)
        isFound = true
        return Finding(driver: driver, link: link)
    }

    private func send(_ requests: [Turn.Request], _ link: any Link) async throws(LinkError) {
        for request in requests { try await link.send(request.bytes, to: request.channel) }
    }

    /// What was on its way belongs to this conversation and not to the next.
    private func hush(_ link: any Link) async throws(LinkError) {
        let end = loop.now + Self.hushMax
        while loop.now < end {
            guard try await link.receive(before: min(end, loop.now + Self.hushMax / 3)) != nil else { return }
        }
    }
}
