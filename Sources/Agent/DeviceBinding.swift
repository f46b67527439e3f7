import DriverKit
import Vitals

/// Where a device comes from, and whose it is and was.
struct DeviceBinding: Hashable, Sendable {
    /// The patient whom the configuration names: nobody can change that by a command.
    let configured: Identifier?
    let origin: Origin
    /// How often it is meant to measure when its assignment does not say it.
    var expectation = DeviceSetup.Expectation.spot
    /// As it advertised itself.
    var name: String?
    var model: String?
    /// In the order of time.
    var assignments: [Assignment]

    enum Origin: String { case configuration, paired, plugged }

    /// The assignment that lasts; it means nothing while the configuration names a patient.
    var current: Assignment? {
        configured == nil ? assignments.last.flatMap { $0.to == nil ? $0 : nil } : nil
    }

    /// Whose it is now.
    var patient: Identifier? { configured ?? current?.patient }

    /// The setup as it is for the patient of now.
    func applied(to setup: DeviceSetup) -> DeviceSetup {
        var setup = setup
        setup.patient = patient
        setup.expectation =
            current?.missingAfterSeconds.map { .continuous(missingAfter: .seconds($0)) } ?? expectation
        return setup
    }

    /// Whose it was then: a stored record belongs to the one to whom the device belonged when it was measured.
    func patient(at utcNanoseconds: Int64) -> Identifier? {
        configured ?? assignments.last { $0.contains(utcNanoseconds) }?.patient
    }
}
