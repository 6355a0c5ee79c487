//! A machine of a scenario: the kernel's own network stack in a namespace, with a device, or one for
//! each AP that it may have.

use std::collections::BTreeMap;
use std::net::IpAddr;
use std::sync::Arc;

use anyhow::{Context, Result};
use mac::MacAddr;
use sim::network::Observer;
use sim::scenario::{Built, NamedHost};
use tun_rs::SyncDevice;

use super::mptcp::{Changes, Limits, SourceRoute};
use super::namespace::Namespace;

/// The network of all addresses of a scenario.
const NETWORK: u8 = 16;
/// An address that has nothing to do with others.
const ALONE: u8 = 32;
/// Number of the routing table of a machine's first path.
const FIRST_TABLE: u32 = 101;
/// As many as MPTCP can have.
const LIMITS: Limits = Limits { add_addr_accepted: 8, subflows: 8 };

/// A machine that programs can run on.
pub struct Machine {
    /// That of its first path.
    pub name: String,
    /// Number of its node.
    pub node: usize,
    pub namespace: Namespace,
    pub paths: Vec<Path>,
}

/// A host of the scenario: an address and a device of a machine.
pub struct Path {
    pub name: String,
    pub address: IpAddr,
    pub device: String,
    /// The AP by which it is, of a client that has several.
    pub ap: Option<Ap>,
}

pub struct Ap {
    pub name: String,
    pub address: MacAddr,
}

/// All machines of a network, and the devices of all its hosts in their order.
pub struct Machines {
    pub machines: Vec<Arc<Machine>>,
    pub devices: Vec<SyncDevice>,
    /// The machine of each host.
    pub of_host: Vec<usize>,
}

impl Machine {
    pub fn is_client_of_several(&self) -> bool {
        self.paths.iter().any(|path| path.ap.is_some())
    }
}

impl Machines {
    pub fn new<O: Observer>(built: &Built<O>) -> Result<Self> {
        let mut by_number: BTreeMap<usize, Vec<(usize, &NamedHost)>> = BTreeMap::new();
        for (number, host) in built.hosts().iter().enumerate() {
            by_number.entry(host.machine).or_default().push((number, host));
        }
        let has_clients = built.hosts().iter().any(|host| host.path.is_some());
        let mut devices: Vec<Option<SyncDevice>> = built.hosts().iter().map(|_| None).collect();
        let mut of_host = vec![0; devices.len()];
        let mut machines = vec![];
        for (node, hosts) in by_number {
            let namespace = Namespace::new()?;
            let mut paths = vec![];
            for (place, (number, host)) in hosts.iter().enumerate() {
                let path = Path {
                    name: host.name.clone(),
                    address: host.address,
                    device: format!("wlan{place}"),
                    ap: host.path.as_ref().map(|name| ap(built, name)),
                };
                let length = if path.ap.is_some() { ALONE } else { NETWORK };
                let device = namespace.open_device(&path.device, path.address, length)?;
                devices[*number] = Some(device);
                of_host[*number] = machines.len();
                paths.push(path);
            }
            let name = hosts[0].1.name.clone();
            let machine = Machine { name, node, namespace, paths };
            if has_clients {
                let multipath = machine.get_ready_for_mptcp();
                multipath.with_context(|| format!("paths for {}", machine.name))?;
            }
            machines.push(Arc::new(machine));
        }
        let devices = devices.into_iter().map(|device| device.expect("each host has a machine"));
        Ok(Self { machines, devices: devices.collect(), of_host })
    }
}

impl Machine {
    /// What does not depend on which paths there are. The namespace takes it along.
    fn get_ready_for_mptcp(&self) -> Result<()> {
        let mut changes = Changes::new(&self.namespace);
        changes.set_limits(LIMITS)?;
        // Nothing is remembered of earlier connections, and answers may take another way.
        changes.set("net.ipv4.tcp_no_metrics_save", "1")?;
        changes.set("net.ipv4.conf.all.rp_filter", "0")?;
        for ((table, path), _) in
            (FIRST_TABLE..).zip(&self.paths).zip(self.paths.iter().filter(|path| path.ap.is_some()))
        {
            let device = path.device.clone();
            let route = SourceRoute { from: path.address, device, gateway: None, table };
            changes.add_source_route(&route)?;
        }
        changes.keep();
        Ok(())
    }
}

fn ap<O: Observer>(built: &Built<O>, name: &str) -> Ap {
    let hosts = built.find(name).expect("it is of the scenario");
    let node = built.nodes()[hosts.start];
    Ap { name: name.to_owned(), address: built.network.mac(node).config().address }
}
