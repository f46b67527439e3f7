import DriverKit

/// Asks a device for its services, and for the characteristics that a driver wants
/// (Core Specification 5.4, Vol 3, Part G, 4.4–4.7).
struct GATTDiscovery {
    private let client: ATTClient
    private let interest: GATTInterest

    /// More than any device has.
    static let servicesMax = 128
    static let characteristicsMax = 512
    /// Requests of one list. Each must bring it forward, so only a device that gives its list in drops comes there.
    private static let requestsMax = 1024

    init(_ client: ATTClient, _ interest: GATTInterest) {
        self.client = client
        self.interest = interest
    }

    /// The device's sum over its attributes; `nil` when it has none.
    func databaseHash() async throws(LinkError) -> [UInt8]? {
        switch try await client.request(.readByTypeRequest(.all, type: GATTType.databaseHash)) {
        case .response(.readByTypeResponse(let values)):
            values.first.flatMap { $0.bytes.count == 16 ? $0.bytes : nil }
        case .response, .refused: nil
        }
    }

    func table(hash: [UInt8]?) async throws(LinkError) -> GATTTable {
        var table = GATTTable(hash: hash, services: try await services())
        for service in table.services where interest.wants(service: service.type) {
            table.characteristics += try await characteristics(of: service)
        }
        return table
    }

    // MARK: Lists

    private func services() async throws(LinkError) -> [GATTTable.Service] {
        var services: [GATTTable.Service] = []
        try await list(.all) { rest throws(LinkError) in
            let request = ATTPDU.readByGroupTypeRequest(rest, type: GATTType.primaryService)
            guard case .readByGroupTypeResponse(let groups)? = try await answer(to: request) else { return nil }
            for group in groups {
                guard group.range.isValid, let type = BluetoothUUID(littleEndian: group.bytes),
                    services.count < Self.servicesMax
                else { throw broken("a list of services", at: group.range.first) }
                services.append(GATTTable.Service(type: type, range: group.range))
            }
            return groups.last?.range.last
        }
        return services
    }

    private func characteristics(of service: GATTTable.Service) async throws(LinkError) -> [GATTTable
        .Characteristic]
    {
        var declared: [(declaration: UInt16, characteristic: GATTTable.Characteristic)] = []
        try await list(service.range) { rest throws(LinkError) in
            let request = ATTPDU.readByTypeRequest(rest, type: GATTType.characteristic)
            guard case .readByTypeResponse(let values)? = try await answer(to: request) else { return nil }
            for value in values {
                guard let found = Self.characteristic(value, of: service), service.range.contains(found.handle),
                    declared.count < Self.characteristicsMax
                else { throw broken("a list of characteristics", at: value.handle) }
                declared.append((value.handle, found))
            }
            return values.last?.handle
        }
        var wanted: [GATTTable.Characteristic] = []
        for (place, (_, characteristic)) in declared.enumerated()
        where interest.wants(characteristic.type, of: service.type) {
            let next = place + 1 < declared.count ? declared[place + 1].declaration : 0
            let last = next > characteristic.handle ? next - 1 : service.range.last
            wanted.append(try await withConfiguration(characteristic, until: last))
        }
        return wanted
    }

    /// Properties, handle of the value, type (Vol 3, Part G, 3.3.1).
    private static func characteristic(
        _ value: ATTValue, of service: GATTTable.Service
    ) -> GATTTable.Characteristic? {
        guard let properties = value.bytes.first, value.bytes.count >= 5,
            let type = BluetoothUUID(littleEndian: value.bytes[3...])
        else { return nil }
        return GATTTable.Characteristic(
            service: service.type, type: type, properties: GATTProperties(rawValue: properties),
            handle: value.bytes.number(at: 1))
    }

    /// Looks for the switch of notifications among the descriptors, where one is wanted and there can be one.
    private func withConfiguration(
        _ characteristic: GATTTable.Characteristic, until last: UInt16
    ) async throws(LinkError) -> GATTTable.Characteristic {
        var characteristic = characteristic
        guard interest.subscribes(characteristic.type, of: characteristic.service),
            !characteristic.properties.isDisjoint(with: [.notify, .indicate]), characteristic.handle < last
        else { return characteristic }
        try await list(ATTRange(characteristic.handle + 1, last)) { rest throws(LinkError) in
            guard case .findInformationResponse(let found)? = try await answer(to: .findInformationRequest(rest))
            else { return nil }
            if let place = found.first(where: { $0.type == GATTType.configuration && rest.contains($0.handle) }) {
                characteristic.configuration = place.handle
                return nil
            }
            return found.last?.handle
        }
        return characteristic
    }

    // MARK: Asking

    /// Calls `ask` with what is left of the range, until it has no more. It gives the last handle that it has seen.
    private func list(
        _ range: ATTRange, _ ask: (ATTRange) async throws(LinkError) -> UInt16?
    ) async throws(LinkError) {
        var rest = range
        for _ in 0 ..< Self.requestsMax {
            guard let last = try await ask(rest) else { return }
            guard last >= rest.first else { throw broken("a list that goes backwards", at: last) }
            guard last < range.last else { return }
            rest.first = last + 1
        }
        throw broken("a list without an end", at: rest.first)
    }

    /// `nil`: nothing more of that. Any refusal ends a list, as devices do not agree on which one does.
    private func answer(to request: ATTPDU) async throws(LinkError) -> ATTPDU? {
        switch try await client.request(request) {
        case .response(let response): return response
        case .refused(let refusal):
            if refusal.code.asksForPairing { throw refusal.linkError }
            if refusal.code != .attributeNotFound { client.log("\(refusal)") }
            return nil
        }
    }

    private func broken(_ what: String, at handle: UInt16) -> LinkError {
        .bluetooth(.protocolError, "\(what) at handle \(ATTText.handle(handle))")
    }
}
