import CMosquitto

// Functions that C calls, from within the library's own functions, on the thread that called those. They belong
// to no actor: a closure of an actor called from C would trap.

nonisolated func mosquittoConnected(
    _: OpaquePointer?, _ context: UnsafeMutableRawPointer?, _ reason: Int32, _: Int32,
    _ properties: OpaquePointer?
) {
    var most: UInt16 = 0
    let found = unsafe mosquitto_property_read_int16(
        properties, Int32(MQTT_PROP_RECEIVE_MAXIMUM.rawValue), &most, false)
    unsafe client(context)?.connected(reason, receiveMaximum: found == nil || most == 0 ? nil : most)
}

nonisolated func mosquittoDisconnected(
    _: OpaquePointer?, _ context: UnsafeMutableRawPointer?, _ reason: Int32,
    _: OpaquePointer?
) {
    unsafe client(context)?.disconnected(reason)
}

nonisolated func mosquittoPublished(
    _: OpaquePointer?, _ context: UnsafeMutableRawPointer?, _ number: Int32, _ reason: Int32,
    _: OpaquePointer?
) {
    unsafe client(context)?.published(number, reason)
}

nonisolated func mosquittoSubscribed(
    _: OpaquePointer?, _ context: UnsafeMutableRawPointer?, _: Int32, _ count: Int32,
    _ granted: UnsafePointer<Int32>?, _: OpaquePointer?
) {
    guard count > 0, let granted = unsafe granted else { return }
    unsafe client(context)?.subscribed(granted.pointee)
}

nonisolated func mosquittoReceived(
    _: OpaquePointer?, _ context: UnsafeMutableRawPointer?, _ message: UnsafePointer<mosquitto_message>?,
    _: OpaquePointer?
) {
    guard let message = unsafe message, let topic = unsafe message.pointee.topic else { return }
    let payload = unsafe UnsafeRawBufferPointer(
        start: message.pointee.payload, count: Int(max(0, message.pointee.payloadlen)))
    let received = unsafe BrokerMessage(
        topic: String(cString: topic), payload: Array(payload), isRetained: message.pointee.retain)
    unsafe client(context)?.received(received)
}

/// The client outlives its library object, which it destroys.
private nonisolated func client(_ context: UnsafeMutableRawPointer?) -> MosquittoClient? {
    guard let context = unsafe context else { return nil }
    return unsafe Unmanaged<MosquittoClient>.fromOpaque(context).takeUnretainedValue()
}
