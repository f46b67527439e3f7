import Alarms
import Bluetooth
import Delivery
import DriverKit
import Loop
import Vitals

/// What `status`, `devices` and `scan` answer.
extension HomeAgent {
    func tellStatus(_ conversation: Conversation) async {
        // Broker, lanes and process, as in `health`.
        let delivery = await world.health()
        let devices = sessions.map { body(of: $0, assignmentsMax: Listing.assignmentsInStatus) }
        let alarms = sessions.flatMap(\.watch.standing)
        conversation.send(event: "status") { json in
            json.member("gateway", home.gateway.text)
            json.member("version", world.version)
            json.member("uptimeSeconds", (loop.now - startedAt).wholeMilliseconds / 1000)
            if let status = connections?.radio?.status {
                json.object("radio") { $0.radio(status, at: loop.now) }
            } else {
                json.null("radio")
            }
            if delivery.count <= Listing.deliveryBytesMax { json.object("delivery") { $0.members(delivery) } }
            let shown = alarms.prefix(Listing.alarmsMax)
            json.array("alarms", objects: shown.count) { index, json in
                json.member("device", shown[index].device.text)
                json.member("condition", shown[index].name)
                json.member("priority", shown[index].priority.name)
                json.member("state", shown[index].condition.state.rawValue)
            }
            json.fitting("devices", devices, alreadyThere: json.bytes.count)
        }
    }

    /// In as many events as lines of ``Listing/bytesMax`` need: one, in most homes.
    func tellDevices(_ conversation: Conversation) {
        var rest = sessions.map { body(of: $0, assignmentsMax: Listing.assignmentsMax) }[...]
        repeat {
            let count = Listing.count(fitting: rest, alreadyThere: 0)
            let part = Array(rest.prefix(count))
            rest = rest.dropFirst(count)
            conversation.send(event: "devices") { json in
                json.array("devices", objects: part.count) { $1.members(part[$0]) }
            }
        } while !rest.isEmpty
    }

    private func body(of session: DeviceSession, assignmentsMax: Int) -> [UInt8] {
        let setup = session.setup
        let manifest = setup.driver.manifest
        let twin = session.twin
        let address = setup.address.bluetooth
        return JSONText.members { json in
            json.member("device", setup.id.text)
            json.member("driver", manifest.id)
            json.optional("model", twin.information.model ?? session.binding.model ?? manifest.models.first)
            json.member("manufacturer", twin.information.manufacturer ?? manifest.vendor)
            json.member("address", setup.address.description)
            json.optional("addressKind", address?.kind.rawValue)
            json.optional("name", session.binding.name)
            json.link(twin)
            if let address, let radio = connections?.radio {
                json.member("paired", radio.isPaired(address))
            } else {
                json.null("paired")
            }
            json.optional("patient", setup.patient?.text)
            json.member("origin", session.binding.origin.rawValue)
            if let percent = twin.batteryPercent {
                json.member("batteryPercent", percent)
            } else {
                json.null("batteryPercent")
            }
            if let heard = twin.lastHeard {
                json.member("lastHeardMilliseconds", max(0, (loop.now - heard.received).wholeMilliseconds))
            } else {
                json.null("lastHeardMilliseconds")
            }
            let assignments = session.binding.assignments.suffix(assignmentsMax)
            json.array("assignments", objects: assignments.count) { index, json in
                RegistryText.write(assignments[assignments.startIndex + index], &json)
            }
        }
    }

    // MARK: Scanning

    /// How long the radio goes on looking behind the last request: a scan that was left ends by itself.
    private static let lookAhead: Duration = .seconds(3)
    private static let sightingsInterval: Duration = .seconds(1)

    func scan(seconds: Int, _ conversation: Conversation) async throws(CommandFailure) {
        guard let radio = connections?.radio else { throw CommandFailure(.adapterMissing) }
        try refuse(radio.status)
        let end = loop.now + .seconds(seconds)
        while loop.now < end, !conversation.isEnded {
            try refuse(radio.status)
            radio.look(until: min(end, loop.now + Self.lookAhead))
            let tick = min(end, loop.now + Self.sightingsInterval)
            while loop.now < tick, !conversation.isEnded { await conversation.rest(before: tick) }
            tellSightings(radio, conversation)
        }
    }

