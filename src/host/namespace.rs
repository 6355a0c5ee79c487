//! A network namespace with TUN devices, which are all that is in it, and so the only way out.
//!
//! It has no name and no process: it is there as long as somebody holds it open or runs in it, and
//! the kernel takes it and all that is in it away with the last of them, however that one ended.

use std::ffi::OsStr;
use std::fs::{self, File};
use std::io;
use std::net::IpAddr;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::thread;

use anyhow::{Context, Result, bail, ensure};
use nix::errno::Errno;
use nix::sched::{CloneFlags, setns, unshare};
use tun_rs::{DeviceBuilder, SyncDevice};

const DEVICE_FILE: &str = "/dev/net/tun";
const MTU: u16 = 1500;
/// Packets that the kernel keeps for us while we are late: a second of 100 Mbit/s.
const DEVICE_QUEUE: &str = "10000";

/// A network namespace.
pub struct Namespace(File);

impl Namespace {
    /// A namespace in which nothing is but the loopback device.
    pub fn new() -> Result<Self> {
        // A thread of its own, for the others stay where they are.
        let new = || -> Result<Self> {
            unshare(CloneFlags::CLONE_NEWNET).map_err(explain)?;
            let namespace = File::open("/proc/thread-self/ns/net")
                .context("/proc/thread-self/ns/net: is /proc mounted?")?;
            Ok(Self(namespace))
        };
        let namespace = in_a_thread(new)?;
        namespace.enter(|| run_ip(["link", "set", "lo", "up"]))?;
        // Scenarios have no IPv6, whose hosts talk from the first moment on.
        if Path::new("/proc/sys/net/ipv6").exists() {
            namespace.set("net.ipv6.conf.default.disable_ipv6", "1")?;
        }
        Ok(namespace)
    }

    /// That of `ip netns`, of this name.
    pub fn named(name: &str) -> Result<Self> {
        let path = Path::new("/run/netns").join(name);
        let namespace = File::open(&path).map(Self);
        namespace
            .with_context(|| format!("there is no network namespace '{name}' ({})", path.display()))
    }

    /// The one in which we are.
    pub fn of_this_process() -> Result<Self> {
        let path = "/proc/self/ns/net";
        File::open(path).map(Self).with_context(|| format!("{path}: is /proc mounted?"))
    }

    /// Does something with the namespace's network.
    pub fn enter<T: Send>(&self, what: impl FnOnce() -> Result<T> + Send) -> Result<T> {
        in_a_thread(|| {
            setns(&self.0, CloneFlags::CLONE_NEWNET).context("entering a network namespace")?;
            what()
        })
    }

    /// Sets a kernel parameter, named as for sysctl.
    pub fn set(&self, key: &str, value: &str) -> Result<()> {
        let set = || fs::write(parameter(key), value).with_context(|| format!("{key} = {value}"));
        self.enter(set)
    }

    /// The value of a kernel parameter.
    pub fn get(&self, key: &str) -> Result<String> {
        let value =
            self.enter(|| fs::read_to_string(parameter(key)).with_context(|| key.to_owned()));
        Ok(value?.trim().to_owned())
    }

    /// A device through which the kernel has this address, and all others of its network.
    pub fn open_device(&self, name: &str, address: IpAddr, prefix: u8) -> Result<SyncDevice> {
        ensure!(
            Path::new(DEVICE_FILE).exists(),
            "there is no {DEVICE_FILE}: load the kernel's module tun (modprobe tun)"
        );
        let builder = DeviceBuilder::new().name(name).mtu(MTU);
        let builder = match address {
            IpAddr::V4(address) => builder.ipv4(address, prefix, None),
            IpAddr::V6(address) => builder.ipv6(address, prefix),
        };
        let device = self.enter(|| {
            let device = builder.build_sync();
            let device = device.with_context(|| format!("a TUN device of {DEVICE_FILE}"))?;
            // By ioctl that would need root outside of all user namespaces.
            run_ip(["link", "set", name, "txqueuelen", DEVICE_QUEUE])?;
            Ok(device)
        })?;
        device.set_nonblocking(true).context("a TUN device that does not block")?;
        Ok(device)
    }
}

fn parameter(key: &str) -> PathBuf {
    Path::new("/proc/sys").join(key.replace('.', "/"))
}

fn in_a_thread<T: Send>(what: impl FnOnce() -> T + Send) -> T {
    thread::scope(|scope| scope.spawn(what).join().expect("it does not panic"))
}

fn explain(error: Errno) -> anyhow::Error {
    let advice = match error {
        Errno::EPERM => {
            ": run this as root, or as root of a user namespace (unshare --user --map-root-user)"
        }
        Errno::EINVAL => ": the kernel has none (CONFIG_NET_NS)",
        _ => "",
    };
    anyhow::Error::new(error).context(format!("no network namespace can be made{advice}"))
}

/// The `ip` of iproute2, in the namespace of this thread.
pub fn run_ip<S: AsRef<OsStr>>(args: impl IntoIterator<Item = S>) -> Result<()> {
    let mut command = Command::new("ip");
    let output = match command.args(args).output() {
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            bail!("there is no command ip: install iproute2")
        }
        output => output.context("ip")?,
    };
    let complaint = String::from_utf8_lossy(&output.stderr);
    let args: Vec<_> = command.get_args().map(OsStr::to_string_lossy).collect();
    ensure!(output.status.success(), "ip {}: {}", args.join(" "), complaint.trim());
    Ok(())
}
