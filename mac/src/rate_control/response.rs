use phy80211::{CodeRate, OfdmRate, Rate};

/// The rate of a control response to a frame: the highest basic rate that is not faster
/// (10.6.6.5.2). An HT rate counts as the non-HT rate with its modulation and code, 5/6 as 3/4
/// (Table 10-10). Without such a basic rate the highest mandatory one is taken.
pub fn response_rate(received: Rate, basic: &[OfdmRate]) -> OfdmRate {
    const MANDATORY: [OfdmRate; 3] = [OfdmRate::Mbps6, OfdmRate::Mbps12, OfdmRate::Mbps24];
    let reference = non_ht_reference(received);
    let highest = |rates: &[OfdmRate]| {
        let allowed = rates.iter().filter(|rate| rate.n_dbps() <= reference.n_dbps());
        allowed.max_by_key(|rate| rate.n_dbps()).copied()
    };
    highest(basic).or_else(|| highest(&MANDATORY)).unwrap_or(OfdmRate::Mbps6)
}

fn non_ht_reference(rate: Rate) -> OfdmRate {
    let code_rate = match rate.code_rate() {
        CodeRate::FiveSixths => CodeRate::ThreeQuarters,
        other => other,
    };
    let alike =
        |ofdm: &OfdmRate| (ofdm.modulation(), ofdm.code_rate()) == (rate.modulation(), code_rate);
    match OfdmRate::ALL.into_iter().find(alike) {
        Some(reference) => reference,
        None => unreachable!("{:?} {code_rate:?} is a rate of clause 17", rate.modulation()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use OfdmRate::{Mbps6, Mbps9, Mbps12, Mbps18, Mbps24, Mbps54};
    use phy80211::{GuardInterval, HtRate, HtWidth, Mcs};

    #[test]
    fn a_response_is_no_faster_than_what_it_answers() {
        let basic = [Mbps6, Mbps12, Mbps24];
        let answers = OfdmRate::ALL.map(|rate| response_rate(rate.into(), &basic));
        assert_eq!(answers, [Mbps6, Mbps6, Mbps12, Mbps12, Mbps24, Mbps24, Mbps24, Mbps24]);
        assert_eq!(response_rate(Mbps54.into(), &[Mbps6]), Mbps6);
        assert_eq!(response_rate(Mbps18.into(), &[]), Mbps12);
        assert_eq!(response_rate(Mbps9.into(), &[Mbps24]), Mbps6);
    }

    #[test]
    fn ht_rates_count_as_those_of_their_modulation_and_code() {
        let answers = Mcs::ALL.map(|mcs| {
            let rate = HtRate { mcs, width: HtWidth::Mhz40, gi: GuardInterval::Short };
            response_rate(rate.into(), &OfdmRate::ALL)
        });
        let megabits = answers.map(|rate| rate.mbps(phy80211::Bandwidth::Mhz20));
        assert_eq!(megabits, [6.0, 12.0, 18.0, 24.0, 36.0, 48.0, 54.0, 54.0]);
    }
}