    /// What cannot get better by waiting.
    func refuse(_ status: RadioStatus) throws(CommandFailure) {
        guard let problem = status.state.problem else { return }
        var failure = CommandFailure(problem)
        // The radio may know more: what the kernel said.
        if var text = status.problem {
            let remedy = ": \(problem.remedy)"
            if text.hasSuffix(remedy) { text.removeLast(remedy.count) }
            failure.text = text
        }
        throw failure
    }

    private func tellSightings(_ radio: any RadioControl, _ conversation: Conversation) {
        let sightings = radio.sightings.sorted { ($0.rssiDBm ?? .min) > ($1.rssiDBm ?? .min) }
        let bodies = sightings.prefix(Listing.sightingsMax).map { body(of: $0, radio) }
        conversation.send(event: "sightings") { json in
            json.member("radio", radio.status.state.rawValue)
            json.fitting("sightings", bodies, alreadyThere: json.bytes.count)
        }
    }

    private func body(of sighting: Sighting, _ radio: any RadioControl) -> [UInt8] {
        let best = candidates(name: sighting.name, services: sighting.services).first
        let device = sessions.first { $0.setup.address.bluetooth == sighting.address }
        return JSONText.members { json in
            json.member("address", sighting.address.description)
            json.member("addressKind", sighting.address.kind.rawValue)
            json.optional("name", sighting.name.map { String($0.prefix(Listing.nameMax)) })
            json.optional("driver", device?.setup.driver.manifest.id ?? best?.driver.manifest.id)
            json.optional("model", device?.binding.model ?? best?.model)
            if let rssi = sighting.rssiDBm { json.member("rssiDBm", rssi) } else { json.null("rssiDBm") }
            json.member("paired", radio.isPaired(sighting.address))
            json.optional("device", device?.setup.id.text)
            json.member("lastHeardMilliseconds", max(0, (loop.now - sighting.lastHeard).wholeMilliseconds))
            json.member("isConnectable", sighting.isConnectable)
            json.array("services", sighting.services.prefix(Listing.servicesMax).map(\.description))
        }
    }
}

extension RadioStatus.State {
    /// What a person has to mend; `nil`: nothing, or it mends itself.
    var problem: BluetoothProblem? {
        switch self {
        case .missing: .adapterMissing
        case .blocked: .radioBlocked
        case .denied: .notPermitted
        case .starting, .ready, .deaf, .recovering: nil
        }
    }
}

/// What fits into one line.
enum Listing {
    /// Of a line, with room for its beginning and end.
    static let bytesMax = CommandRequest.lineBytesMax - 256
    /// Beyond it, broker and lanes are left out of a status: topics that are held back have long names.
    static let deliveryBytesMax = bytesMax / 2
    static let sightingsMax = 256
    static let servicesMax = 16
    static let alarmsMax = 32
    static let nameMax = 64
    /// The last of a device.
    static let assignmentsMax = 16
    static let assignmentsInStatus = 2

    /// How many of the bodies, from the first; at least one.
    static func count(fitting bodies: ArraySlice<[UInt8]>, alreadyThere: Int) -> Int {
        var bytes = alreadyThere
        var count = 0
        for body in bodies {
            bytes += body.count + 3
            if bytes > bytesMax { break }
            count += 1
        }
        return max(1, count)
    }
}

extension JSONText {
    /// Those that fit into the line, and how many do not.
    mutating func fitting(_ name: String, _ bodies: [[UInt8]], alreadyThere: Int) {
        let count = min(bodies.count, Listing.count(fitting: bodies[...], alreadyThere: alreadyThere))
        array(name, objects: count) { $1.members(bodies[$0]) }
        if count < bodies.count { member("\(name)Omitted", bodies.count - count) }
    }

    mutating func optional(_ name: String, _ value: String?) {
        if let value { member(name, value) } else { null(name) }
    }

    /// link, problem, problemCode
    mutating func link(_ twin: DeviceTwin) {
        member("link", twin.state.rawValue)
        optional("problem", twin.problem)
        optional("problemCode", twin.problemCode?.rawValue)
    }
}
