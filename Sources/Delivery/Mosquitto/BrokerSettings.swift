/// Where the broker is and how it knows us.
public struct BrokerSettings: Hashable, Sendable {
    public enum ProtocolVersion: String, Hashable, Sendable, CaseIterable {
        case mqtt5 = "5"
        case mqtt311 = "3.1.1"
    }

    public struct TLS: Hashable, Sendable {
        /// Certificates that vouch for the broker's; `nil` for those of the system.
        public var authorityFile: String?
        /// Our own certificate and its key, when the broker wants one.
        public var certificateFile: String?
        public var keyFile: String?

        public init(authorityFile: String? = nil, certificateFile: String? = nil, keyFile: String? = nil) {
            self.authorityFile = authorityFile
            self.certificateFile = certificateFile
            self.keyFile = keyFile
        }
    }

    /// With TLS this is the name that the broker's certificate must carry.
    public var host: String
    public var port: UInt16
    public var clientID: String
    public var version = ProtocolVersion.mqtt5
    public var keepaliveSeconds: Int32 = 15
    public var user: String?
    /// The password is the first line of this file, read for each connection.
    public var passwordFile: String?
    public var tls: TLS?

    public init(host: String, port: UInt16, clientID: String) {
        self.host = host
        self.port = port
        self.clientID = clientID
    }

    static let authoritiesOfSystem = "/etc/ssl/certs"
}
