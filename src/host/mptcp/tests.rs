//! Against the kernel of this machine, in a network namespace with nothing but loopback. Needs root
//! and MPTCP, and says so where it skips.

use std::io::{self, Read, Write};
use std::net::{IpAddr, SocketAddr};
use std::process::Command;
use std::thread;
use std::time::{Duration, Instant};

use nix::errno::Errno;
use socket2::{Domain, Protocol, Socket, Type};

use super::super::namespace::{Namespace, run_ip};
use super::address::{Endpoint, EndpointFlags};
use super::changes::Changes;
use super::event::{Event, Path, Token};
use super::manager::{Manager, Told};
use super::message::{Limits, Request};
use super::path_manager::{PathManager, is};
use super::policy::{Best, Join, Policy, Refresh, Reset};
use super::statistics::Statistics;

const CLIENT: [u8; 4] = [10, 77, 1, 2];
const ALSO_CLIENT: [u8; 4] = [10, 77, 2, 2];
const SERVER: [u8; 4] = [10, 77, 0, 1];
const PATIENCE: Duration = Duration::from_secs(5);
/// More than one segment, so that a connection is fully established.
static PAYLOAD: [u8; 100_000] = [7; 100_000];

/// Where all addresses are on loopback. Or why there is no such place.
fn place() -> Result<Namespace, String> {
    let place = || -> anyhow::Result<Namespace> {
        let namespace = Namespace::new()?;
        namespace.enter(|| {
            for address in [CLIENT, ALSO_CLIENT, SERVER] {
                let address = IpAddr::from(address).to_string();
                run_ip(["addr", "add", &address, "dev", "lo"])?;
            }
            PathManager::open().map(drop)
        })?;
        Ok(namespace)
    };
    place().map_err(|error| format!("skipped: {error:#}"))
}

/// Tells why a test that passes has not tested. The harness swallows what print macros print.
fn tell(reason: &str) {
    let _ = writeln!(io::stderr(), "{reason}");
}

macro_rules! place_or_return {
    () => {
        match place() {
            Ok(namespace) => namespace,
            Err(reason) => return tell(&reason),
        }
    };
}

/// Both ends of a connection.
struct Connection {
    client: Socket,
    server: Socket,
    /// Subflows join where somebody listens.
    _listener: Socket,
}

impl Connection {
    /// By whose socket is made in the namespace, it is of it.
    fn open(namespace: &Namespace) -> Self {
        let connect = || {
            let socket = || Socket::new(Domain::IPV4, Type::STREAM, Some(Protocol::MPTCP));
            let listener = socket()?;
            listener.bind(&SocketAddr::from((SERVER, 0)).into())?;
            listener.listen(1)?;
            let client = socket()?;
            client.bind(&SocketAddr::from((CLIENT, 0)).into())?;
            client.connect(&listener.local_addr()?)?;
            let (server, _) = listener.accept()?;
            Ok(Self { client, server, _listener: listener })
        };
        let connection = namespace.enter(connect).unwrap();
        connection.talk();
        connection
    }

    /// Some data there, some back.
    fn talk(&self) {
        let Self { client, server, .. } = self;
        for (mut from, mut to) in [(client, server), (server, client)] {
            let mut got = [0; PAYLOAD.len()];
            thread::scope(|scope| {
                scope.spawn(|| from.write_all(&PAYLOAD).unwrap());
                to.read_exact(&mut got).unwrap();
            });
            assert_eq!(got, PAYLOAD);
        }
    }
}

/// Where connections are left to us.
fn left_to_us() -> Result<Namespace, String> {
    let namespace = place()?;
    let parameter = "net.mptcp.path_manager";
    namespace.set(parameter, "userspace").map_err(|error| format!("skipped: {error:#}"))?;
    Ok(namespace)
}

fn subflows(namespace: &Namespace) -> Vec<Path> {
    let mut all = namespace.enter(|| Statistics::open()?.poll()).unwrap();
    all.retain(|subflow| subflow.path.remote.ip() == IpAddr::from(SERVER));
    all.into_iter().map(|subflow| subflow.path).collect()
}

/// Waits until it is so.
fn until(what: &str, mut is_so: impl FnMut() -> bool) {
    let deadline = Instant::now() + PATIENCE;
    while !is_so() {
        assert!(Instant::now() < deadline, "it never was so: {what}");
        thread::sleep(Duration::from_millis(5));
    }
}

