public import DriverKit
import Loop
public import Vitals

/// Attribute channels to devices.
extension Radio {
    /// Attempts at a device that connects but whose channel does not open.
    static let opensMax = 3
    /// The kernel tells why a connection ended a little after the channel has failed.
    static let reasonPause: Duration = .milliseconds(500)
    /// Weaker than this, connections fail for want of signal.
    static let weakDBm = -92

    /// The attribute channel of a device that is known, or was just paired: opened as soon as the device has been
    /// heard and the kernel has connected it; encrypted if there is a bond. Closing it ends the connection.
    ///
    /// At `deadline` it throws the likeliest cause.
    public func openAttributes(
        of device: BluetoothAddress, before deadline: Instant
    ) async throws(LinkError) -> any Link {
        guard isWanted(device) else { throw .bluetooth(.notPaired, "nobody paired or assigned it") }
        guard !waiting.contains(device) else { throw .busy(device.description) }
        waiting.insert(device)
        defer { waiting.remove(device) }
        var failures: [LinkError] = []
        while true {
            if isStopped { throw .closed }
            if let one = held.removeValue(forKey: device) {
                connections[device]?.isUsed = true
                return wrap(one.link, device)
            }
            if let error = bondProblem(of: device) { throw error }
            if isFree(device) {
                do throws(LinkError) {
                    return try await open(device, before: deadline)
                } catch {
                    failures.append(error)
                }
            }
            if failures.count >= Self.opensMax || loop.now >= deadline {
                throw failures.last ?? cause(ofSilent: device)
            }
            _ = await changed.wait(before: min(deadline, loop.now + .seconds(1)))
        }
    }

    /// Connected, and nobody has its channel yet.
    private func isFree(_ device: BluetoothAddress) -> Bool {
        guard adapter?.isReady == true, let connection = connections[device] else { return false }
        return !connection.isUsed && connection.endingSince == nil
    }

    func bondProblem(of device: BluetoothAddress) -> LinkError? {
        if let until = histories[device]?.staleUntil, until > loop.now, isPaired(device) {
            return .bluetooth(.bondForgottenByDevice, "")
        }
        guard lacksBond(device), adapter != nil else { return nil }
        return bondsWereDamaged
            ? .bluetooth(.bondStaleHere, "the file of keys was damaged") : .bluetooth(.notPaired, "no keys here")
    }

    private func open(_ device: BluetoothAddress, before deadline: Instant) async throws(LinkError) -> any Link {
        guard let adapter else { throw .bluetooth(.adapterMissing, "") }
        connections[device]?.isUsed = true
        let begun = loop.now
        do throws(LinkError) {
            let link = try await kernel.openAttributes(
                of: device, from: adapter.address, security: isPaired(device) ? .encrypted : .none,
                before: min(deadline, begun + Self.openLimit))
            guard connections[device] != nil else {
                link.close()
                throw LinkError.bluetooth(.linkLost, "while it was opened")
            }
            histories[device]?.connectFailures = 0
            histories[device]?.staleUntil = nil
            return wrap(link, device)
        } catch {
            connections[device]?.isUsed = false
            let reason = await reasonOfEnd(device, since: begun)
            end(device)
            if reason == .authenticationFailure { throw .bluetooth(.bondForgottenByDevice, "") }
            if reason == .unknown { throw cause(ofSilent: device) }
            throw reason.map { .bluetooth(.linkLost, $0.text) } ?? error
        }
    }

    /// What the kernel said when the connection ended, if it did since then.
    private func reasonOfEnd(_ device: BluetoothAddress, since begun: Instant) async -> DisconnectReason? {
        let limit = loop.now + Self.reasonPause
        while true {
            if let last = histories[device]?.disconnected, last.at >= begun { return last.reason }
            guard loop.now < limit, connections[device] != nil || adapter != nil else { return nil }
            _ = await changed.wait(before: limit)
        }
    }

    private func wrap(_ link: any Link, _ device: BluetoothAddress) -> any Link {
        let openedAt = loop.now
        let number = connections[device]?.number
        return RadioLink(
            link, whenClosed: { [weak self] in self?.closed(device, number) },
            explain: { [weak self] error in await self?.explain(error, of: device, since: openedAt) ?? error })
    }

    /// The link's owner is done with it: its connection ends too, so that the next one begins afresh.
    private func closed(_ device: BluetoothAddress, _ number: UInt64?) {
        guard let connection = connections[device], number == nil || connection.number == number else { return }
        connections[device]?.isUsed = false
        end(device)
    }

    private func explain(
        _ error: LinkError, of device: BluetoothAddress, since opened: Instant
    ) async -> LinkError {
        if case .closed = error { return error }
        if case .bluetooth = error { return error }
        let reason = await reasonOfEnd(device, since: opened)
        if let adapterProblem, adapterProblem != .closed { return adapterProblem }
        guard let reason else { return error }
        guard reason != .authenticationFailure else { return .bluetooth(.bondForgottenByDevice, "") }
        return .bluetooth(.linkLost, reason.text)
    }

    /// Why a device that was waited for did not come.
    func cause(ofSilent device: BluetoothAddress) -> LinkError {
        if let adapterProblem { return adapterProblem }
        let history = histories[device]
        guard let sighting = table[device], loop.now - sighting.lastHeard <= SightingTable.lately else {
            guard let history, history.connectFailures > 0 else { return .bluetooth(.notAdvertising, "") }
            return .bluetooth(.outOfRange, "\(history.connectFailures) connections failed")
        }
        return cause(of: sighting, failures: history?.connectFailures ?? 0)
    }

    /// Why a device that is heard is not connected.
    func cause(of sighting: Sighting, failures: Int) -> LinkError {
        let signal = sighting.rssiDBm.map { "signal \($0) dBm" } ?? "signal not known"
        guard sighting.isConnectable else {
            return .bluetooth(.heldByAnotherCentral, "it is heard and takes no connection, \(signal)")
        }
        if let rssi = sighting.rssiDBm, rssi < Self.weakDBm { return .bluetooth(.outOfRange, signal) }
        let times = failures == 0 ? "" : ", \(failures) connections failed"
        return .bluetooth(.heldByAnotherCentral, "it is heard and does not connect, \(signal)\(times)")
    }
}

/// An attribute channel that tells the radio when its owner is done with it.
final class RadioLink: Link {
    private let link: any Link
    private var whenClosed: (() -> Void)?
    private let explain: (LinkError) async -> LinkError

    init(_ link: any Link, whenClosed: @escaping () -> Void, explain: @escaping (LinkError) async -> LinkError) {
        self.link = link
        self.whenClosed = whenClosed
        self.explain = explain
    }

    func receive(before deadline: Instant) async throws(LinkError) -> Chunk? {
        do { return try await link.receive(before: deadline) } catch { throw await explain(error) }
    }

    func send(_ bytes: [UInt8], to channel: Channel) async throws(LinkError) {
        do { try await link.send(bytes, to: channel) } catch { throw await explain(error) }
    }

    func close() {
        link.close()
        whenClosed?()
        whenClosed = nil
    }

    var lineErrors: LineErrors { link.lineErrors }
    var channels: [Channel] { link.channels }
}
