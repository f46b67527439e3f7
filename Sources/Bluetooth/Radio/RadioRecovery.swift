import DriverKit
import Loop
import Vitals

/// Bringing a radio back that hears nothing, each remedy heavier than the one before.
extension Radio {
    func attendDeafness() async throws(LinkError) {
        let now = loop.now
        let isLooking = lookEnd > now
        let isMissingOne = listed.contains { connections[$0] == nil }
        // A pairing has its own ends.
        guard talk == nil else { return }
        let step = watch.next(
            at: now, isExpecting: isLooking || isMissingOne, isLooking: isLooking, isCarrying: !connections.isEmpty)
        guard let step else { return }
        let silence = "nothing was heard from any device for \(silenceText)"
        switch step {
        case .listen(let until): listenEnd = until
        case .restartScanner:
            status.scannerRestarts += 1
            change(to: .deaf, "\(silence): nothing is near, or the radio is deaf; the scan is begun anew")
            listenEnd = now + DeafnessWatch.listening
            try await restartScanner()
        case .powerCycle:
            status.powerCycles += 1
            log(.warning, "bluetooth: \(silence): the adapter is switched off and on")
            listenEnd = now + DeafnessWatch.listening
            if let index = adapter?.index { try await setUp(index) }
        case .resetUSB:
            listenEnd = now + DeafnessWatch.listening
            if let index = adapter?.index { resetUSB(index, because: silence) }
        }
    }

    private var silenceText: String {
        guard let last = status.heardLast else { return "as long as this program runs" }
        return "\((loop.now - last).wholeMilliseconds / 1_000) s"
    }

    private func restartScanner() async throws(LinkError) {
        _ = try await ask(.stopDiscovery)
        isDiscovering = false
        discoverAt = .boot
        for address in listed.sorted() where connections[address] == nil {
            _ = try await ask(.about(address, .removeDevice))
            listed.remove(address)
        }
        listAt = .boot
    }

    func resetUSB(_ index: UInt16, because reason: String) {
        let isDone = kernel.resetUSB(adapter: index)
        if isDone { status.usbResets += 1 }
        log(
            .warning,
            isDone
                ? "bluetooth: \(reason): the adapter is plugged out and in by software"
                : "bluetooth: \(reason): the adapter cannot be plugged out by software; do it by hand")
    }
}
