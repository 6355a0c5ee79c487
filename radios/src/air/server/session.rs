//! What a radio says to its air.

use super::client::{Client, Joined};
use crate::air::config::{AirConfig, Pacing};
use crate::air::front_end::saturate;
use crate::air::mixer::Mixer;
use crate::air::wire::{self, Header, Kind, Listening, WireFormat};
use crate::radio::{Decibel, Hertz, SampleTime};

/// The longest name of a radio, in bytes.
const MAX_NAME: usize = 64;

/// Reads what has come from a radio, without waiting, and does it.
///
/// # Errors
/// Why the connection ends, in a sentence.
pub(super) fn receive(
    client: &mut Client,
    mixer: &mut Mixer,
    config: &AirConfig,
) -> Result<(), String> {
    let connected = client.receive();
    // What was said before the end is heard.
    loop {
        let id = client.joined.as_ref().map(|radio| radio.id);
        let Some((header, payload)) = client.next_message()? else { return connected };
        match (header.kind, id) {
            (Kind::Hello, None) => {
                let hello = Hello::parse(&header, payload)?;
                join(client, hello, mixer, config)?;
            }
            (Kind::Tx, Some(id)) => {
                if header.count as usize > wire::MAX_TX_SAMPLES {
                    let most = wire::MAX_TX_SAMPLES;
                    return Err(format!("it sent {} samples at once, over {most}", header.count));
                }
                let mut buffer = mixer.buffer();
                buffer.resize(header.count as usize, Default::default());
                wire::get_samples(&header, payload, &mut buffer);
                saturate(&mut buffer);
                let at = SampleTime(header.time);
                mixer.submit(id, at, buffer, header.end_of_burst).map_err(|samples| {
                    format!("it sent {samples} samples too many ahead of their time")
                })?;
            }
            (Kind::Settle, Some(id)) => mixer.settle(id, SampleTime(header.time)),
            (Kind::Listen, Some(id)) => {
                let what = Listening::from_count(header.count).ok_or("it listens to nonsense")?;
                if what == Listening::Samples {
                    // It learns the time with its first block, and cannot have anything for that.
                    mixer.settle(id, mixer.next() + config.block as u64);
                }
                if let Some(radio) = &mut client.joined {
                    radio.listening = what;
                }
            }
            (Kind::Tune, Some(id)) => mixer.tune(id, Hertz(number(payload)?)),
            (Kind::TxGain, Some(id)) => mixer.set_tx_gain(id, Decibel(number(payload)?)),
            (kind, _) => return Err(format!("it sent {kind:?} where that means nothing")),
        }
    }
}

/// What a radio says first.
struct Hello {
    name: String,
    centre: Hertz,
    format: WireFormat,
}

impl Hello {
    fn parse(header: &Header, payload: &[u8]) -> Result<Self, String> {
        let rest = payload.strip_prefix(&wire::MAGIC).ok_or("it speaks another protocol")?;
        let (centre, name) = rest.split_at_checked(8).ok_or("its hello is too short")?;
        let name = str::from_utf8(name).map_err(|_| "its name is not UTF-8")?;
        if name.is_empty() || name.len() > MAX_NAME || name.chars().any(char::is_control) {
            return Err(format!("a name has 1 to {MAX_NAME} bytes and no control characters"));
        }
        let format = header.wanted_format().ok_or("it asked for no format of samples")?;
        Ok(Self { name: name.to_owned(), centre: Hertz(number(centre)?), format })
    }
}

fn join(
    client: &mut Client,
    hello: Hello,
    mixer: &mut Mixer,
    config: &AirConfig,
) -> Result<(), String> {
    let Hello { name, centre, format } = hello;
    if mixer.has(&name) {
        return Err(format!("a radio of the name '{name}' is in the air already"));
    }
    let welcome = wire::Welcome {
        sample_rate_hz: config.sample_rate.0,
        noise_db: config.noise.map_or(f64::NAN, |noise| noise.0),
        noise_seed: config.pair_seed(&name, ""),
        block: config.block as u32,
        lockstep: config.pacing != Pacing::RealTime,
    };
    let payload = welcome.to_bytes();
    client.send(Header::new(Kind::Welcome, mixer.next().0, payload.len()), &payload)?;
    let id = mixer.join(&name, centre);
    client.joined = Some(Joined {
        id,
        name,
        format,
        listening: Listening::No,
        told_at: SampleTime(0),
        lost: 0,
    });
    Ok(())
}

/// A finite number of 8 bytes.
fn number(payload: &[u8]) -> Result<f64, String> {
    let bytes = payload.try_into().map_err(|_| "a number has 8 bytes")?;
    let number = f64::from_le_bytes(bytes);
    number.is_finite().then_some(number).ok_or_else(|| format!("it sent {number}"))
}
