public import DriverKit

extension [ATTAttribute] {
    public mutating func addService(_ type: BluetoothUUID) {
        append(ATTAttribute(GATTType.primaryService, type.littleEndian))
    }

    /// The declaration, the value, and the switch of notifications and indications where there are any. That one
    /// anybody may write, with 0 to 2, in two bytes.
    ///
    /// - Returns: the handle of the value.
    @discardableResult
    public mutating func addCharacteristic(_ properties: GATTProperties, _ value: ATTAttribute) -> UInt16 {
        let handle = UInt16(truncatingIfNeeded: count + 2)
        var declaration = [properties.rawValue]
        declaration.append(handle)
        append(ATTAttribute(GATTType.characteristic, declaration + value.type.littleEndian))
        append(value)
        guard !properties.isDisjoint(with: [.notify, .indicate]) else { return handle }
        var configuration = ATTAttribute(GATTType.configuration, GATTConfiguration.off)
        configuration.writeRefusal = nil
        configuration.onWrite = { value, _ throws(ATTErrorCode) in
            guard value.count == 2 else { throw .invalidAttributeValueLength }
            guard value[0] <= 2, value[1] == 0 else { throw .configurationImproper }
        }
        append(configuration)
        return handle
    }
}
