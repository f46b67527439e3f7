/// GLI-2012: Quanjer et al., Eur Respir J 2012; 40: 1324, supplement, lookup tables. Height in cm.
extension ReferenceModel {
    static func gli2012Male(_ metric: ReferenceMetric) -> ReferenceModel {
        switch metric {
        case .fev1:
            ReferenceModel(
                median: (-10.342, 2.2196, 0.0574), variation: (-2.3268, 0.0798), skewness: (0.8866, 0.085),
                groups: ([-0.1589, -0.0351, -0.0881, -0.0708], [0.1096, -0.3973, 0.0327, 0.0114]),
                splines: (GLI2012Male.fev1M, GLI2012Male.fev1S, []), scale: 1e4)
        case .fvc:
            ReferenceModel(
                median: (-11.2281, 2.4135, 0.0865), variation: (-2.2963, 0.0718), skewness: (0.9481, 0),
                groups: ([-0.1684, -0.0405, -0.1177, -0.0825], [0.0794, -0.46, 0.0325, -0.0503]),
                splines: (GLI2012Male.fvcM, GLI2012Male.fvcS, []), scale: 1e4)
        case .fev1OverFVC:
            ReferenceModel(
                median: (0.7403, -0.1595, -0.0366), variation: (-2.9595, 0.1156), skewness: (4.7101, -0.6774),
                groups: ([0.0079, 0.0055, 0.0283, 0.0106], [-0.0381, -0.2227, -0.1414, -0.086]),
                splines: (GLI2012Male.ratioM, GLI2012Male.ratioS, GLI2012Male.ratioL), scale: 1e4)
        }
    }

    static func gli2012Female(_ metric: ReferenceMetric) -> ReferenceModel {
        switch metric {
        case .fev1:
            ReferenceModel(
                median: (-9.6987, 2.1211, -0.027), variation: (-2.3765, 0.0972), skewness: (1.154, 0),
                groups: ([-0.1484, -0.0149, -0.1208, -0.0708], [0.1016, -0.0109, 0.0733, 0.0114]),
                splines: (GLI2012Female.fev1M, GLI2012Female.fev1S, []), scale: 1e4)
        case .fvc:
            ReferenceModel(
                median: (-10.403, 2.2633, 0.0234), variation: (-2.3549, 0.1017), skewness: (0.8236, 0),
                groups: ([-0.1555, -0.0262, -0.1516, -0.0833], [0.081, -0.1809, 0.0459, -0.0503]),
                splines: (GLI2012Female.fvcM, GLI2012Female.fvcS, []), scale: 1e4)
        case .fev1OverFVC:
            ReferenceModel(
                median: (0.5506, -0.1078, -0.0544), variation: (-3.2395, 0.185), skewness: (7.032, -1.197),
                groups: ([0.0055, 0.0088, 0.0285, 0.0106], [0.03072, -0.164, -0.1521, -0.086]),
                splines: (GLI2012Female.ratioM, GLI2012Female.ratioS, []), scale: 1e4)
        }
    }
}

/// GLI Global: Bowerman et al., Am J Respir Crit Care Med 2023; 207: 768, supplement, table of equations. Height
/// in cm.
extension ReferenceModel {
    static func gliGlobalMale(_ metric: ReferenceMetric) -> ReferenceModel {
        switch metric {
        case .fev1:
            ReferenceModel(
                median: (-11.399108, 2.462664, -0.011394), variation: (-2.256278, 0.080729),
                skewness: (1.22703, 0), splines: (GLIGlobalMale.fev1M, GLIGlobalMale.fev1S, []), scale: 1e8)
        case .fvc:
            ReferenceModel(
                median: (-12.629131, 2.727421, 0.009174), variation: (-2.195595, 0.068466),
                skewness: (0.9346, 0), splines: (GLIGlobalMale.fvcM, GLIGlobalMale.fvcS, []), scale: 1e8)
        case .fev1OverFVC:
            ReferenceModel(
                median: (1.022608, -0.218592, -0.027586), variation: (-2.882025, 0.068889),
                skewness: (3.8243, -0.3328), splines: (GLIGlobalMale.ratioM, GLIGlobalMale.ratioS, []), scale: 1e8)
        }
    }

    static func gliGlobalFemale(_ metric: ReferenceMetric) -> ReferenceModel {
        switch metric {
        case .fev1:
            ReferenceModel(
                median: (-10.901689, 2.385928, -0.076386), variation: (-2.364047, 0.129402),
                skewness: (1.21388, 0), splines: (GLIGlobalFemale.fev1M, GLIGlobalFemale.fev1S, []), scale: 1e8)
        case .fvc:
            ReferenceModel(
                median: (-12.055901, 2.621579, -0.035975), variation: (-2.310148, 0.120428),
                skewness: (0.899, 0), splines: (GLIGlobalFemale.fvcM, GLIGlobalFemale.fvcS, []), scale: 1e8)
        case .fev1OverFVC:
            ReferenceModel(
                median: (0.9189568, -0.1840671, -0.0461306), variation: (-3.171582, 0.144358),
                skewness: (6.649, -0.992), splines: (GLIGlobalFemale.ratioM, GLIGlobalFemale.ratioS, []), scale: 1e8
            )
        }
    }
}
