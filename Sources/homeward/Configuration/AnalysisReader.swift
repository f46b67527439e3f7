import Agent
import ECG
import Spirometry
import Trends

/// Reads what the box makes of the signals by itself.
enum AnalysisReader {
    static func settings(_ root: inout ConfigurationSection) -> AnalysisSettings {
        var settings = AnalysisSettings()
        guard var section = root.section("analysis") else { return settings }
        settings.isECGOn = section.boolean("ecg", or: settings.isECGOn)
        settings.strips.perHourMax =
            section.integer("stripsPerHourMax", in: 0 ... 60) ?? settings.strips.perHourMax
        settings.strips.perDayMax = section.integer("stripsPerDayMax", in: 0 ... 1000) ?? settings.strips.perDayMax
        settings.isOximetryOn = section.boolean("oximetry", or: settings.isOximetryOn)
        settings.isTrendsOn = section.boolean("trends", or: settings.isTrendsOn)
        settings.isSpirometryOn = section.boolean("spirometry", or: settings.isSpirometryOn)
        settings.alarmsAtSpirometryTechnique = section.boolean(
            "spirometryTechniqueAlarm", or: settings.alarmsAtSpirometryTechnique)
        section.finish()
        return settings
    }

    /// What a clinician decided for one patient; `nil`: nothing.
    static func trends(_ patient: inout ConfigurationSection) -> TrendSettings? {
        guard var section = patient.section("trends") else { return nil }
        var settings = TrendSettings()
        if let scale = section.integer("news2Scale", in: 1 ... 2) {
            settings.scale = NEWS2.Scale(rawValue: scale) ?? .scale1
        }
        if section.value("onOxygen") != nil { settings.isOnOxygen = section.boolean("onOxygen", or: false) }
        settings.saturationLimit = section.number("saturationLimit", in: 70 ... 99, unit: "%")
        settings.personalBestPEF = section.number("personalBestPeakFlow", in: 50 ... 1000, unit: "L/min")
        settings.missedDaysMin = section.integer("missedDays", in: 1 ... 30, unit: "d") ?? settings.missedDaysMin
        section.finish()
        return settings
    }

    /// `reference` of a patient: whom the lungs are compared with. All of it, or nothing.
    static func person(_ patient: inout ConfigurationSection) -> AnalysisSettings.Person? {
        guard var section = patient.section("reference") else { return nil }
        let sex = section.choice("sex", of: ReferenceSubject.Sex.allCases.map(\.rawValue))
        let age = section.number("ageYears", in: ReferenceSubject.ages, unit: "years")
        let height = section.number("heightCentimetres", in: ReferenceSubject.heights, unit: "cm")
        let equation = section.choice("equation", of: ReferenceEquation.allCases.map(\.rawValue))
        let group = section.integer("ethnicity", in: 1 ... 5)
        let isTested = section.boolean("bronchodilatorTests", or: false)
        section.finish()
        for (key, isThere) in [("sex", sex != nil), ("ageYears", age != nil), ("heightCentimetres", height != nil)]
        where !isThere {
            section.problems.add(
                section.path(key), found: "no usable value", allowed: "sex, ageYears and heightCentimetres together"
            )
        }
        guard let sex = sex.flatMap({ ReferenceSubject.Sex(rawValue: $0) }), let age, let height,
            let subject = ReferenceSubject(
                sex: sex, ageYears: age, heightCentimetres: height,
                group: group.flatMap { ReferenceSubject.Group(rawValue: $0) } ?? .other)
        else { return nil }
        var person = AnalysisSettings.Person(
            subject: subject, equation: equation.flatMap { ReferenceEquation(rawValue: $0) } ?? .gliGlobal2022)
        person.isTestedWithBronchodilator = isTested
        return person
    }
}