/// Manages paths until it has heard or done what is waited for; all until then.
fn manage(manager: &mut Manager, what: &str, mut is_it: impl FnMut(&Told<'_>) -> bool) {
    let mut found = false;
    let deadline = Instant::now() + PATIENCE;
    let mut log = vec![];
    while !found {
        assert!(Instant::now() < deadline, "never: {what}; {log:#?}");
        manager
            .step(&mut |_, told| {
                found |= is_it(&told);
                log.push(format!("{told:?}"));
            })
            .unwrap();
    }
}

/// Whether a subflow of the client's has been established from there.
fn is_join(told: &Told<'_>, from: [u8; 4]) -> bool {
    matches!(told, Told::Event(Event::SubflowEstablished { subflow, .. }) if is_client(&subflow.path, from))
}

fn is_client(path: &Path, ip: [u8; 4]) -> bool {
    path.local.ip() == IpAddr::from(ip)
}

#[test]
fn endpoints_and_limits_are_as_they_were_set() {
    let namespace = place_or_return!();
    let flags = EndpointFlags { backup: true, ..EndpointFlags::subflow() };
    let endpoint = Endpoint::new(ALSO_CLIENT.into()).with_flags(flags);
    namespace
        .enter(|| {
            let mut manager = PathManager::open()?;
            let limits = Limits { add_addr_accepted: 3, subflows: 2 };
            manager.set_limits(limits)?;
            assert_eq!(manager.limits()?, limits);
            manager.add(endpoint)?;
            let [added] = manager.endpoints()?.try_into().expect("one");
            assert_eq!(added, endpoint.with_id(added.id));
            assert!(is(&manager.add(endpoint).unwrap_err(), Errno::EEXIST));
            manager.set_backup(endpoint, false)?;
            assert!(!manager.endpoints()?[0].flags.backup);
            manager.delete(endpoint)?;
            assert_eq!(manager.endpoints()?, []);
            manager.delete(endpoint)
        })
        .unwrap();
}

#[test]
fn an_endpoint_gives_connections_a_subflow_and_takes_it_along() {
    let namespace = place_or_return!();
    let endpoint = Endpoint::new(ALSO_CLIENT.into()).with_flags(EndpointFlags::subflow());
    let mut changes = Changes::new(&namespace);
    changes.set_limits(Limits { add_addr_accepted: 0, subflows: 2 }).unwrap();
    let connection = Connection::open(&namespace);
    assert_eq!(subflows(&namespace).len(), 1);
    changes.add_endpoint(endpoint).unwrap();
    until("there are two subflows", || subflows(&namespace).len() == 2);
    connection.talk();
    drop(changes);
    until("there is one again", || subflows(&namespace).len() == 1);
    connection.talk();
    let limits = namespace.enter(|| PathManager::open()?.limits()).unwrap();
    assert!(limits.subflows != 0 || limits.add_addr_accepted == 0);
}

#[test]
fn changes_are_taken_back_in_reverse_order_even_in_a_panic() {
    let namespace = place_or_return!();
    let state = || {
        let limits = namespace.enter(|| {
            let mut manager = PathManager::open()?;
            Ok((manager.limits()?, manager.endpoints()?))
        });
        (limits.unwrap(), namespace.get("net.ipv4.tcp_sack").unwrap())
    };
    let before = state();
    let panicked = thread::scope(|scope| {
        let change = || {
            let mut changes = Changes::new(&namespace);
            changes.set("net.ipv4.tcp_sack", "0").unwrap();
            changes.set_limits(Limits { add_addr_accepted: 5, subflows: 5 }).unwrap();
            changes.add_endpoint(Endpoint::new(ALSO_CLIENT.into())).unwrap();
            assert_ne!(state(), before);
            panic!("as it should");
        };
        scope.spawn(change).join().is_err()
    });
    assert!(panicked);
    assert_eq!(state(), before);
}

#[test]
fn subflows_are_opened_given_priorities_and_closed_on_request() {
    let namespace = match left_to_us() {
        Ok(namespace) => namespace,
        Err(reason) => return tell(&reason),
    };
    let mut manager = Manager::new(&namespace, vec![], false).unwrap();
    let connection = Connection::open(&namespace);
    let mut opened = None;
    manage(&mut manager, "established", |told| {
        if let Told::Event(Event::Established { token, path, server_side: false }) = told {
            opened = Some((*token, *path));
        }
        opened.is_some()
    });
    let (token, first) = opened.unwrap();
    assert_eq!(subflows(&namespace), [first]);
    let request = |request: Request| {
        namespace.enter(|| PathManager::open()?.request(&request)).unwrap();
    };
    let local = Endpoint::new(ALSO_CLIENT.into()).with_id(2);
    let remote = Endpoint::of_subflow(first.remote);
    request(Request::CreateSubflow { token, local, remote });
    let mut second = None;
    manage(&mut manager, "a second subflow", |told| {
        if let Told::Event(Event::SubflowEstablished { token: of, subflow }) = told
            && *of == token
        {
            second = Some(*subflow);
        }
        second.is_some()
    });
    let second = second.unwrap();
    assert_eq!((second.local_id, second.backup), (2, false));
    assert!(is_client(&second.path, ALSO_CLIENT));
    // What we make a backup, the peer is told: here we are the peer as well.
    request(Request::SetPriority { token, path: second.path, backup: true });
    manage(
        &mut manager,
        "the peer hears the priority",
        |told| matches!(told, Told::Event(Event::SubflowPriority { subflow, .. }) if subflow.backup),
    );
    let is_backup = || {
        let all = namespace.enter(|| Statistics::open()?.poll()).unwrap();
        all.iter().any(|subflow| subflow.path == second.path && subflow.backup)
    };
    until("the statistics show the priority", is_backup);
    request(Request::Announce { token, address: Endpoint::new([10, 77, 3, 2].into()).with_id(9) });
    manage(&mut manager, "the peer hears an address", |told| {
        matches!(told, Told::Event(Event::Announced { remote_id: 9, .. }))
    });
    request(Request::Remove { token, local_id: 9 });
    manage(&mut manager, "the peer hears that it is no more", |told| {
        matches!(told, Told::Event(Event::Removed { remote_id: 9, .. }))
    });
    request(Request::DestroySubflow { token, path: second.path });
    manage(
        &mut manager,
        "the second is closed",
        |told| matches!(told, Told::Event(Event::SubflowClosed { subflow, .. }) if subflow.path == second.path),
    );
    until("the first is left", || subflows(&namespace) == [first]);
    connection.talk();
    drop(connection);
    manage(
        &mut manager,
        "the connection is closed",
        |told| matches!(told, Told::Event(Event::Closed { token: of }) if *of == token),
    );
}

#[test]
fn what_the_kernel_refuses_is_told_with_its_reason() {
    let namespace = place_or_return!();
    let request = Request::Remove { token: Token(1), local_id: 1 };
    let refused = namespace.enter(|| PathManager::open()?.request(&request)).unwrap_err();
    assert!(is(&refused, Errno::EINVAL), "{refused:#}");
}

fn with(policy: impl Policy + 'static) -> Result<(Namespace, Manager), String> {
    let namespace = left_to_us()?;
    let manager = Manager::new(&namespace, vec![Box::new(policy)], false).unwrap();
    Ok((namespace, manager))
}

fn both() -> Vec<IpAddr> {
    vec![CLIENT.into(), ALSO_CLIENT.into()]
}

#[test]
fn joining_gives_a_connection_a_subflow_from_each_address() {
    let (namespace, mut manager) = match with(Join::new(both())) {
        Ok(with) => with,
        Err(reason) => return tell(&reason),
    };
    let connection = Connection::open(&namespace);
    manage(&mut manager, "a second subflow", |told| is_join(told, ALSO_CLIENT));
    connection.talk();
}

#[test]
fn a_connection_that_has_too_little_gets_a_second_path() {
    let (namespace, mut manager) = match with(Best::new(1000.0, both())) {
        Ok(with) => with,
        Err(reason) => return tell(&reason),
    };
    // Slow start says nothing of a path, and ends by a loss.
    let narrow = "qdisc add dev lo root tbf rate 100mbit burst 10kb limit 15kb";
    let narrowed = namespace.enter(|| {
        run_ip(["link", "set", "lo", "mtu", "1500"])?;
        Ok(Command::new("tc").args(narrow.split(' ')).output()?)
    });
    if !narrowed.is_ok_and(|output| output.status.success()) {
        return tell("skipped: needs tc with tbf");
    }
    let connection = Connection::open(&namespace);
    let mut seen = false;
    let deadline = Instant::now() + PATIENCE;
    while !seen {
        assert!(Instant::now() < deadline, "it has got none");
        connection.talk();
        let step = manager.step(&mut |_, told| seen |= is_join(&told, ALSO_CLIENT));
        step.unwrap();
    }
}

#[test]
fn a_subflow_that_is_reset_is_opened_again() {
    let (namespace, mut manager) = match with(Reset::new(both())) {
        Ok(with) => with,
        Err(reason) => return tell(&reason),
    };
    let connection = Connection::open(&namespace);
    let [first] = subflows(&namespace).try_into().expect("one subflow");
    manage(&mut manager, "established", |told| {
        matches!(told, Told::Event(Event::Established { server_side: false, .. }))
    });
    // From the other end, which says that it has no reason to tell: the path itself is good.
    let from = SocketAddr::to_string(&first.remote);
    let kill = ["-K", "src", &from];
    let killed = namespace.enter(|| Ok(Command::new("ss").args(kill).output()?));
    assert!(killed.unwrap().status.success());
    manage(&mut manager, "it is opened again", |told| is_join(told, CLIENT));
    connection.talk();
}

#[test]
fn an_old_subflow_is_replaced_and_no_byte_is_lost() {
    let every = Duration::from_millis(1200);
    let (namespace, mut manager) = match with(Refresh::new(1, every, vec![])) {
        Ok(with) => with,
        Err(reason) => return tell(&reason),
    };
    let connection = Connection::open(&namespace);
    let [first] = subflows(&namespace).try_into().expect("one subflow");
    manage(&mut manager, "a second subflow", |told| {
        matches!(told, Told::Event(Event::SubflowEstablished { .. }))
    });
    connection.talk();
    manage(
        &mut manager,
        "the first is closed",
        |told| matches!(told, Told::Event(Event::SubflowClosed { subflow, .. }) if subflow.path == first),
    );
    until("there is one subflow", || subflows(&namespace).len() == 1);
    assert_ne!(subflows(&namespace), [first]);
    connection.talk();
}
