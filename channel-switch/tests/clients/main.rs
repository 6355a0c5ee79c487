//! Clients of several APs in networks in virtual time: they lose nothing when they switch, and
//! whatever happens to their APs, nothing hangs.

mod bench;
#[path = "../../../hack/tests/network/ledger.rs"]
#[allow(dead_code)]
mod ledger;
mod membership;
mod soup;
mod states;
mod watch;
