//! A network with HACK against the same one without.

use std::time::Duration;

use hack::Policy;
use mac::{Instant, PhyIndication};

use crate::bench::{Bench, POLICIES, Setup};

/// Beyond what the same network without HACK would have paused.
pub const PATIENCE: Duration = Duration::from_millis(200);

/// Runs a network with faults with and without HACK. No ACK may be missing, and no flow may pause
/// for long that does not without.
pub fn check<F>(setup: &Setup, faults: impl Fn() -> F) -> Bench
where
    F: FnMut(Instant, usize, PhyIndication) -> PhyIndication + Send + 'static,
{
    let run = |setup: &Setup| {
        let mut bench = Bench::new(setup);
        bench.network.set_faults(faults());
        bench.finish();
        bench.ledger().assert_complete();
        bench
    };
    let (native, bench) = (run(&setup.natively()), run(setup));
    assert_no_stall(&bench, &native);
    bench
}

/// No flow has paused for long that did not natively, and no ACK has waited.
pub fn assert_no_stall(bench: &Bench, native: &Bench) {
    let (native, with_hack) = (native.ledger(), bench.ledger());
    let (natively, paused) = (native.longest_pause(), with_hack.longest_pause());
    let setup = bench.setup();
    assert!(paused < natively + PATIENCE, "{setup:?}: {paused:?} instead of {natively:?}");
    let (natively, waited) = (native.longest_ack_wait(), with_hack.longest_ack_wait());
    assert!(waited < natively + PATIENCE, "{setup:?}: {waited:?} instead of {natively:?}");
}

/// The same with every policy.
pub fn with_all(setup: impl Fn(Policy) -> Setup, check: impl Fn(&Setup)) {
    for policy in POLICIES {
        check(&setup(policy));
    }
}
