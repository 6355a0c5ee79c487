//! Whatever happens to a network, HACK loses, doubles, reorders and alters no TCP ACK, and no flow
//! stalls that would not have stalled without.

mod bench;
mod capture;
mod check;
mod faults;
mod flows;
mod hostile;
mod ledger;
mod responses;
mod soup;
mod stations;
mod wireshark;
