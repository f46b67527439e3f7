import Bluetooth
import Delivery
import DriverKit
import Loop
import Timekeeping
import Vitals

/// How the agent is, told once an interval, and when the radio changes.
extension HomeAgent {
    /// Apart from everything else: where health has to wait, neither a device nor the end waits with it.
    func tellHealth() async {
        while !isStopping {
            await publishHealth()
            guard !isStopping else { return }
            _ = await stopped.wait(before: loop.now + home.healthInterval)
        }
    }

    /// At once where the radio is no longer as it was told; the radio itself has told the journal why.
    func tellRadio() async {
        guard let state = connections?.radio?.status.state, state != radioTold else { return }
        radioTold = state
        await publishHealth()
    }

    private func publishHealth() async {
        healthCount += 1
        let extra = await world.health()
        let body = JSONText.members { json in
            json.member("version", world.version)
            json.member("boot", world.timekeeper.bootID)
            json.member("uptimeSeconds", (loop.now - startedAt).wholeMilliseconds / 1000)
            json.stamp(stampNow)
            json.member("intervalSeconds", home.healthInterval.wholeMilliseconds / 1000)
            json.object("alarmSelfCheck") { json in
                json.member("count", healthCount)
                json.array("activeConditions", sessions.flatMap(\.watch.activeConditions))
            }
            if let status = connections?.radio?.status { json.object("radio") { $0.radio(status, at: loop.now) } }
            json.array("devices", objects: sessions.count) { index, json in
                let session = sessions[index]
                json.member("device", session.setup.id.text)
                json.member("link", session.twin.state.rawValue)
                json.member("readings", session.twin.counts.readings)
                if let patient = session.setup.patient {
                    json.member("patient", patient.text)
                } else {
                    json.null("patient")
                }
                json.assignment(session.binding.current)
            }
            json.members(extra)
        }
        await world.courier.publish(state: Topic.health, schema: "health", body: body)
    }
}

extension JSONText {
    /// The members of a radio.
    mutating func radio(_ status: RadioStatus, at now: Instant) {
        member("state", status.state.rawValue)
        member("problem", ifPresent: status.problem)
        member("problemCode", ifPresent: status.state.problem?.rawValue)
        member("adapter", ifPresent: status.adapterAddress?.description)
        member("connectedCount", status.connectedCount)
        member("heardLastMilliseconds", ifPresent: status.heardLast.map { max(0, (now - $0).wholeMilliseconds) })
        member("scannerRestarts", status.scannerRestarts)
        member("powerCycles", status.powerCycles)
        member("usbResets", status.usbResets)
        member("adapterLosses", status.adapterLosses)
        member("managementErrors", status.managementErrors)
        member("bluetoothd", status.isBluetoothdRunning)
    }
}
