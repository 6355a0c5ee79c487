//! The Ethernet interface of a station: a TAP device, with addresses and routes.
//!
//! It goes with the last handle to it, however `ackride` ends, and the kernel takes its addresses and
//! routes with it.

use std::fs::File;
use std::io;
use std::path::Path;
use std::process::Command;
use std::thread;

use anyhow::{Context, Result, bail, ensure};
use mac::MacAddr;
use nix::sched::{CloneFlags, setns};
use tun_rs::{DeviceBuilder, Layer, SyncDevice};

use super::config::{HostTable, Network, Route};

const DEVICE_FILE: &str = "/dev/net/tun";
const MTU: u16 = 1500;
/// Where iproute2 keeps namespaces that have names.
const NAMED: &str = "/run/netns";
/// Packets that the kernel keeps for us while we are late.
const DEVICE_QUEUE: &str = "1000";

/// Makes the interface, with this address on the air.
pub fn open(host: &HostTable, address: MacAddr) -> Result<SyncDevice> {
    let Some(name) = &host.netns else { return make(host, address) };
    let path = Path::new(NAMED).join(name);
    let namespace = File::open(&path)
        .with_context(|| format!("netns: there is no {} (ip netns add {name})", path.display()))?;
    let inside = || {
        setns(&namespace, CloneFlags::CLONE_NEWNET)
            .with_context(|| format!("netns: entering {name} needs root"))?;
        make(host, address)
    };
    // A thread of its own, for the others stay where they are.
    thread::scope(|scope| scope.spawn(inside).join().expect("it does not panic"))
}

fn make(host: &HostTable, address: MacAddr) -> Result<SyncDevice> {
    ensure!(
        Path::new(DEVICE_FILE).exists(),
        "there is no {DEVICE_FILE}: load the kernel's module tun (modprobe tun)"
    );
    let name = &host.interface;
    ensure!(
        !Path::new("/sys/class/net").join(name).exists() || host.netns.is_some(),
        "there is an interface {name} already: choose another name by the key interface"
    );
    let builder = DeviceBuilder::new().name(name).layer(Layer::L2).mac_addr(address.0).mtu(MTU);
    let device = builder
        .build_sync()
        .with_context(|| format!("interface {name}: a TAP device needs root (or CAP_NET_ADMIN)"))?;
    device.set_nonblocking(true).context("a TAP device that does not block")?;
    ip(&["link", "set", name, "txqueuelen", DEVICE_QUEUE])?;
    ip(&["link", "set", name, "up"])?;
    for Network { address, prefix } in &host.address {
        ip(&["address", "add", &format!("{address}/{prefix}"), "dev", name]).context("address")?;
    }
    for Route { to, via } in &host.routes {
        let to = to.map_or("default".to_owned(), |Network { address, prefix }| {
            format!("{address}/{prefix}")
        });
        let via = via.map(|router| router.to_string());
        let mut args = vec!["route", "add", &to, "dev", name];
        args.extend(via.iter().flat_map(|router| ["via", router.as_str()]));
        ip(&args).context("routes")?;
    }
    Ok(device)
}

/// The `ip` of iproute2, in the namespace of this thread.
fn ip(args: &[&str]) -> Result<()> {
    let output = match Command::new("ip").args(args).output() {
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            bail!("there is no command ip: install iproute2")
        }
        output => output.context("ip")?,
    };
    let complaint = String::from_utf8_lossy(&output.stderr);
    ensure!(output.status.success(), "ip {}: {}", args.join(" "), complaint.trim());
    Ok(())
}
