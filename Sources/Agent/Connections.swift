public import Bluetooth
public import DriverKit
public import Loop

/// What the agent reaches the outside by; made on the device loop and staying there.
public struct Connections {
    public var connector: any Connector
    /// `nil`: Bluetooth is switched off in the configuration.
    public var radio: (any RadioControl)?
    /// `nil`: only ports that the configuration names are used.
    public var ports: (any PortMonitor)?
    /// `nil`: no door for a technician's commands.
    public var listener: (any CommandListener)?

    public init(
        connector: any Connector, radio: (any RadioControl)? = nil, ports: (any PortMonitor)? = nil,
        listener: (any CommandListener)? = nil
    ) {
        self.connector = connector
        self.radio = radio
        self.ports = ports
        self.listener = listener
    }
}
