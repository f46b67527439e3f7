/// What a device says of itself.
public struct DeviceInformation: Hashable, Sendable {
    public var model: String?
    public var manufacturer: String?
    public var serialNumber: String?
    public var firmware: String?

    public init(
        model: String? = nil, manufacturer: String? = nil, serialNumber: String? = nil, firmware: String? = nil
    ) {
        self.model = model
        self.manufacturer = manufacturer
        self.serialNumber = serialNumber
        self.firmware = firmware
    }

    /// What is known, with what `newer` knows taking its place.
    public func merged(with newer: DeviceInformation) -> DeviceInformation {
        DeviceInformation(
            model: newer.model ?? model, manufacturer: newer.manufacturer ?? manufacturer,
            serialNumber: newer.serialNumber ?? serialNumber, firmware: newer.firmware ?? firmware)
    }
}
