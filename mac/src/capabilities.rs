use phy80211::{Bandwidth, GuardInterval, HtRate, HtWidth, Mcs, OfdmRate, Rate};

use crate::{
    Elements, ExtendedSupportedRates, HtCapabilities, SupportedRate, SupportedRates,
    WmmInformation, WmmParameters,
};

/// What a station can receive, as it tells in its management frames.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Capabilities {
    /// Rates of clause 17.
    pub rates: Vec<OfdmRate>,
    /// HT, if it has it.
    pub ht: Option<HtCapabilities>,
    /// QoS: it is in an access category that its frames contend.
    pub qos: bool,
}

impl Capabilities {
    /// What the elements of a management frame tell. What is damaged or not of clause 17 or 19 is
    /// left out.
    pub fn from_elements(elements: Elements<'_>) -> Self {
        let supported = elements.get::<SupportedRates<'_>>().and_then(Result::ok);
        let extended = elements.get::<ExtendedSupportedRates<'_>>().and_then(Result::ok);
        let all = supported.iter().flat_map(|rates| rates.iter());
        let all = all.chain(extended.iter().flat_map(|rates| rates.iter()));
        let ht = elements.get::<HtCapabilities>().and_then(Result::ok);
        let wmm = elements.get::<WmmParameters>().is_some_and(|wmm| wmm.is_ok())
            || elements.get::<WmmInformation>().is_some_and(|wmm| wmm.is_ok());
        // HT implies QoS (10.2.4); WMM is how those before it tell.
        Self { rates: all.filter_map(ofdm_rate).collect(), ht, qos: wmm || ht.is_some() }
    }

    /// What both stations can do.
    #[must_use]
    pub fn common(&self, other: &Self) -> Self {
        let rates = self.rates.iter().filter(|rate| other.rates.contains(rate));
        let ht = self.ht.and(other.ht);
        Self { rates: rates.copied().collect(), ht, qos: self.qos && other.qos }
    }

    /// All rates at which data can be sent to a station, slowest first. HT rates of 40 MHz in a
    /// channel of 40 MHz, or else of 20 MHz; each with the shortest guard interval it takes.
    pub fn data_rates(&self, bandwidth: Bandwidth) -> Vec<Rate> {
        let mut rates: Vec<Rate> = self.rates.iter().map(|&rate| rate.into()).collect();
        if let Some(ht) = &self.ht {
            let wide = bandwidth == Bandwidth::Mhz40 && ht.information.channel_width_40();
            let (width, short) = match wide {
                true => (HtWidth::Mhz40, ht.information.sgi_40()),
                false => (HtWidth::Mhz20, ht.information.sgi_20()),
            };
            let gi = if short { GuardInterval::Short } else { GuardInterval::Long };
            let received = Mcs::ALL.into_iter().filter(|mcs| ht.mcs.receives(mcs.index()));
            rates.extend(received.map(|mcs| Rate::Ht(HtRate { mcs, width, gi })));
        }
        rates.sort_by(|a, b| a.mbps(bandwidth).total_cmp(&b.mbps(bandwidth)));
        rates
    }

    /// Whether data at the rate is understood.
    pub fn receives(&self, rate: Rate) -> bool {
        match (rate, &self.ht) {
            (Rate::NonHt(rate), _) => self.rates.contains(&rate),
            (Rate::Ht(_), None) => false,
            (Rate::Ht(rate), Some(ht)) => {
                let information = ht.information;
                let (width, short) = match rate.width {
                    HtWidth::Mhz40 => (information.channel_width_40(), information.sgi_40()),
                    HtWidth::Mhz20 => (true, information.sgi_20()),
                };
                ht.mcs.receives(rate.mcs.index())
                    && width
                    && (short || rate.gi == GuardInterval::Long)
            }
        }
    }
}

fn ofdm_rate(rate: SupportedRate) -> Option<OfdmRate> {
    OfdmRate::from_mbps(f64::from(rate.half_mbps()) / 2.0, Bandwidth::Mhz20)
}
