/// How everything is, on one screen.
struct StatusReport {
    let console: Console
    let text: TerminalText

    static let labelColumns = 10

    init(_ console: Console, _ text: TerminalText) {
        self.console = console
        self.text = text
    }

    func lines(_ status: StatusEvent) -> [String] {
        let devices = status.devices ?? []
        let connected = devices.count { $0.link == "connected" }
        var lines = [console.styled(title(status), .bold), ""]
        if let radio = status.radio {
            lines += self.lines(radio)
        } else {
            lines += labelled("Radio", "none is used")
        }
        lines += labelled("Devices", "\(connected) of \(Words.count(devices.count, "device")) connected")
        lines += alarms(status.alarms ?? [])
        if let more = status.devicesOmitted, more > 0 {
            lines += labelled("", "\(more) more, which 'homeward devices' lists")
        }
        if !devices.isEmpty { lines += [""] + DeviceTable(console, text).lines(devices, isFull: false) }
        return lines
    }

    private func title(_ status: StatusEvent) -> String {
        var parts = ["Gateway \(text.clean(status.gateway ?? "?"))"]
        if let version = status.version { parts.append("homeward \(text.clean(version))") }
        if let uptime = status.uptimeSeconds { parts.append("running for \(Words.duration(seconds: uptime))") }
        return parts.joined(separator: ", ")
    }

    private func lines(_ radio: StatusEvent.Radio) -> [String] {
        let state = radio.state ?? "?"
        var parts = [text.clean(RadioWords.name(state))]
        if let adapter = radio.adapter { parts.append("adapter \(text.clean(adapter))") }
        if let count = radio.connectedCount { parts.append("\(Words.count(count, "connection"))") }
        if let heard = radio.heardLastMilliseconds {
            let age = Words.age(milliseconds: heard)
            parts.append("heard a device \(age == "now" ? "just now" : "\(age) ago")")
        }
        var lines = labelled("Radio", parts.joined(separator: ", "), state == "ready" ? .green : .yellow)
        if let problem = radio.problem {
            lines += labelled("", Failure.sentence(Failure.words(problem, text).cause), .yellow)
        } else if let trouble = RadioWords.trouble(state) {
            lines += labelled("", trouble, .yellow)
        }
        if radio.bluetoothd == true {
            lines += labelled(
                "", "bluetoothd runs too and is in the way: run 'systemctl disable --now bluetooth'.", .yellow)
        }
        let repairs = repairs(radio)
        return lines + (repairs.isEmpty ? [] : labelled("", "since the start: \(repairs)"))
    }

    private func repairs(_ radio: StatusEvent.Radio) -> String {
        [
            (radio.scannerRestarts, "scanner restart"), (radio.powerCycles, "power cycle"),
            (radio.usbResets, "USB reset"), (radio.adapterLosses, "loss of the adapter"),
        ].compactMap { count, name in
            guard let count, count > 0 else { return nil }
            return Words.count(count, name, name.hasPrefix("loss") ? "losses of the adapter" : nil)
        }.joined(separator: ", ")
    }

    private func alarms(_ alarms: [StatusEvent.Alarm]) -> [String] {
        guard !alarms.isEmpty else { return labelled("Alarms", "none") }
        return alarms.enumerated().flatMap { index, alarm in
            let condition = text.clean(alarm.condition ?? "?").replacing("-", with: " ")
            let device = alarm.device.map { ", \(text.clean($0))" } ?? ""
            let state = alarm.state.map { ", \(text.clean($0))" } ?? ""
            let words = "\(text.clean(alarm.priority ?? "?")) priority: \(condition)\(device)\(state)"
            return labelled(index == 0 ? "Alarms" : "", words, alarm.priority == "high" ? .red : .yellow)
        }
    }

    private func labelled(_ label: String, _ words: String, _ style: Console.Style? = nil) -> [String] {
        let rows = TerminalText.wrapped(words, columns: Failure.columnsMax - Self.labelColumns)
        return rows.enumerated().map { index, row in
            text.filled(index == 0 ? label : "", Self.labelColumns) + (style.map { console.styled(row, $0) } ?? row)
        }
    }
}
