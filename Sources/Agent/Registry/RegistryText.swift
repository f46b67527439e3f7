import Delivery
import DriverKit
import Vitals

/// The registry as a file, `devices.json`: one JSON object with a format and a version.
enum RegistryText {
    static let fileName = "devices.json"
    static let setAsideName = "devices-damaged.json"
    static let format = "homeward-devices"
    static let version = 2
    static let bytesMax = 1 << 20

    /// Why a file cannot be used.
    enum Fault: Error, Hashable, CustomStringConvertible {
        case damaged(String)
        /// Written by a newer program: it is left as it is.
        case newer(Int)

        var description: String {
            switch self {
            case .damaged(let what): "damaged: \(what)"
            case .newer(let version): "of version \(version), and this program knows \(RegistryText.version)"
            }
        }
    }

    // MARK: Writing

    static func bytes(_ registry: Registry) -> [UInt8] {
        let assignments = registry.assignments.sorted { $0.key < $1.key }
            .flatMap { device, list in list.map { (device, $0) } }
        return JSONText.object { json in
            json.member("format", format)
            json.member("version", version)
            json.array("devices", objects: registry.devices.count) { write(registry.devices[$0], &$1) }
            json.array("assignments", objects: assignments.count) { index, json in
                json.member("device", assignments[index].0.text)
                write(assignments[index].1, &json)
            }
        } + [0x0A]
    }

    private static func write(_ device: RegisteredDevice, _ json: inout JSONText) {
        json.member("device", device.id.text)
        json.member("driver", device.driver)
        if let address = device.address {
            json.member("address", address.description)
            json.member("addressKind", address.kind.rawValue)
        }
        if let plug = device.plug { json.object("plug") { write(plug, &$0) } }
        json.member("name", ifPresent: device.name)
        json.member("model", ifPresent: device.model)
        json.member("pairedAt", rfc3339(utcNanoseconds: device.pairedAt))
        json.member("pairedBy", device.pairedBy)
    }

    private static func write(_ plug: Plug, _ json: inout JSONText) {
        json.member("vendor", Int(plug.vendor))
        json.member("product", Int(plug.product))
        json.member("interface", ifPresent: plug.interface)
        json.member("serialNumber", ifPresent: plug.serialNumber)
        json.member("socket", ifPresent: plug.socket)
    }

    static func write(_ assignment: Assignment, _ json: inout JSONText) {
        json.member("patient", assignment.patient.text)
        json.member("from", rfc3339(utcNanoseconds: assignment.from))
        if let to = assignment.to { json.member("to", rfc3339(utcNanoseconds: to)) } else { json.null("to") }
        json.member("by", assignment.by)
        json.member("missingAfterSeconds", ifPresent: assignment.missingAfterSeconds)
    }

    // MARK: Reading

    static func registry(_ bytes: [UInt8]) throws(Fault) -> Registry {
        guard bytes.count <= bytesMax else { throw .damaged("\(bytes.count) bytes") }
        let root: JSONValue
        do throws(JSONValue.Fault) { root = try JSONValue(parsing: bytes) } catch { throw .damaged("\(error)") }
        guard root["format"]?.text == format, let found = root["version"]?.integer else {
            throw .damaged("it is no list of devices")
        }
        guard found <= version else { throw .newer(found) }
        var registry = Registry()
        for value in root["devices"]?.list ?? [] {
            guard let device = device(value), registry[device.id] == nil, registry.register(device) else {
                throw .damaged("a device that cannot be")
            }
        }
        for value in root["assignments"]?.list ?? [] {
            guard let device = identifier(value["device"]), let assignment = assignment(value) else {
                throw .damaged("an assignment that cannot be")
            }
            registry.add(assignment, to: device)
        }
        return registry
    }

    private static func device(_ value: JSONValue) -> RegisteredDevice? {
        guard let id = identifier(value["device"]), let driver = value["driver"]?.text,
            let pairedAt = time(value["pairedAt"]), let pairedBy = value["pairedBy"]?.text
        else { return nil }
        let kind = value["addressKind"]?.text.flatMap(BluetoothAddress.Kind.init)
        let address = kind.flatMap { kind in value["address"]?.text.flatMap { BluetoothAddress($0, kind: kind) } }
        let plug = plug(value["plug"])
        guard (address == nil) != (plug == nil) else { return nil }
        return RegisteredDevice(
            id: id, driver: driver, address: address, plug: plug, name: value["name"]?.text,
            model: value["model"]?.text,
            pairedAt: pairedAt, pairedBy: pairedBy)
    }

    private static func plug(_ value: JSONValue?) -> Plug? {
        guard let vendor = value?["vendor"]?.integer.flatMap(UInt16.init(exactly:)),
            let product = value?["product"]?.integer.flatMap(UInt16.init(exactly:))
        else { return nil }
        return Plug(
            vendor: vendor, product: product, interface: value?["interface"]?.integer,
            serialNumber: value?["serialNumber"]?.text, socket: value?["socket"]?.text)
    }

    private static func assignment(_ value: JSONValue) -> Assignment? {
        guard let patient = identifier(value["patient"]), let from = time(value["from"]),
            let by = value["by"]?.text
        else { return nil }
        let to = value["to"]
        let end = time(to)
        guard to == nil || end != nil else { return nil }
        return Assignment(
            patient: patient, from: from, to: end, by: by,
            missingAfterSeconds: value["missingAfterSeconds"]?.integer)
    }

    private static func identifier(_ value: JSONValue?) -> Identifier? { value?.text.flatMap { Identifier($0) } }

    /// `2026-01-02T03:04:05.678Z` in nanoseconds since 1970.
    private static func time(_ value: JSONValue?) -> Int64? {
        guard let text = value?.text, text.utf8.count == 24, text.hasSuffix("Z"),
            let time = CivilTime(text.prefix(19)), text.dropFirst(19).hasPrefix("."),
            let fraction = UInt16(text.dropFirst(20).prefix(3))
        else { return nil }
        let (seconds, overflow) = time.secondsSince1970.multipliedReportingOverflow(by: 1_000_000_000)
        return overflow ? nil : seconds + Int64(fraction) * 1_000_000
    }
}
