import CMosquitto
import Glibc

/// One `mosquitto` object: made for one connection and never used for a second.
///
/// The library calls back only from within its own functions, which are called here and nowhere else, on the
/// broker loop's thread.
@safe
final class MosquittoClient {
    private let handle: OpaquePointer
    private let version: BrokerSettings.ProtocolVersion
    /// Packet numbers of the library, and our tokens.
    private var tokens: [Int32: UInt64] = [:]
    private(set) var events: [BrokerEvent] = []
    private var hasEnded = false

    /// Called once, before anything else of the library.
    private static let isReady = mosquitto_lib_init() == MOSQ_ERR_SUCCESS.code

    init(_ settings: BrokerSettings, will: BrokerMessage) throws(BrokerLinkError) {
        guard Self.isReady, let handle = unsafe mosquitto_new(settings.clientID, true, nil) else {
            throw .settings("the MQTT library cannot be used, errno \(errno)")
        }
        unsafe self.handle = unsafe handle
        version = settings.version
        unsafe mosquitto_user_data_set(handle, Unmanaged.passUnretained(self).toOpaque())
        unsafe mosquitto_connect_v5_callback_set(handle, mosquittoConnected)
        unsafe mosquitto_disconnect_v5_callback_set(handle, mosquittoDisconnected)
        unsafe mosquitto_publish_v5_callback_set(handle, mosquittoPublished)
        unsafe mosquitto_subscribe_v5_callback_set(handle, mosquittoSubscribed)
        unsafe mosquitto_message_v5_callback_set(handle, mosquittoReceived)
        try setUp(settings, will)
    }

    deinit { unsafe mosquitto_destroy(handle) }

    private func setUp(_ settings: BrokerSettings, _ will: BrokerMessage) throws(BrokerLinkError) {
        let number = settings.version == .mqtt5 ? MQTT_PROTOCOL_V5 : MQTT_PROTOCOL_V311
        try check(
            unsafe mosquitto_int_option(handle, MOSQ_OPT_PROTOCOL_VERSION, number), "choosing the protocol")
        try check(unsafe mosquitto_int_option(handle, MOSQ_OPT_TCP_NODELAY, 1), "asking for no delay")
        let code = unsafe will.payload.withUnsafeBytes { payload in
            unsafe mosquitto_will_set_v5(
                handle, will.topic, Int32(payload.count), payload.baseAddress, 1, will.isRetained, nil)
        }
        try check(code, "setting the will")
        if let user = settings.user {
            let password = try settings.passwordFile.map { path throws(BrokerLinkError) in
                try PasswordFile.read(path)
            }
            try check(unsafe mosquitto_username_pw_set(handle, user, password), "setting the user")
        }
        if let tls = settings.tls { try setUp(tls) }
    }

    private func setUp(_ tls: BrokerSettings.TLS) throws(BrokerLinkError) {
        let folder = tls.authorityFile == nil ? BrokerSettings.authoritiesOfSystem : nil
        try check(
            unsafe mosquitto_tls_set(
                handle, tls.authorityFile, folder, tls.certificateFile, tls.keyFile, nil),
            "reading the certificates (\(tls.authorityFile ?? BrokerSettings.authoritiesOfSystem))")
        // 1: the broker's certificate is verified, with its host name.
        try check(unsafe mosquitto_tls_opts_set(handle, 1, "tlsv1.2", nil), "asking for TLS 1.2 or later")
    }

    /// Blocks until TCP is connected.
    func connect(_ settings: BrokerSettings) throws(BrokerLinkError) {
        let code = unsafe mosquitto_connect_bind_v5(
            handle, settings.host, Int32(settings.port), settings.keepaliveSeconds, nil, nil)
        guard code != MOSQ_ERR_SUCCESS.code else { return }
        throw .unreachable("\(settings.host):\(settings.port) cannot be reached: \(Self.text(code))")
    }

    var socket: Int32 { unsafe mosquitto_socket(handle) }
    var wantsWrite: Bool { unsafe mosquitto_want_write(handle) }

    func publish(_ message: BrokerMessage, token: UInt64) throws(BrokerLinkError) {
        var number: Int32 = 0
        let code = unsafe message.payload.withUnsafeBytes { payload in
            unsafe mosquitto_publish_v5(
                handle, &number, message.topic, Int32(payload.count), payload.baseAddress, 1,
                message.isRetained, nil)
        }
        switch code {
        case MOSQ_ERR_SUCCESS.code: tokens[number] = token
        case MOSQ_ERR_OVERSIZE_PACKET.code, MOSQ_ERR_PAYLOAD_SIZE.code:
            throw .tooLarge(bytes: message.payload.count)
        default: throw .lost(Self.text(code))
        }
    }

