//! Radios by their addresses.

use super::{Decibel, Direction, Hertz, Radio};
use crate::Error;

/// What a radio is set to before it is started.
#[derive(Debug, Clone, PartialEq)]
pub struct RadioSettings {
    /// What it is called where that matters: in simulated air.
    pub name: String,
    /// Samples a second, in and out.
    pub sample_rate: Hertz,
    /// Centre frequency, in and out.
    pub frequency: Hertz,
    /// Width of the analogue filters; none for what the radio takes by itself.
    pub bandwidth: Option<Hertz>,
    /// Gain of the receiver; none for what the radio takes by itself.
    pub rx_gain: Option<Decibel>,
    /// Gain of the transmitter; none for what the radio takes by itself.
    pub tx_gain: Option<Decibel>,
}

impl RadioSettings {
    /// Of a radio at some frequency.
    pub fn new(name: &str, sample_rate: Hertz, frequency: Hertz) -> Self {
        Self {
            name: name.to_owned(),
            sample_rate,
            frequency,
            bandwidth: None,
            rx_gain: None,
            tx_gain: None,
        }
    }
}

/// Opens the radio that `address` names, and sets it up:
///
/// | address | radio |
/// |---|---|
/// | `air:unix:PATH`, `air:tcp:HOST:PORT` | in the simulated air that is served there |
/// | `file:RX` | plays a SigMF recording; `file:RX,tx=TX`, `,loop`, `,fast` |
/// | `soapy:ARGS` | a device of SoapySDR, by its arguments |
///
/// # Errors
/// If the address names no radio, or the radio is not to be had or not capable of its settings.
pub fn open(address: &str, settings: &RadioSettings) -> Result<Box<dyn Radio>, Error> {
    let wrong =
        |reason: &str| Error::Address { address: address.to_owned(), reason: reason.into() };
    let (kind, rest) = address.split_once(':').ok_or_else(|| wrong(KINDS))?;
    let mut radio: Box<dyn Radio> = match kind {
        "file" => Box::new(crate::FileRadio::open(&rest.parse()?, settings)?),
        #[cfg(unix)]
        "air" => Box::new(crate::air::RemoteAirRadio::connect(
            &rest.parse()?,
            &settings.name,
            settings.frequency,
            crate::air::WireFormat::default(),
        )?),
        #[cfg(not(unix))]
        "air" => return Err(wrong("sockets of simulated air need Unix")),
        #[cfg(feature = "soapy")]
        "soapy" => Box::new(crate::SoapyRadio::open(rest, settings)?),
        #[cfg(not(feature = "soapy"))]
        "soapy" => return Err(wrong("this program was built without the feature 'soapy'")),
        _ => return Err(wrong(KINDS)),
    };
    if radio.sample_rate() != settings.sample_rate {
        return Err(Error::Unsupported {
            reason: format!(
                "its sample rate is {}, and {} was asked for",
                radio.sample_rate(),
                settings.sample_rate
            ),
            radio: radio.describe(),
        });
    }
    if let Some(bandwidth) = settings.bandwidth {
        radio.set_bandwidth(bandwidth)?;
    }
    if let Some(gain) = settings.rx_gain {
        radio.set_gain(Direction::Rx, gain)?;
    }
    if let Some(gain) = settings.tx_gain {
        radio.set_gain(Direction::Tx, gain)?;
    }
    Ok(radio)
}

const KINDS: &str = "write air:unix:PATH, air:tcp:HOST:PORT, file:RECORDING or soapy:ARGUMENTS";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_of_no_radio_are_told_what_is_one() {
        let settings = RadioSettings::new("a", Hertz(20e6), Hertz(5.18e9));
        for address in ["", "air", "usrp:x", "air:x", "file:"] {
            assert!(matches!(open(address, &settings), Err(Error::Address { .. })), "{address}");
        }
    }
}
