//! Which frames a recording is made of: terms that must all hold.

use std::str::FromStr;

use mac::{Frame, MacAddr, fcs};

use crate::report::FrameRecord;

/// Terms, as `kind=beacon,from=02:00:00:00:00:01`; none holds for all frames.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Filter(Vec<Term>);

#[derive(Debug, Clone, PartialEq, Eq)]
enum Term {
    /// Type or subtype by its name.
    Kind(String),
    From(MacAddr),
    To(MacAddr),
    Fcs(bool),
    /// There is no PSDU.
    Failed,
}

impl FromStr for Filter {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let terms = text.split(',').map(str::trim).filter(|term| !term.is_empty());
        terms.map(term).collect::<Result<_, _>>().map(Self)
    }
}

fn term(text: &str) -> Result<Term, String> {
    let address =
        |text: &str| text.parse().map_err(|_| format!("\"{text}\" is no address of a station"));
    match text.split_once('=') {
        Some(("kind", name)) => Ok(Term::Kind(name.to_ascii_lowercase())),
        Some(("from", from)) => Ok(Term::From(address(from)?)),
        Some(("to", to)) => Ok(Term::To(address(to)?)),
        Some(("fcs", "ok")) => Ok(Term::Fcs(true)),
        Some(("fcs", "bad")) => Ok(Term::Fcs(false)),
        None if text == "failed" => Ok(Term::Failed),
        _ => Err(format!(
            "\"{text}\" is no term of a filter; there are kind=beacon (or any other name that \
             frames have), from=ADDRESS, to=ADDRESS, fcs=ok, fcs=bad and failed"
        )),
    }
}

impl Filter {
    /// Whether a frame is one that is meant. Of an A-MPDU the first MPDU counts.
    pub fn holds(&self, record: &FrameRecord) -> bool {
        let mpdu = match (&record.psdu, &record.aggregate) {
            (Some(psdu), Some(aggregate)) => {
                aggregate.mpdus.first().map(|first| &psdu[first.range()])
            }
            (psdu, _) => psdu.as_deref(),
        };
        let body = mpdu.map(|mpdu| &mpdu[..mpdu.len().saturating_sub(fcs::LEN)]);
        let frame = body.and_then(|body| Frame::parse(body).ok());
        self.0.iter().all(|term| match term {
            Term::Failed => record.psdu.is_none(),
            Term::Fcs(ok) => record.psdu.is_some() && record.fcs_ok == *ok,
            Term::Kind(name) => {
                frame.as_ref().is_some_and(|frame| frame.kind().name().eq_ignore_ascii_case(name))
            }
            Term::From(from) => frame.as_ref().and_then(|frame| frame.transmitter()) == Some(*from),
            Term::To(to) => frame.as_ref().and_then(|frame| frame.receiver()) == Some(*to),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use phy80211::{Bandwidth, OfdmRate, Receiver, RxConfig, Transmitter, TxVector};

    /// The record of a frame as it is received.
    fn record(mpdu: &[u8]) -> FrameRecord {
        let mut air = vec![Default::default(); 200];
        let vector = TxVector::new(OfdmRate::Mbps12, 1);
        Transmitter::new(Bandwidth::Mhz20).modulate(&vector, mpdu, &mut air).unwrap();
        air.resize(air.len() + 200, Default::default());
        let mut receiver = Receiver::new(RxConfig::default());
        receiver.push(&air);
        FrameRecord::new("", receiver.next_frame().unwrap(), Bandwidth::Mhz20, 20e6)
    }

    #[test]
    fn terms_say_what_is_meant() {
        // An Ack.
        let mut ack = vec![0xd4, 0, 0, 0, 2, 0, 0, 0, 0, 1];
        fcs::append(&mut ack, 0);
        let right = record(&ack);
        ack[5] ^= 1;
        let wrong = record(&ack);
        let holds = |text: &str, record| text.parse::<Filter>().unwrap().holds(record);
        for text in ["", "kind=ack", "to=02:00:00:00:00:01, fcs=ok"] {
            assert!(holds(text, &right), "{text}");
        }
        for text in ["kind=beacon", "from=02:00:00:00:00:01", "fcs=bad", "failed"] {
            assert!(!holds(text, &right), "{text}");
        }
        assert!(holds("fcs=bad", &wrong) && !holds("fcs=ok", &wrong));
    }

    #[test]
    fn what_is_no_term_is_told() {
        for text in ["kind", "fcs=maybe", "from=x", "colour=red"] {
            assert!(text.parse::<Filter>().is_err(), "{text}");
        }
    }
}