    func subscribe(to filter: String) throws(BrokerLinkError) {
        let code = unsafe mosquitto_subscribe_v5(handle, nil, filter, 1, 0, nil)
        if code != MOSQ_ERR_SUCCESS.code { throw .lost(Self.text(code)) }
    }

    /// Reads and writes what can be without waiting.
    func exchange() {
        guard socket >= 0 else { return end("the connection is closed") }
        note(unsafe mosquitto_loop_read(handle, 1))
        if wantsWrite { note(unsafe mosquitto_loop_write(handle, 1)) }
    }

    /// Sends what is due by time: pings.
    func tick() { note(unsafe mosquitto_loop_misc(handle)) }

    func disconnect() { unsafe mosquitto_disconnect_v5(handle, 0, nil) }

    func takeEvents() -> [BrokerEvent] {
        defer { events = [] }
        return events
    }

    // MARK: Called back

    func connected(_ reason: Int32, receiveMaximum: UInt16?) {
        let code = UInt8(truncatingIfNeeded: reason)
        guard code != 0 else {
            return events.append(.accepted(receiveMaximum: Int(receiveMaximum ?? .max)))
        }
        hasEnded = true
        let refusal = version == .mqtt5 ? BrokerRefusal(mqtt5: code) : BrokerRefusal(mqtt311: code)
        events.append(.refused(refusal))
    }

    func disconnected(_ reason: Int32) {
        // From 0x80 on it is what the broker said; below, what the library found.
        if reason >= 0x80 {
            end("the broker says: " + (unsafe String(cString: mosquitto_reason_string(reason))))
        } else {
            end(Self.text(reason))
        }
    }

    func published(_ number: Int32, _ reason: Int32) {
        guard let token = tokens.removeValue(forKey: number) else { return }
        events.append(.acknowledged(token: token, reason: UInt8(truncatingIfNeeded: reason)))
    }

    func subscribed(_ reason: Int32) {
        events.append(.subscribed(reason: UInt8(truncatingIfNeeded: reason)))
    }

    /// What is too long for a command, or too many at a time, is not heard.
    func received(_ message: BrokerMessage) {
        guard message.payload.count <= Self.receivedBytesMax, events.count < Self.eventsMax else { return }
        events.append(.received(message))
    }

    private static let receivedBytesMax = 4096
    private static let eventsMax = 256

    private func end(_ reason: String) {
        guard !hasEnded else { return }
        hasEnded = true
        events.append(.ended(reason: reason))
    }

    private func note(_ code: Int32) {
        if code != MOSQ_ERR_SUCCESS.code { end(Self.text(code)) }
    }

    private func check(_ code: Int32, _ action: String) throws(BrokerLinkError) {
        guard code != MOSQ_ERR_SUCCESS.code else { return }
        throw .settings("\(action): \(Self.text(code))")
    }

    private static func text(_ code: Int32) -> String {
        let error = errno
        switch code {
        case MOSQ_ERR_ERRNO.code: return unsafe String(cString: strerror(error))
        case MOSQ_ERR_TLS.code:
            return "TLS failed: check the authority file, the host name and the clock"
        default: return unsafe String(cString: mosquitto_strerror(code))
        }
    }
}

extension mosq_err_t {
    /// As the library's functions return it.
    var code: Int32 { Int32(rawValue) }
}

/// Reads a secret without keeping it.
enum PasswordFile {
    static let bytesMax = 1024

    /// The first line.
    static func read(_ path: String) throws(BrokerLinkError) -> String {
        let descriptor = unsafe open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else {
            throw .settings("the password file \(path) cannot be opened, errno \(errno)")
        }
        defer { close(descriptor) }
        var bytes = [UInt8](repeating: 0, count: bytesMax)
        let count = unsafe bytes.withUnsafeMutableBytes { unsafe Glibc.read(descriptor, $0.baseAddress, $0.count) }
        guard count > 0 else { throw .settings("the password file \(path) is empty or unreadable") }
        return String(decoding: bytes.prefix(count).prefix { $0 != 0x0A && $0 != 0x0D }, as: UTF8.self)
    }
}
