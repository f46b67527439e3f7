public import DriverKit

/// Every driver, one line each.
public enum Catalogue {
    public static let drivers: [any Driver.Type] = []

    /// The driver with that id, `nil` when there is none.
    public static func driver(id: String) -> (any Driver.Type)? { drivers.first { $0.manifest.id == id } }
}
