use std::net::IpAddr;
use std::str::FromStr;

use serde::Deserialize;

/// The machine's network behind a station.
#[derive(Debug, Clone, Deserialize)]
pub struct HostTable {
    /// Name of the Ethernet interface that is made.
    #[serde(default = "interface")]
    pub interface: String,
    /// Its addresses, as `10.77.0.1/24`.
    #[serde(default)]
    pub address: Vec<Network>,
    /// What is reached through it.
    #[serde(default)]
    pub routes: Vec<Route>,
    /// The network namespace in which it is, by its name; without, that of `ackride`.
    pub netns: Option<String>,
}

fn interface() -> String {
    "ackride0".into()
}

/// An address and the length of its prefix.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(try_from = "String")]
pub struct Network {
    /// The address.
    pub address: IpAddr,
    /// Bits of it that are the network's.
    pub prefix: u8,
}

impl FromStr for Network {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let parsed = text.split_once('/').and_then(|(address, prefix)| {
            let (address, prefix): (IpAddr, u8) = (address.parse().ok()?, prefix.parse().ok()?);
            let most = if address.is_ipv4() { 32 } else { 128 };
            (prefix <= most).then_some(Self { address, prefix })
        });
        parsed.ok_or_else(|| format!("\"{text}\" is no address with prefix; write 10.77.0.1/24"))
    }
}

impl TryFrom<String> for Network {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        text.parse()
    }
}

/// A route: a network, and the router if there is one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(try_from = "String")]
pub struct Route {
    /// Where it leads; anywhere without.
    pub to: Option<Network>,
    /// The next router.
    pub via: Option<IpAddr>,
}

impl TryFrom<String> for Route {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        let complaint = || {
            format!(
                "\"{text}\" is no route; write \"10.1.0.0/16 via 10.77.0.1\" or \"default via 10.77.0.1\""
            )
        };
        let mut words = text.split_whitespace();
        let to = match words.next() {
            Some("default") => None,
            Some(network) => Some(network.parse().map_err(|_| complaint())?),
            None => return Err(complaint()),
        };
        let via = match (words.next(), words.next(), words.next()) {
            (None, ..) => None,
            (Some("via"), Some(router), None) => Some(router.parse().map_err(|_| complaint())?),
            _ => return Err(complaint()),
        };
        Ok(Self { to, via })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn routes_are_written_as_for_ip() {
        let route = |text: &str| Route::try_from(text.to_owned());
        let network = "10.1.0.0/16".parse().unwrap();
        let router = "10.77.0.1".parse().unwrap();
        assert_eq!(route("10.1.0.0/16"), Ok(Route { to: Some(network), via: None }));
        assert_eq!(route("default via 10.77.0.1"), Ok(Route { to: None, via: Some(router) }));
        for text in ["", "10.1.0.0", "10.1.0.0/33", "default via", "default dev eth0", "x via y z"]
        {
            assert!(route(text).is_err(), "{text}");
        }
    }
}
