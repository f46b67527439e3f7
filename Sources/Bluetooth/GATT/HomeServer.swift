import DriverKit
import Vitals

/// What the box itself offers to every device that it is connected to: its name, and the time of day for devices
/// that set their clocks by it.
enum HomeServer {
    static let name = "Homeward"
    /// Generic computer (Assigned Numbers, 2.6.3).
    private static let appearance: [UInt8] = [0x80, 0x00]
    /// Neither the zone nor summer time is told (GATT Specification Supplement, Local Time Information).
    private static let localTimeInformation: [UInt8] = [0x80, 0xFF]

    /// - Parameter localTime: the wall's time, `nil` while the box does not know it.
    static func make(localTime: @escaping () -> CivilTime?) -> ATTServer {
        var attributes: [ATTAttribute] = []
        attributes.addService(GATTType.genericAccess)
        attributes.addCharacteristic(.read, ATTAttribute(GATTType.deviceName, Array(name.utf8)))
        attributes.addCharacteristic(.read, ATTAttribute(GATTType.appearance, appearance))
        attributes.addService(GATTType.genericAttribute)
        attributes.addService(GATTType.currentTimeService)
        var clock = ATTAttribute(GATTType.currentTime)
        clock.current = { () throws(ATTErrorCode) in
            guard let time = localTime() else { throw .application }
            return bytes(of: time)
        }
        // Notified when the clock is set: which is never, as it is asked each time.
        attributes.addCharacteristic([.read, .notify], clock)
        attributes.addCharacteristic(.read, ATTAttribute(GATTType.localTimeInformation, localTimeInformation))
        return ATTServer(attributes)
    }

    /// Current Time: date, time, weekday with Monday as 1, 1/256 seconds, and why the clock was set (no reason).
    static func bytes(of time: CivilTime) -> [UInt8] {
        var bytes: [UInt8] = []
        bytes.append(UInt16(time.year))
        bytes += [time.month, time.day, time.hour, time.minute, time.second].map(UInt8.init)
        bytes += [UInt8(time.weekday == 0 ? 7 : time.weekday), 0, 0]
        return bytes
    }
}
