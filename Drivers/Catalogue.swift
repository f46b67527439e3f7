public import DriverKit

/// Every driver, one line each.
public enum Catalogue {
    public static let drivers: [any Driver.Type] = [
        BerryMed.self,
        BluetoothSIG.self,
        ContecSP80B.self,
        ContecV5.self,
        ContecV7.self,
        CreativeAA55.self,
        JumperOximeter.self,
        Nonin.self,
        NoninBLE.self,
        OpenECG.self,
        OpenSpirometer.self,
        PolarH10.self,
        ViatomER1.self,
        ViatomOxy.self,
        VitalographLung.self,
        VitalographLungLE.self,
    ]

    /// Examples for authors of drivers. They are tested like the others and offered to nobody.
    public static let examples: [any Driver.Type] = [
        Template.self
    ]

    /// The driver with that id, `nil` when there is none.
    public static func driver(id: String) -> (any Driver.Type)? {
        (drivers + examples).first { $0.manifest.id == id }
    }
}
