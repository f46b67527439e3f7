import DriverKit
import Vitals

/// A device that a person paired. Only such are ever connected to by radio.
struct RegisteredDevice: Hashable, Sendable {
    var id: Identifier
    /// The driver's id, kept also when this program no longer has that driver.
    var driver: String
    var address: BluetoothAddress
    /// As it advertised itself.
    var name: String?
    var model: String?
    /// UTC, nanoseconds since 1970, whole milliseconds.
    var pairedAt: Int64
    /// `uid 1000`
    var pairedBy: String
}

/// A device belongs to a patient, from then until then, and who said so.
struct Assignment: Hashable, Sendable {
    var patient: Identifier
    /// UTC, nanoseconds since 1970, whole milliseconds.
    var from: Int64
    /// `nil`: it lasts.
    var to: Int64?
    /// `uid 1000`
    var by: String
    /// It is meant to measure all the time: so long without a value is an alarm. `nil`: as its setup says.
    var missingAfterSeconds: Int?

    func contains(_ utcNanoseconds: Int64) -> Bool {
        utcNanoseconds >= from && to.map { utcNanoseconds < $0 } ?? true
    }
}
